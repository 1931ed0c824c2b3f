"""The steps of a layered layout: ranks, order within a rank, positions, rows. See `graphs.placing.layout`."""
