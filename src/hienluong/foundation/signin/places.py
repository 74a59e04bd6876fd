"""Where apps above put something of theirs into the pages of signing in: names of templates, shown in this order."""

#: On the page of one's own security, after the factors.
on_security: list[str] = []
#: On the page that asks once more who is there; `next` is in the context.
on_confirm: list[str] = []
