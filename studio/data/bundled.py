"""The classic sets that scikit-learn carries: digits, iris, wine."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from studio.data.base import DataFault, DataSpec, Raw, Report, normalise_field

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Digits(DataSpec):
    """1,797 handwritten digits."""

    title = "Handwritten digits"
    help = "1,797 grey pictures of handwritten digits, 0 to 9."

    source: Literal["digits"] = Field(default="digits", title="Source", description="Handwritten digits.")
    size: Literal[8, 28] = Field(
        default=8,
        title="Size",
        description="8×8 as they were collected, or enlarged to the 28×28 that LeNet-5 expects.",
        json_schema_extra={"unit": "pixels"},
    )

    def load(self, report: Report | None = None) -> Raw:
        """Grey pictures float32 [1797, 1, size, size] in 0…1. Source: UCI "optical recognition of digits"."""
        import numpy as np

        table = _table("digits.csv.gz", 65)
        images = (table[:, :64].reshape(-1, 8, 8) / 16).astype(np.float32)
        if self.size != 8:
            images = resize(images, self.size, self.size)
        return Raw(images[:, None], table[:, 64].astype(np.int64), tuple("0123456789"), (0.0, 1.0))


class Iris(DataSpec):
    """Fisher's iris flowers."""

    title = "Iris flowers"
    help = "150 flowers of three kinds by four measurements in centimetres (Fisher, 1936)."

    source: Literal["iris"] = Field(default="iris", title="Source", description="Iris flowers.")
    normalise: Literal["none", "standard", "unit"] = normalise_field("standard")

    def load(self, report: Report | None = None) -> Raw:
        """Measurements float32 [150, 4]."""
        names = ("sepal length", "sepal width", "petal length", "petal width")
        return _flowers("iris.csv", names, ("setosa", "versicolor", "virginica"))


class Wine(DataSpec):
    """Wines by their chemistry."""

    title = "Wines"
    help = "178 wines of three growers by thirteen chemical measurements."

    source: Literal["wine"] = Field(default="wine", title="Source", description="Wines.")
    normalise: Literal["none", "standard", "unit"] = normalise_field("standard")

    def load(self, report: Report | None = None) -> Raw:
        """Measurements float32 [178, 13]."""
        names = (
            *("alcohol", "malic acid", "ash", "alkalinity of ash", "magnesium", "phenols", "flavonoids"),
            *(
                "non-flavonoid phenols",
                "proanthocyanins",
                "colour intensity",
                "hue",
                "OD280/OD315",
                "proline",
            ),
        )
        return _flowers("wine_data.csv", names, ("grower 1", "grower 2", "grower 3"))


def resize(images: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Bilinear: [N, h, w] to [N, height, width], pixel centres aligned as in `F.interpolate`."""
    import numpy as np

    rows, columns = _weights(images.shape[1], height), _weights(images.shape[2], width)
    return np.ascontiguousarray(rows @ images @ columns.T, dtype=np.float32)


def _weights(old: int, new: int) -> NDArray[np.float32]:
    """The matrix [new, old] of linear interpolation."""
    import numpy as np

    at = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    low = np.minimum(at.astype(np.int64), max(old - 2, 0))
    weights = np.zeros((new, old), np.float32)
    weights[np.arange(new), low] = 1 - (at - low)
    if old > 1:
        weights[np.arange(new), low + 1] += at - low
    return weights


def _flowers(file: str, names: tuple[str, ...], classes: tuple[str, ...]) -> Raw:
    import numpy as np

    table = _table(file, len(names) + 1, skip=1)
    inputs = table[:, :-1].astype(np.float32)
    bounds = (float(inputs.min()), float(inputs.max()))
    return Raw(inputs, table[:, -1].astype(np.int64), classes, bounds, names)


def _table(file: str, columns: int, skip: int = 0) -> NDArray[np.float64]:
    """A table of scikit-learn's by its file: importing scikit-learn itself would take a second."""
    import numpy as np

    path = _sklearn_data() / file
    try:
        table = np.loadtxt(path, delimiter=",", skiprows=skip, ndmin=2)
    except (OSError, ValueError) as fault:
        raise DataFault(
            f"The bundled data file {path} cannot be read ({fault}); reinstall scikit-learn to get it back."
        ) from fault
    if table.shape[1] != columns:
        raise DataFault(f"The bundled data file {path} is not what it was; reinstall scikit-learn to get it back.")
    return table


def _sklearn_data() -> Path:
    found = importlib.util.find_spec("sklearn")
    folders = list(found.submodule_search_locations or ()) if found else []
    if not folders:
        raise DataFault("The bundled data sets need scikit-learn; install it with “pip install scikit-learn”.")
    return Path(folders[0]) / "datasets" / "data"
