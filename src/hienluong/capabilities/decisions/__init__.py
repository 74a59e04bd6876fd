"""Decision tables: rows of conditions and outcomes in CEL, evaluated exactly and explained."""

from .tables import BadTable, Outcome, check, evaluate

__all__ = ["BadTable", "Outcome", "check", "evaluate"]
