"""A `.pt2` file as a program, read without torch.export.load: that one runs what pickles and expressions in it say.

The file is a zip archive with one JSON text for the graph, one for the list of weights, and their bytes. Only these are
read, each within bounds; sample inputs (a pickle), custom objects and expressions of sizes are left alone.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_torch.program import MOST_CALLS, Call, Level, Program, Ref, Word
from graphs.exchange.from_torch.tracing import WRAPPED, inlined, level
from graphs.files import plainjson
from graphs.files.faults import FileFault, shown, unreadable

if TYPE_CHECKING:
    from torch import Tensor

MOST_TEXT, MOST_BYTES, MOST_FILES = 2**27, 2**33, 100_000
"""Bytes of the graph's text, bytes of all weights, files in the archive."""
SHARED = 8
"""How many times as many bytes as the archive has its weights may have: several can be one."""
DTYPES = {
    1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32", 8: "float64",
    10: "complex64", 12: "bool", 13: "bfloat16",
}  # fmt: skip
_FORMATS = {1: "contiguous_format", 2: "channels_last", 3: "channels_last_3d", 4: "preserve_format"}
_DROPPED = {"as_device", "as_layout"}
_PLACES = {"device", "layout", "pin_memory"}
OTHER = "export the network again with torch.export.save of torch 2.8 or newer"


