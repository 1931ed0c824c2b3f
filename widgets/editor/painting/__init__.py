"""What the canvas looks like."""
