"""Ways out of Netloom and back: ONNX, pictures."""
