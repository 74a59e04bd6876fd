"""Who handles breaches."""

#: To see the register and to act in it, for the organisations below.
HANDLE = "breaches.handle"
