"""What everything is drawn with: styles, icons, scroll areas, splitters."""
