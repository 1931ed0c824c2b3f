"""The reference of all kinds and architectures, written from their declarations: Markdown pages with SVG pictures."""
