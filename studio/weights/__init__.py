"""Which weights a project has: learnt, published, of a file; and how they follow its layers' names."""
