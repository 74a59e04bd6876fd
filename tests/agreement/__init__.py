"""Browser and server judge forms alike."""
