"""The node editor: one widget that mirrors a document and turns hands into edits."""
