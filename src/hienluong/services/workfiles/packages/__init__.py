"""Packages of work files for archives (Thông tư 05/2025/TT-BNV, E-ARK CSIP 2.0.4): written and looked at without a database."""
