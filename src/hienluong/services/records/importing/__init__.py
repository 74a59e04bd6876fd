"""Bringing files into registers: read, map the columns, look at it first, write it in parts, take it back."""
