"""The parts that stand around the canvas: a file each."""
