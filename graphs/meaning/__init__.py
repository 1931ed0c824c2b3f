"""What a drawing means: blocks, dots, modes and expressions resolved into plain layers."""
