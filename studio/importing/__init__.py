"""Files of other programs as projects."""
