"""Where nodes stand: automatic layout, aligning, frames."""
