"""The verbs of the terminal, and how they speak."""
