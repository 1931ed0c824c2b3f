"""Arrays as they are saved by numpy, and the shift and scale that the training data had."""

import numpy as np


def loaded(file, told):
    """{input: array [samples, …]} of an .npy file with one input, or an .npz file with an array for each input.

    Values are raw, as the training data was before it was normalised; bytes stand for 0…1.
    """
    found = np.load(file, allow_pickle=False)
    inputs = told["inputs"]
    if hasattr(found, "files"):
        missing = [one["name"] for one in inputs if one["name"] not in found.files]
        if missing:
            raise ValueError(f"it holds no array “{missing[0]}”; it needs one for each input of the network")
        return {one["name"]: fitted(found[one["name"]], one, told) for one in inputs}
    if len(inputs) != 1:
        raise ValueError(f"the network has {len(inputs)} inputs: save an .npz file with an array for each")
    return {inputs[0]["name"]: fitted(found, inputs[0], told)}


def fitted(values, one, told):
    """One sample or several, checked against the input's shape, normalised, in the input's type."""
    shape = tuple(one["shape"])
    if values.shape == shape:
        values = values[None]
    if values.shape[1:] != shape:
        has, takes = ("×".join(map(str, size)) or "one number" for size in (values.shape, shape))
        raise ValueError(f"it holds {has}, and a sample is {takes}")
    if one["dtype"] != "float32":
        return np.ascontiguousarray(values, dtype=one["dtype"])
    plain = values.astype(np.float32) / np.float32(255) if values.dtype == np.uint8 else values.astype(np.float32)
    return np.ascontiguousarray(normalised(plain, told))


def normalised(values, told):
    """(x - mean) / std, along the axis that the training data was normalised on."""
    mean, std, axis = told["mean"], told["std"], told["axis"]
    ones = [1] * (-axis - 1) if len(mean) > 1 else []
    mean, std = (np.asarray(part, np.float32).reshape(len(part), *ones) for part in (mean, std))
    return (values - mean) / std
