"""What can be done on the canvas, as parts of the canvas and the edits behind them."""
