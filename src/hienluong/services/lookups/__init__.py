"""Who looked at my data: the person's page, the questions it raises, and the answers of the agencies that looked."""
