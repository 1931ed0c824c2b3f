"""What differs between two networks, and in which words."""
