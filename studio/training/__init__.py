"""Training: a plain thread that runs a recipe over a network, and what it tells, keeps and remembers.

Light modules (no torch): events, stream, history, snapshot, schedule, governor, speed. The rest loads torch.
"""
