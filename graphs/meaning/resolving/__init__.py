"""How what a person draws becomes a plain network: blocks, reroutes, bypassed and muted nodes, expressions."""
