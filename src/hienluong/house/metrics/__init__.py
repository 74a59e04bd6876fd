"""`/metrics`: what the province's own Prometheus is told of the installation."""
