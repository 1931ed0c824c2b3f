"""What the numbers that the network gives mean. `answer` in preprocessing.json says how they are read."""

from pathlib import Path

import numpy as np

LABELS = Path(__file__).resolve().parent / "labels.txt"


def answers(outputs, told):
    """A line for each sample: its class and how sure the network is of it, or the numbers that it gives."""
    how, labels = told["answer"], LABELS.read_text(encoding="utf-8").split("\n")[:-1] if LABELS.exists() else []
    if how == "numbers":
        return [_listed([output[row] for output in outputs]) for row in range(len(outputs[0]))]
    return [_named(row, labels, how != "scores") for row in READ[how](np.asarray(outputs[0], np.float64))]


def _named(row, labels, shares):
    best = int(row.argmax())
    return f"{labels[best]}  {row[best]:.1%}" if shares else f"{labels[best]}  (score {row[best]:.3g})"


def _listed(values):
    flat = np.concatenate([np.ravel(value) for value in values])
    told = "  ".join(f"{number:.6g}" for number in flat[:10])
    return told + (f"  … {flat.size:,} numbers in all" if flat.size > 10 else "")


def _softmax(x):
    powers = np.exp(x - x.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def _both(share):
    return np.concatenate([1 - share, share], 1)


def _sigmoid(x):
    return np.where(x >= 0, 1, np.exp(-np.abs(x))) / (1 + np.exp(-np.abs(x)))


READ = {
    "softmax": _softmax,
    "log shares": np.exp,
    "shares": np.asarray,
    "sigmoids": _sigmoid,
    "one sigmoid": lambda x: _both(_sigmoid(x)),
    "one share": lambda x: _both(np.clip(x, 0, 1)),
    "scores": np.asarray,
}