def read_archive(path: Path) -> Program:
    """The program in the file. Raises FileFault."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _Archive(path.name, archive).program()
    except (OSError, ValueError, EOFError) as error:
        if isinstance(error, FileFault):
            raise
        raise unreadable(path, error) from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise FileFault(path.name, "", "is no .pt2 file of PyTorch", OTHER) from error
    except (KeyError, TypeError, AttributeError, IndexError, StopIteration) as error:
        raise FileFault(path.name, "", f"lacks what belongs into a .pt2 file ({shown(error)})", OTHER) from error


class _Archive:
    """One open file."""

    def __init__(self, name: str, archive: zipfile.ZipFile) -> None:
        self.name, self.archive = name, archive
        infos = archive.infolist()
        stored, size = sum(info.file_size for info in infos), Path(archive.filename or "").stat().st_size
        if len(infos) > MOST_FILES or stored > MOST_BYTES + MOST_TEXT:
            raise FileFault(name, "", "holds more than is read", "check that it is the right file")
        if stored > size or any(info.compress_type != zipfile.ZIP_STORED for info in infos):
            raise FileFault(name, "", "is an archive that torch did not write", OTHER)
        self.left = min(MOST_BYTES, SHARED * size)
        """Bytes that weights may still have."""
        self.count = 0
        self.read: dict[str, Tensor] = {}
        self.still = set[str]()
        """What is taken where no gradients are followed."""
        self.files = {info.filename.partition("/")[2]: info for info in infos}

    def program(self) -> Program:
        graphs = [file for file in self.files if file.startswith("models/") and file.endswith(".json")]
        if len(graphs) != 1:
            raise FileFault(self.name, "", f"holds {len(graphs)} graphs where one is read", OTHER)
        model = graphs[0].removeprefix("models/").removesuffix(".json")
        graph = self._json(graphs[0])["graph_module"]
        body, signature = graph["graph"], graph["signature"]
        calls = tuple(self._calls(body["nodes"]))
        inputs, tensors, learnt = self._inputs(signature["input_specs"])
        values = {name: body["tensor_values"][name] for name in inputs}
        examples = {name: (_sizes(value["sizes"]), self._dtype(value["dtype"])) for name, value in values.items()}
        free = {(n, axis) for n, v in values.items() for axis, size in enumerate(v["sizes"]) if "as_int" not in size}
        state = self._state(model, set(tensors.values()))
        return Program(
            calls,
            inputs,
            self._outputs(signature["output_specs"]),
            tensors,
            state,
            learnt,
            examples,
            frozenset(free),
            unlearnt=any(tensors.get(name) in learnt for name in self.still),
        )

    def _json(self, file: str) -> Any:
        info = self.files.get(file)
        if info is None:
            raise FileFault(self.name, file, "is not in the archive", OTHER)
        if info.file_size > MOST_TEXT:
            raise FileFault(self.name, file, f"is larger than {MOST_TEXT // 2**20} MiB", OTHER)
        return plainjson.parse(self.archive.read(info).decode("utf-8"), self.name)

    def _dtype(self, number: int) -> str:
        if number not in DTYPES:
            raise FileFault(self.name, "", "holds numbers of a type that is not read", "convert the network to float32")
        return DTYPES[number]

    # The graph

    def _calls(self, nodes: list[Any]) -> list[Call]:
        """The calls, those of graphs within the graph included."""
        self.count += len(nodes)
        if self.count > MOST_CALLS:
            raise FileFault(self.name, "", f"holds more than {MOST_CALLS:,} calls", "take a part of the network")
        found = list[Call]()
        for node in nodes:
            if str(node["target"]).rpartition(".")[2] in WRAPPED:
                found += self._wrapped(node)
            else:
                found.append(self._call(node))
        return found

    def _wrapped(self, node: Mapping[str, Any]) -> list[Call]:
        arguments = [item["arg"] for item in node["inputs"]]
        place = next(i for i, argument in enumerate(arguments) if "as_graph" in argument)
        graph = arguments[place]["as_graph"]["graph"]
        taken, results = ([n for item in graph[end] for n in _names(item)] for end in ("inputs", "outputs"))
        given = [name for argument in arguments[place + 1 :] for name in _names(argument)]
        if place and arguments[0] == {"as_bool": False}:
            self.still.update(given)
        outputs = tuple(name for output in node["outputs"] for name in _names(output))
        return inlined(self._calls(graph["nodes"]), taken, results, given, outputs, str(node["name"]))

    def _call(self, node: Mapping[str, Any]) -> Call:
        target = str(node["target"]).removeprefix("torch.ops.").replace("_operator.", "operator.", 1)
        given = {str(item["name"]): item["arg"] for item in node["inputs"]}
        given = {k: self._value(v) for k, v in given.items() if k not in _PLACES and next(iter(v)) not in _DROPPED}
        outputs = tuple(name for output in node["outputs"] for name in _names(output))
        return Call(target, given, outputs, _levels(str(node["metadata"].get("nn_module_stack", ""))))

    def _value(self, argument: Mapping[str, Any]) -> Any:
        word, said = next(iter(argument.items()))
        match word:
            case "as_none":
                return None
            case "as_tensor":
                return Ref(str(said["name"]))
            case "as_sym_int" | "as_sym_bool" | "as_sym_float":
                return self._symbol(said)
            case "as_tensors":
                return [Ref(str(item["name"])) for item in said]
            case "as_sym_ints" | "as_sym_bools" | "as_sym_floats":
                return [self._symbol(item) for item in said]
            case "as_optional_tensors":
                return [self._value(item) for item in said]
            case "as_optional_tensor":
                return self._value(said)
            case "as_scalar_type":
                return Word("dtype", self._dtype(said))
            case "as_memory_format":
                return Word("memory_format", _FORMATS.get(said, "preserve_format"))
            case "as_float":
                return float(said)
            case "as_floats":
                return [float(item) for item in said]
            case "as_int" | "as_bool" | "as_string" | "as_ints" | "as_bools" | "as_strings":
                return said
        raise FileFault(self.name, "", f"holds an argument that is not read ({shown(word)})", OTHER)

    def _symbol(self, said: Mapping[str, Any]) -> Any:
        word, value = next(iter(said.items()))
        return Ref(str(value)) if word == "as_name" else value

    def _inputs(self, specs: list[Any]) -> tuple[tuple[str, ...], dict[str, str], frozenset[str]]:
        inputs, tensors, learnt = list[str](), dict[str, str](), set[str]()
        for spec in specs:
            word, said = next(iter(spec.items()))
            if word == "user_input" and "as_tensor" in said["arg"]:
                inputs.append(str(said["arg"]["as_tensor"]["name"]))
            elif word in ("parameter", "buffer", "tensor_constant"):
                name = str(said[f"{word}_name"])
                tensors[str(said["arg"]["name"])] = name
                learnt |= {name} if word == "parameter" else set()
            elif word == "custom_obj":
                raise FileFault(self.name, "", "holds an object of its own, which is never unpacked", OTHER)
        return tuple(inputs), tensors, frozenset(learnt)

    def _outputs(self, specs: list[Any]) -> tuple[str, ...]:
        found = [spec["user_output"]["arg"] for spec in specs if "user_output" in spec]
        return tuple(str(arg["as_tensor"]["name"]) for arg in found if "as_tensor" in arg)

    # The weights

    def _state(self, model: str, wanted: set[str]) -> dict[str, Tensor]:
        state: dict[str, Tensor] = {}
        for folder in ("weights", "constants"):
            listed = f"data/{folder}/{model}_{folder}_config.json"
            config = self._json(listed)["config"] if listed in self.files else {}
            for name, payload in config.items():
                if name in wanted:
                    state[name] = self._tensor(folder, name, payload)
        if wanted - state.keys():
            raise FileFault(self.name, min(wanted - state.keys()), "is not among the weights", OTHER)
        return state

    def _tensor(self, folder: str, name: str, payload: Mapping[str, Any]) -> Tensor:
        import torch

        if payload.get("use_pickle"):
            raise FileFault(self.name, name, "is a pickle, which is never unpacked", OTHER)
        meta = payload["tensor_meta"]
        dtype: torch.dtype = getattr(torch, self._dtype(meta["dtype"]))
        sizes, strides = _sizes(meta["sizes"]), _sizes(meta["strides"])
        info = self.files[f"data/{folder}/{payload['path_name']}"]
        if min((*sizes, *strides, 0)) < 0 or math.prod(sizes) * dtype.itemsize > max(info.file_size, 0):
            raise FileFault(self.name, name, "has not as many numbers as its shape says", "take an earlier copy")
        self.left -= math.prod(sizes) * dtype.itemsize
        if self.left < 0:
            raise FileFault(self.name, name, "has more numbers than the file holds", "take an earlier copy")
        data = self._bytes(info)
        whole = data.view(dtype) if len(data) else torch.empty(0, dtype=dtype)
        made = torch.as_strided(whole, sizes, strides, *_sizes([meta["storage_offset"]]))
        return made if made.is_contiguous() else made.contiguous()

    def _bytes(self, info: zipfile.ZipInfo) -> Tensor:
        """What an entry holds, read once however many weights lie in it."""
        import torch

        if info.filename not in self.read:
            data = bytearray(self.archive.read(info))
            self.read[info.filename] = torch.frombuffer(data, dtype=torch.uint8) if data else torch.empty(0).byte()
        return self.read[info.filename]


def _names(output: Mapping[str, Any]) -> list[str]:
    word, said = next(iter(output.items()))
    if word == "as_tensors":
        return [str(item["name"]) for item in said]
    if word in ("as_tensor", "as_optional_tensor"):
        return [str(said.get("name", "") if "name" in said else said.get("as_tensor", {}).get("name", ""))]
    if word == "as_optional_tensors":
        return [str(item.get("as_tensor", {}).get("name", "")) for item in said]
    return [str(said.get("as_name", "")) if isinstance(said, Mapping) else ""]


def _sizes(sizes: list[Any]) -> tuple[int, ...]:
    """Whole numbers; the size that was seen, where any will do."""
    return tuple(
        int(size["as_int"] if "as_int" in size else (size["as_expr"].get("hint") or {"as_int": 2})["as_int"])
        for size in sizes
    )


def _levels(text: str) -> tuple[Level, ...]:
    """ "key,path,class;key,path,class" as modules."""
    parts = [part.split(",", 2) for part in text.split(";") if part.count(",") >= 2]
    return tuple(level(key, path, kind) for key, path, kind in parts if not key.startswith("_empty"))
