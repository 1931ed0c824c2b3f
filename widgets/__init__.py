"""Everything a person sees. The only place, with main.py, where Qt is imported."""
