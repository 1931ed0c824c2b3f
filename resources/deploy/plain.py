"""From a file to what the network is fed: arrays of numpy, .npy or .npz."""

from arrays import loaded


def samples(file, told):
    """{input: array [samples, …]}; the arrays hold raw values, as the training data did."""
    if not str(file).lower().endswith((".npy", ".npz")):
        raise ValueError("it is no .npy or .npz file; save the samples with numpy.save")
    return loaded(file, told)
