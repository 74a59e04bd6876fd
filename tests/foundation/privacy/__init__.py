"""Copies of one's data, the end of an account."""
