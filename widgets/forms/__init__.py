"""Forms generated from pydantic models."""
