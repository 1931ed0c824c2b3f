"""Names of nodes as Python identifiers: for modules, generated source and files of weights."""

from __future__ import annotations

import builtins
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
_PRIVATE = """
    _apply _backward_hooks _backward_pre_hooks _buffers _call_impl _compiled_call_impl _forward_hooks
    _forward_hooks_always_called _forward_hooks_with_kwargs _forward_pre_hooks _forward_pre_hooks_with_kwargs
    _get_backward_hooks _get_backward_pre_hooks _get_name _is_full_backward_hook _load_from_state_dict
    _load_state_dict_post_hooks _load_state_dict_pre_hooks _maybe_warn_non_full_backward_hook _modules
    _named_members _non_persistent_buffers_set _parameters _register_load_state_dict_pre_hook
    _register_state_dict_hook _replicate_for_data_parallel _save_to_state_dict _slow_forward _state_dict_hooks
    _state_dict_pre_hooks _version _wrapped_call_impl
"""
PRIVATE = frozenset(_PRIVATE.split())
"""What a module keeps for itself."""
_TAKEN = frozenset(_WORDS.split()) | PRIVATE
"""Attributes of a module, and names that generated source needs for itself."""


SHADOWING = frozenset(("self", "torch", "nn", "super", *dir(builtins))) - {"input"}
"""Names of arguments that would hide what the lines of a module speak of."""


def plain_name(name: str) -> bool:
    """Whether Python takes a text as a name as it is: no word of its own, and no other letters than it would read."""
    return name.isidentifier() and not keyword.iskeyword(name) and unicodedata.normalize("NFKC", name) == name


STEP = "-"
"""Joins the steps of a path in an id that stands for a place which no block stands for."""
_NAME = r"(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+)"
_PATH = re.compile(rf"{_NAME}(?:{STEP}{_NAME})*")
"""An id that is the name of a module as it is."""

LONGEST = 80
"""Characters of a name that stay; longer ones read badly, and some files take no more than 200 for a weight."""


def module_names(network: Network) -> dict[str, str]:
    """A unique name for each node, made from its title: "My conv" → my_conv, a Python identifier.

    A node inside a block has the path of its module: "Stage 1/0/My conv" → stage_1.0.my_conv. Where there is no title,
    an id that is an identifier or a number is the name as it is, and "layers-0" the path layers.0.
    """
    return named_modules(network)[0]


def named_modules(network: Network) -> tuple[dict[str, str], dict[str, str]]:
    """The same, and the name of the module of each use of a block and each of its repeats, by its path of ids."""
    places = _Places()
    names = {node.id: places.name(node) for node in map(network.nodes.__getitem__, network.ids)}
    return names, places.paths


class _Places:
    """Gives out names, each once in its place."""

    def __init__(self) -> None:
        self.paths: dict[str, str] = {"": ""}
        self._holders: dict[str, str] = {}
        self._used: dict[str, set[str]] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    def name(self, node: Node) -> str:
        """The name of a node; the parts of its id and of its name say where it stands."""
        ids = node.id.split("/")
        if len(ids) == 1 and (node.title != node.id or (node.id.isdigit() and node.kind.endswith("Input"))):
            return self._free("", identifier(node.title, node.id, node.kind))
        titles = node.title.split("/")
        titles = titles if len(titles) == len(ids) else ids
        around = ""
        for depth in range(1, len(ids)):
            path = "/".join(ids[:depth])
            if path not in self.paths:
                self.paths[path] = self._part(around, path, titles[depth - 1], ids[depth - 1])
            around = self.paths[path]
        return self._part(around, node.id, titles[-1], ids[-1], node.kind)

    def _part(self, around: str, path: str, title: str, id: str, kind: str = "block") -> str:
        """The name of one place; "layers-0" is "0" in a module that has no other use than to hold it."""
        *holders, last = id.split(STEP)
        strange = any(keyword.iskeyword(step) or step.startswith("__") for step in id.split(STEP))
        if title != id or len(id) > LONGEST or not _PATH.fullmatch(id) or strange:
            return self._free(around, identifier(title, id, kind))
        path = path.removesuffix(id)
        for holder in holders:
            path += holder + STEP
            if path not in self._holders:
                self._holders[path] = self._free(around, holder)
            around = self._holders[path]
        return self._free(around, last)

    def _free(self, around: str, stem: str) -> str:
        used, name = self._used.setdefault(around, set(_TAKEN)), stem
        while name in used:
            self._numbers[around, stem] = self._numbers.get((around, stem), 1) + 1
            name = f"{stem}_{self._numbers[around, stem]}"
        used.add(name)
        return f"{around}.{name}" if around else name


def identifier(title: str, id: str, kind: str) -> str:
    """The first of these that can be made into a Python identifier, as one."""
    for text in (title, id, kind):
        ascii_text = unicodedata.normalize("NFKD", text.replace("∕", "/")).encode("ascii", "ignore").decode()
        name = re.sub(r"\W+", "_", ascii_text).strip("_").lower()[:LONGEST].rstrip("_")
        if name:
            return f"_{name}" if name[0].isdigit() or keyword.iskeyword(name) else name
    return "node"


def argument(title: str, id: str, alone: bool) -> str:
    """The name of an argument of a block's forward; `alone` says that it has no other.

    One that Python keeps for itself, as "in", is "x" where it is alone, else "input_" or the word with a line behind.
    """
    name = identifier(title, id, "x")
    word = name.removeprefix("_")
    if not (keyword.iskeyword(word) or word in SHADOWING):
        return name
    return "x" if alone else "input_" if word == "in" else f"{word}_"
