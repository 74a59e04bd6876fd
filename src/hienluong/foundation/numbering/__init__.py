"""Gap-free numbering: ``next_number("dossier:H50.37.01:261123")``."""

from .series import current, next_number, take

__all__ = ["current", "next_number", "take"]
