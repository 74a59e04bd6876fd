"""Code lists: shared vocabularies, dated, hierarchical, with what became of each code in the next edition."""
