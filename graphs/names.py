"""Names of nodes as Python identifiers: for modules, generated source and files of weights."""

from __future__ import annotations

import keyword
import re
import unicodedata

from graphs.network import Network, Node

_TAKEN = frozenset(
    "self super torch nn input output math forward train eval half float double cpu cuda to type apply graph code "
    "training parameters buffers modules children register_buffer compile copy state_dict load_state_dict "
    "print_readable recompile zero_grad requires_grad_ share_memory call_super_init dump_patches add_module "
    "add_submodule delete_submodule delete_all_unused_submodules get_buffer get_parameter get_submodule ipu xpu mtia "
    "bfloat16 to_empty set_submodule extra_repr register_module register_parameter named_parameters named_buffers "
    "named_modules named_children T_destination get_extra_state set_extra_state True False None list dict tuple set "
    "int str bool len range sum min max print object property iter map filter zip any all abs device".split()
)


def module_names(network: Network) -> dict[str, str]:
    """A unique Python identifier for each node, made from its title: "My conv" → my_conv."""
    names: dict[str, str] = {}
    used = set(_TAKEN)
    for node in network.nodes.values():
        names[node.id] = _free(_identifier(node), used)
        used.add(names[node.id])
    return names


def _identifier(node: Node) -> str:
    for text in (node.title, node.id, node.kind):
        ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
        name = re.sub(r"\W+", "_", ascii_text).strip("_").lower()
        if name:
            return f"_{name}" if name[0].isdigit() or keyword.iskeyword(name) else name
    return "node"


def _free(name: str, used: set[str]) -> str:
    if name not in used:
        return name
    number = 2
    while f"{name}_{number}" in used:
        number += 1
    return f"{name}_{number}"
