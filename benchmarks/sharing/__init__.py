"""What the benchmark of the gateway calls: a provider, and a province whose agencies have agreed on it."""
