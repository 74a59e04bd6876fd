"""What is done with documents: one module for each part of their way."""
