"""Scoring: forms of groups and items with exact scores, and assessments made by them."""
