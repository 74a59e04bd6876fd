"""A person says that a register has them wrong: the request, the agency's decision, the correction that names it."""
