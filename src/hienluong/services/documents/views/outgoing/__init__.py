"""Pages about what an agency issues: drafting, opinions, approvals, the records office's desk, books and figures."""
