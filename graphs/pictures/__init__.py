"""Pictures of networks as SVG text, drawn without Qt: parts of the canvas, and figures for papers and slides."""
