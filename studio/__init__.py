"""What can happen to a network: data, training, inspection, projects. No Qt."""
