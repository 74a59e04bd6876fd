"""Path templates of OpenAPI as patterns that match nothing else.

Envoy matches them against the path as it came and puts nothing in order: what a provider could read otherwise is refused.
It is kept out here, by naming what may stand in a parameter rather than what may not: no slash, no ``;`` (parameters of
path segments), no backslash, no ``%25`` (a second round of decoding), no escaped control character, dot, slash or
semicolon, and no segment of dots alone; words of a template match themselves, so they come without escapes.
"""

from __future__ import annotations

import re

_PARAMETER = re.compile(r"\{[A-Za-z_][A-Za-z0-9_-]*\}")
#: Escapes that may stand in a parameter. ASCII: what RFC 3986 wants escaped there, and nothing that means something in a
#: path when it is unescaped (no % . / ; \ ? and no control characters). Beyond ASCII: whole characters of UTF-8 in their
#: shortest form (RFC 3629, 4), because some read ``%c0%af`` as a slash.
_ANY_HEX, _MORE = "[0-9A-Fa-f]", "%[89ABab][0-9A-Fa-f]"
_ESCAPED = (
    "(?:"
    + "|".join(
        (
            r"%(?:2[0-46-9A-Da-d]|3[0-9AaC-Ec-e]|4[0-9A-Fa-f]|5[0-9ABD-Fabd-f]|6[0-9A-Fa-f]|7[0-9A-Ea-e])",
            rf"%(?:[Cc][2-9A-Fa-f]|[Dd]{_ANY_HEX}){_MORE}",
            rf"%[Ee](?:0%[ABab]{_ANY_HEX}|[1-9A-Ca-cEeFf]{_MORE}|[Dd]%[89]{_ANY_HEX}){_MORE}",
            rf"%[Ff](?:0%[9ABab]{_ANY_HEX}|[1-3]{_MORE}|4%8{_ANY_HEX}){_MORE}{_MORE}",
        )
    )
    + ")"
)
_PLAIN = r"A-Za-z0-9_~!$&'()*+,=:@-"
_ANY = rf"(?:[.{_PLAIN}]|{_ESCAPED})"
_NO_DOT = rf"(?:[{_PLAIN}]|{_ESCAPED})"
#: A whole segment: anything but dots alone.
_SEGMENT = rf"\.*{_NO_DOT}{_ANY}*"
#: A parameter with words of the template beside it.
_PART = rf"{_ANY}+"


def words(template: str) -> str:
    """What every path of a template begins with: the words before its first parameter."""
    return template.partition("{")[0]


def pattern(template: str) -> str:
    """The regular expression (RE2 and Python alike) that a whole path has to match; literal parts match themselves."""
    return "/".join(_segment(segment) for segment in template.split("/"))


def order(template: str) -> tuple[bool, ...]:
    """Sorts templates so that words come before parameters, segment by segment."""
    return tuple(_PARAMETER.search(segment) is not None for segment in template.split("/"))


def _segment(segment: str) -> str:
    if _PARAMETER.fullmatch(segment):
        return _SEGMENT
    made, at = [], 0
    for found in _PARAMETER.finditer(segment):
        made += [re.escape(segment[at : found.start()]), _PART]
        at = found.end()
    return "".join([*made, re.escape(segment[at:])])
