"""Pages of the officials' workplace."""
