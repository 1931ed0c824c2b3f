"""What leaves the house: a trained network in the formats of other programs, each verified before it is told."""
