"""Names of nodes as Python identifiers: for modules, generated source and files of weights."""

from __future__ import annotations

import keyword
import re
import unicodedata

from graphs.network import Network, Node

_WORDS = """
    abs add_module add_submodule aiter all anext any apply ascii bfloat16 bin bool breakpoint buffers
    bytearray bytes call_super_init callable children chr classmethod code compile complex copyright cpu
    credits cuda delattr delete_all_unused_submodules delete_submodule dict dir divmod double dump_patches
    enumerate eval exec exit extra_repr filter float format forward frozenset get_buffer get_extra_state
    get_parameter get_submodule getattr globals graph half hasattr hash help hex id input int ipu isinstance
    issubclass iter len license list load_state_dict locals map max memoryview meta min modules mtia
    named_buffers named_children named_modules named_parameters next nn object oct open ord parameters pow
    print print_readable property quit range recompile register_backward_hook register_buffer
    register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook
    register_module register_parameter register_state_dict_post_hook register_state_dict_pre_hook repr
    requires_grad_ reversed round self set set_extra_state set_submodule setattr shape_env share_memory
    slice sorted state_dict staticmethod str sum super to to_empty to_folder torch train training tuple type
    vars x xpu zero_grad zip
"""
_TAKEN = frozenset(_WORDS.split())
"""Attributes of a module, and names that generated source needs for itself."""


LONGEST = 80
"""Characters of a name that stay; longer ones read badly, and some files take no more than 200 for a weight."""


def module_names(network: Network) -> dict[str, str]:
    """A unique Python identifier for each node, made from its title: "My conv" → my_conv."""
    names: dict[str, str] = {}
    used = set(_TAKEN)
    numbers: dict[str, int] = {}
    for node in map(network.nodes.__getitem__, network.ids):
        stem = name = _identifier(node)
        while name in used:
            numbers[stem] = numbers.get(stem, 1) + 1
            name = f"{stem}_{numbers[stem]}"
        names[node.id] = name
        used.add(name)
    return names


def _identifier(node: Node) -> str:
    for text in (node.title, node.id, node.kind):
        ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
        name = re.sub(r"\W+", "_", ascii_text).strip("_").lower()[:LONGEST].rstrip("_")
        if name:
            return f"_{name}" if name[0].isdigit() or keyword.iskeyword(name) else name
    return "node"
