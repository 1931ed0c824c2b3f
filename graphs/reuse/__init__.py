"""Blocks and what is used again: making, unpacking, parameters, one's own on disk, the clipboard, rooms."""
