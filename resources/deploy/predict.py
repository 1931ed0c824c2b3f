"""Says what the model makes of files: python predict.py FILE…   It needs onnxruntime and numpy, nothing else."""

import json
import sys
from pathlib import Path

import onnxruntime
from answers import answers
from samples import samples

HERE = Path(__file__).resolve().parent
TOLD = json.loads((HERE / "preprocessing.json").read_text(encoding="utf-8"))
MODEL = onnxruntime.InferenceSession(HERE / "model.onnx", providers=["CPUExecutionProvider"])


def predict(file: str) -> list:
    """What the network gives for the samples in a file: an array [samples, …] for each output."""
    return MODEL.run(None, samples(file, TOLD))


if __name__ == "__main__":
    try:
        for name in sys.argv[1:] or sys.exit("Name at least one file: python predict.py FILE…"):
            for answer in answers(predict(name), TOLD):
                print(f"{name}: {answer}")
    except (OSError, ValueError) as fault:
        sys.exit(f"{name}: {fault}")
