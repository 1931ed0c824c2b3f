"""What a network becomes: a PyTorch module, and the source code of one."""
