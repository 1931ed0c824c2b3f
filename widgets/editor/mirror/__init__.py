"""What is where on the canvas: boxes, wires and marks, in step with the document."""
