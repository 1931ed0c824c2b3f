"""What follows from a network: shapes, costs and problems of every node, with the edits that mend them."""
