"""One file per way of looking inside a network: pure functions of a probe and options."""
