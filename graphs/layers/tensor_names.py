"""Names that a tensor of an operation may have: it becomes an attribute of a module, and stands in written source."""

from __future__ import annotations

import keyword
import re
import unicodedata

_WORDS = """
    T_destination add_module apply bfloat16 buffers call_super_init calls children compile cpu cuda double
    dump_patches each eval extra_repr float forward functions get_buffer get_extra_state get_parameter
    get_submodule gives half ipu known load_state_dict modules mtia name named_buffers named_children
    named_modules named_parameters op options parameters register_backward_hook register_buffer
    register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook
    register_module register_parameter register_state_dict_post_hook register_state_dict_pre_hook
    requires_grad_ results set_extra_state set_submodule share_memory slots state_dict target to to_empty
    train training type xpu zero_grad
    _add _apply _backward_hooks _backward_pre_hooks _buffers _call_impl _compiled_call_impl _forward_hooks
    _forward_hooks_always_called _forward_hooks_with_kwargs _forward_pre_hooks _forward_pre_hooks_with_kwargs
    _get_backward_hooks _get_backward_pre_hooks _get_name _is_full_backward_hook _kept _load_from_state_dict
    _load_state_dict_post_hooks _load_state_dict_pre_hooks _maybe_warn_non_full_backward_hook _modules
    _named_members _non_persistent_buffers_set _operand _parameters _register_load_state_dict_pre_hook
    _register_state_dict_hook _replicate_for_data_parallel _result _run _save_to_state_dict _slow_forward
    _state_dict_hooks _state_dict_pre_hooks _value _version _work _wrapped_call_impl
"""
RESERVED = frozenset(_WORDS.split())
"""What a module, or one of an operation, has of its own."""
_CONSTANT = re.compile(r"_value[0-9]*|constant_[0-9]*|__.*")
"""Names that constants have, and those that Python has for itself."""
LONGEST = 80


def usable(name: object) -> bool:
    """Whether a tensor may have this name: a plain Python name that means nothing else."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST or not name.isidentifier():
        return False
    if keyword.iskeyword(name) or name in RESERVED or _CONSTANT.fullmatch(name):
        return False
    return unicodedata.normalize("NFKC", name) == name
