"""Requests to correct what a register says."""
