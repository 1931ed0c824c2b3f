"""Names that a tensor of an operation may have: it becomes an attribute of a module, and stands in written source."""

from __future__ import annotations

import re

from graphs.names import PRIVATE, plain_name

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
    _add _kept _operand _result _value _work
"""
RESERVED = frozenset(_WORDS.split()) | PRIVATE
"""What a module, or one of an operation, has of its own."""
_CONSTANT = re.compile(r"_value[0-9]*|constant_[0-9]*|__.*")
"""Names that constants have, and those that Python has for itself."""
LONGEST = 80


def usable(name: object) -> bool:
    """Whether a tensor may have this name: a plain Python name that means nothing else."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST or not plain_name(name):
        return False
    return name not in RESERVED and not _CONSTANT.fullmatch(name)
