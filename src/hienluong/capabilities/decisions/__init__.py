"""Decision tables: rows of conditions and outcomes in CEL, evaluated exactly and explained."""

from .definition import DecisionSpec
from .tables import BadTable, Outcome, check, evaluate, expressions_of

__all__ = ["BadTable", "DecisionSpec", "Outcome", "check", "evaluate", "expressions_of"]
