"""The help card of a layer: what it does, with numbers."""
