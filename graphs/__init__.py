"""What a network is: values, layer kinds, shapes, builds and files. No Qt, no training."""
