"""The systems of ministries that this product knows how to ask, each in a file of its own."""
