"""A built network as an ONNX file: converted, named, run and compared before it is written."""
