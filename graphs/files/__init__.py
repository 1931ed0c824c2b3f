"""Files: the project's own format, weights, what is wrong with a file, and writing in one step."""
