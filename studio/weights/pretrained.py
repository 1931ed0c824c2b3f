"""Published weights on this machine: fetched once into the folder of torch.hub, and used only as they were published.

Whether they are is seen by the first digits of their SHA-256, which is all that is published. Light; torch is imported
on use.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from graphs.architectures import find
from graphs.architectures.weights import Weights, named, weights_of
from graphs.files.faults import FileFault
from studio.weights.starting import AT

if TYPE_CHECKING:
    from torch import Tensor

Progress = Callable[[float, str], None]
"""Told a share from 0 to 1 and what is being done; may raise to cancel."""
CHUNK = 2**18
PATIENCE = 30.0
"""Seconds without a word after which a server counts as gone."""
USUAL = "pretrained"
"""Stands for the usual weights: resnet50@pretrained."""
_sound: set[tuple[str, int, int]] = set()


def quiet(_share: float, _words: str) -> None:
    """Progress that nobody watches."""


def chosen(name: str) -> tuple[str, Weights]:
    """The variant and the weights that a name says: "resnet50", "resnet50@pretrained", "resnet50@IMAGENET1K_V1".

    Raises ValueError with one sentence.
    """
    variant, _, weights = name.strip().partition(AT)
    try:
        variant = find(variant)[1]
        return variant, named(variant, "" if weights in ("", USUAL, "DEFAULT") else weights)
    except LookupError as fault:
        raise ValueError(str(fault.args[0])) from None


def folder() -> Path:
    """Where torch.hub keeps what it has fetched; TORCH_HOME moves it."""
    from torch import hub

    return Path(hub.get_dir()) / "checkpoints"


def kept(weights: Weights) -> Path | None:
    """The file of these weights on this machine, None where it is not, or not as it was published."""
    path = folder() / weights.file
    return path if path.is_file() and _is_sound(path, weights) else None


def fetched(weights: Weights, progress: Progress = quiet) -> Path:
    """The file of these weights, from where it is published unless it is here already. Raises FileFault."""
    path = folder() / weights.file
    if (here := kept(weights)) is not None:
        return here
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _download(weights, part, progress)
        part.replace(path)
    except (OSError, ValueError, HTTPException) as error:
        if isinstance(error, FileFault):
            raise
        raise _unreachable(weights, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return path


def state_of(weights: Weights, progress: Progress = quiet) -> dict[str, Tensor]:
    """The published state dict by torchvision's names, on the CPU. Raises FileFault."""
    from torch import hub

    fetched(weights, progress)
    progress(1.0, f"Reading {weights.file}")
    try:
        state: dict[str, Tensor] = hub.load_state_dict_from_url(
            weights.url, map_location="cpu", progress=False, check_hash=True, weights_only=True
        )
    except Exception as error:  # its bytes are the published ones: what fails is this machine's memory or torch
        remedy = "close other programs and try again"
        raise FileFault(weights.file, "", f"could not be read ({error})", remedy) from error
    return state


def published() -> list[dict[str, Any]]:
    """Every file of weights that can be had, as plain JSON values."""
    rows = []
    for variant in _variants():
        for weights in weights_of(variant):
            told = {"architecture": variant, "weights": weights.name, "score": weights.score}
            more = {name: getattr(weights, name) for name in ("measure", "mebibytes", "url", "terms")}
            rows.append({**told, **more, "preprocessing": preprocessing(weights)})
    return rows


def preprocessing(weights: Weights) -> dict[str, Any]:
    """What pictures go through before these weights see them, as plain JSON values."""
    return {
        "resize": weights.resize, "crop": weights.crop, "interpolation": weights.interpolation, "scale": [0.0, 1.0],
        "mean": list(weights.mean), "std": list(weights.std),
    }  # fmt: skip


@cache
def _variants() -> tuple[str, ...]:
    from graphs.architectures import ARCHITECTURES

    return tuple(name for kind in ARCHITECTURES for name in kind.variants() if weights_of(name))


def _download(weights: Weights, part: Path, progress: Progress) -> None:
    """Writes what the server sends into `part`; more than was announced is refused, and so is another content."""
    most = int((weights.mebibytes + 1) * 2**20 * 1.5)
    request = Request(weights.url, headers={"User-Agent": "torch.hub"})
    digest, done = hashlib.sha256(), 0
    with urlopen(request, timeout=PATIENCE) as source, part.open("xb") as target:
        whole = int(source.headers.get("Content-Length") or weights.mebibytes * 2**20) or 1
        while chunk := source.read(CHUNK):
            done += len(chunk)
            if done > most:
                raise _wrong(weights)
            digest.update(chunk)
            target.write(chunk)
            share = min(done / whole, 1.0)
            progress(share, f"Fetching {weights.file}: {done / 2**20:,.1f} of {whole / 2**20:,.1f} MB")
        target.flush()
        os.fsync(target.fileno())
    if not digest.hexdigest().startswith(weights.digest):
        raise _wrong(weights)


def _is_sound(path: Path, weights: Weights) -> bool:
    """Whether a file has the published SHA-256; it is read once for as long as nobody touches it."""
    stat = path.stat()
    key = (str(path), stat.st_size, stat.st_mtime_ns)
    if key in _sound:
        return True
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest.startswith(weights.digest):
        _sound.add(key)
        return True
    return False


def _wrong(weights: Weights) -> FileFault:
    problem = "is not what was published: its SHA-256 is another, so it was thrown away"
    return FileFault(weights.file, "", problem, "try again later, or from another network")


def _unreachable(weights: Weights, error: Exception) -> FileFault:
    reason = getattr(error, "reason", error)
    reason = getattr(reason, "strerror", None) or reason or "no answer"
    here = "is damaged on this machine" if (folder() / weights.file).exists() else "is not on this machine"
    problem = f"{here}, and could not be fetched ({reason})"
    remedy = f"fetch {weights.url} elsewhere and put it into {folder()}"
    return FileFault(weights.file, "", problem, remedy)
