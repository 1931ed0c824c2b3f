"""The views: one file per way of looking at a network."""
