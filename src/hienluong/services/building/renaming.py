"""A field under another name in the expressions (CEL) that read it."""

from __future__ import annotations

import re

#: Texts in quotes, which are left alone; a member of something (``.name``); a name; anything else.
_TOKENS = re.compile(
    r"""(?P<text>r?"(?:\\.|[^"\\])*"|r?'(?:\\.|[^'\\])*')|(?P<member>\.\s*[A-Za-z_]\w*)|(?P<name>[A-Za-z_]\w*)|(?P<rest>.)""",
    re.DOTALL,
)


def renamed(expression: str, name: str, to: str) -> str:
    """The expression with the variable `name` called `to`; texts, members and functions of that name stay."""

    def each(found: re.Match[str]) -> str:
        if found["name"] != name or expression[found.end() :].lstrip().startswith("("):
            return found[0]
        return to

    return _TOKENS.sub(each, expression)
