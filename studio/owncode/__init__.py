"""Python code of a person: read as text, run only once somebody has agreed to that very file."""
