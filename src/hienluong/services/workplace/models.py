"""The desk keeps nothing of its own: dossiers belong to their service, saved filters to identity."""
