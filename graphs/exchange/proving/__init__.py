"""A network proven layer by layer against what onnxruntime computes."""
