"""Pages of assessments: lists, doing one, its result, and what a phone without network sends and asks."""
