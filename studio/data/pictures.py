"""Your own pictures: a folder with a subfolder for each class."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from graphs.files.faults import shown
from studio.data.base import MOST_BYTES, DataFault, DataSpec, Peek, Raw, Report, class_counts, spread
from studio.data.files import folder, unreadable
from studio.data.targets import MOST_CLASSES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ENDINGS = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm"))
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
"""Decoders that only decode: PIL's for EPS, for one, would run Ghostscript."""
MOST_PICTURES = 500_000
MOST_PIXELS = 64_000_000
MOST_FILE = 256 * 1024**2


class ImageFolder(DataSpec):
    """Pictures in folders."""

    title = "Picture folder"
    help = "A folder with a subfolder for each class, full of PNG, JPEG, BMP, GIF, WebP or TIFF pictures."

    source: Literal["folder"] = Field(default="folder", title="Source", description="A folder of pictures.")
    path: str = Field(
        default="",
        title="Folder",
        description="The folder whose subfolders are the classes.",
        json_schema_extra={"path": "folder"},
    )
    height: int = Field(
        default=32,
        title="Height",
        description="Every picture is resized to this height.",
        ge=1,
        le=1024,
        json_schema_extra={"unit": "pixels"},
    )
    width: int = Field(
        default=32,
        title="Width",
        description="Every picture is resized to this width.",
        ge=1,
        le=1024,
        json_schema_extra={"unit": "pixels"},
    )
    colour: Literal["grey", "rgb"] = Field(
        default="rgb", title="Colour", description="One grey channel, or red, green and blue."
    )
    fit: Literal["stretch", "crop"] = Field(
        default="crop",
        title="Fit",
        description="crop keeps the proportions and cuts what is too long; stretch distorts instead.",
    )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        return (1 if self.colour == "grey" else 3, self.height, self.width)

    def load(self, report: Report | None = None) -> Raw:
        """Pictures float32 [N, C, height, width] in 0…1. Raises DataFault, which names the picture."""
        classes, files = _listing(folder(self.path))
        return self._decoded(classes, files, report)

    def peek(self, samples: int, report: Report | None = None) -> Peek:
        """Counts all pictures and decodes only a few."""
        import numpy as np

        classes, files = _listing(folder(self.path))
        labels = np.array([label for _, label in files])
        whole = Raw(np.empty((len(files), 0), np.float32), labels, classes, (0.0, 1.0))
        rows = spread(whole, samples)
        few = self._decoded(classes, [files[row] for row in rows], report)
        return Peek(few, rows, class_counts(whole), len(files))

    def _decoded(self, classes: tuple[str, ...], files: list[tuple[Path, int]], report: Report | None) -> Raw:
        import numpy as np

        size = len(files) * int(np.prod(self.shape)) * 4
        if size > MOST_BYTES:
            need = f"{size / 2**30:.1f} GiB, more than the {MOST_BYTES // 2**30} GiB that are held in memory"
            raise DataFault(f"{self.path}: {len(files):,} pictures of this size take {need}; choose a smaller one.")
        inputs = np.empty((len(files), *self.shape), np.float32)
        for index, (file, _) in enumerate(files):
            inputs[index] = self._picture(file)
            if report and index % 20 == 0:
                report(index / len(files))
        return Raw(inputs, np.array([label for _, label in files], np.int64), classes, (0.0, 1.0))

    def _picture(self, file: Path) -> NDArray[np.float32]:
        """One picture [C, height, width] in 0…1."""
        import numpy as np
        from PIL import Image, ImageOps, UnidentifiedImageError

        try:
            if file.stat().st_size > MOST_FILE:
                raise DataFault(f"{file.name} holds more than {MOST_FILE // 2**20} MiB; remove or shrink it.")
            with Image.open(file, formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    pixels = f"{picture.width:,}×{picture.height:,} pixels"
                    raise DataFault(f"{_place(file)} has {pixels}, too many to decode safely; shrink or remove it.")
                picture.draft("RGB", (self.width * 2, self.height * 2))
                grey = self.colour == "grey"
                upright = ImageOps.exif_transpose(_plain(picture, grey))
                resized = self._resized(upright)
        except UnidentifiedImageError as error:
            raise DataFault(f"{_place(file)} is no picture that can be read; save it as PNG, or remove it.") from error
        except Image.DecompressionBombError as error:
            raise DataFault(f"{_place(file)} has too many pixels to decode safely; shrink or remove it.") from error
        except DataFault:
            raise
        except (OSError, ValueError, SyntaxError, EOFError, OverflowError, MemoryError, IndexError) as error:
            raise DataFault(f"{_place(file)} is damaged; save it again, or remove it.") from error
        values: NDArray[np.float32] = np.divide(np.asarray(resized), 255, dtype=np.float32)
        return values[None] if grey else values.transpose(2, 0, 1)

    def _resized(self, picture: Any) -> Any:
        from PIL import Image, ImageOps

        size, how = (self.width, self.height), Image.Resampling.BILINEAR
        return picture.resize(size, how) if self.fit == "stretch" else ImageOps.fit(picture, size, how)


def _plain(picture: Any, grey: bool) -> Any:
    """Eight bits a channel, without transparency; 16-bit grey keeps its upper byte."""
    if picture.mode.startswith("I;16") or picture.mode == "I":
        return picture.point(lambda value: value / 256).convert("L").convert("L" if grey else "RGB")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        from PIL import Image

        clear = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return picture.convert("L" if grey else "RGB")


def _place(file: Path) -> str:
    return shown(f"{file.parent.name}/{file.name}", 120)


def _listing(place: Path) -> tuple[tuple[str, ...], list[tuple[Path, int]]]:
    """The names of the classes, and every picture with its class, both in the order of their names."""
    try:
        folders = sorted(f.name for f in os.scandir(place) if f.is_dir() and not f.name.startswith((".", "__")))
        found = {name: _pictures(place / name) for name in folders[: MOST_CLASSES + 1]}
    except OSError as error:
        raise unreadable(place, error) from error
    classes = tuple(name for name, files in found.items() if files)
    if len(classes) > MOST_CLASSES:
        raise DataFault(f"{place.name} has more than {MOST_CLASSES:,} subfolders; choose the folder of the classes.")
    if not classes:
        raise DataFault(
            f"{shown(place.name)} has no subfolder with pictures; put each class into its own folder in it."
        )
    files = [(file, label) for label, name in enumerate(classes) for file in found[name]]
    if len(files) > MOST_PICTURES:
        raise DataFault(f"{shown(place.name)} holds more than {MOST_PICTURES:,} pictures; choose a smaller folder.")
    return classes, files


def _pictures(place: Path) -> list[Path]:
    """All picture files below a folder, links to folders not followed."""
    found: list[Path] = []
    for root, folders, files in os.walk(place):
        folders.sort()
        hits = (Path(root, name) for name in sorted(files) if not name.startswith("."))
        found.extend(file for file in hits if file.suffix.lower() in ENDINGS and file.is_file())
        if len(found) > MOST_PICTURES:
            break
    return found
