"""What the source is made of: the text of arguments, of one module, and of the classes that several share."""
