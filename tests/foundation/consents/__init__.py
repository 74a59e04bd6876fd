"""What people let their data be used for."""
