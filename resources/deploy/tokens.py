"""From a text, or the numbers of its tokens, to what the network is fed."""

from pathlib import Path

import numpy as np
from arrays import fitted, loaded


def samples(file, told):
    """{input: tokens [samples, length]} of an .npy file, or of a text file; of a longer text, its last tokens."""
    if str(file).lower().endswith((".npy", ".npz")):
        found = loaded(file, told)
    else:
        one = told["inputs"][0]
        found = {one["name"]: fitted(_tokens(Path(file).read_text(encoding="utf-8"), one["shape"][0], told), one, told)}
    for tokens in found.values():
        if tokens.size and not 0 <= tokens.min() <= tokens.max() < told["tokens"]:
            raise ValueError(f"it holds the token {tokens.max()}; the network knows 0 to {told['tokens'] - 1}")
    return found


def _tokens(text, length, told):
    """The last `length` tokens of a text: characters or words of the vocabulary, numbers where there is none."""
    known = {word: number for number, word in enumerate(told["vocabulary"])}
    if known:
        text = text if "\n" in known else text.replace("\n", "")
        words = list(text) if all(len(word) == 1 for word in known) else text.split()
        strange = [word for word in words if word not in known]
        if strange:
            raise ValueError(f"the network never saw “{strange[0]}”, so it has no token for it")
        tokens = [known[word] for word in words]
    else:
        tokens = [int(number) for number in text.replace(",", " ").split()]
    if len(tokens) < length:
        raise ValueError(f"it holds {len(tokens)} tokens, and the network takes {length}")
    return np.array([tokens[len(tokens) - length :]])
