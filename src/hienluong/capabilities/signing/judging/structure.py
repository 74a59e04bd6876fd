"""Whether the bytes that a PDF signature says it covers are all of the file but the signature itself.

Stricter than ISO 32000: nothing but the signature may stand in the gap, nothing but zeros after it, and the file must end
where its last revision ends. What is looser than that is how forged files hide their content.
"""

from __future__ import annotations

import re
from typing import Any

from asn1crypto import parser

_END = re.compile(rb"startxref\s+\d+\s+%%EOF[\x00\t\n\x0c\r ]*\Z")
_STARTXREF = re.compile(rb"(?:^|[\r\n])startxref(?=[\s])")
_OBJECT = re.compile(rb"(?:^|[\s])(\d{1,10})\s+\d{1,5}\s+obj(?=[\s<\[(/])")
_HEX = frozenset(b"0123456789abcdefABCDEF")


def gap_fault(data: bytes, byte_range: Any, contents: bytes) -> str:
    """What is wrong with the covered ranges of a signature; empty when nothing is."""
    numbers = [int(each) for each in byte_range]
    if len(numbers) != 4 or any(each < 0 for each in numbers):
        return "the byte range does not have four numbers"
    first, length, second, rest = numbers
    if first != 0 or second <= length or second + rest > len(data) or rest == 0:
        return "the byte range does not cover the file from its start"
    gap = data[length:second]
    if gap[:1] != b"<" or gap[-1:] != b">" or not _HEX.issuperset(gap[1:-1]):
        return "something else than the signature stands in the gap of the byte range"
    try:
        inside = bytes.fromhex(gap[1:-1].decode("ascii"))
    except ValueError:
        return "the signature is cut off"
    if inside != contents:
        return "the signature in the gap is not the one that the document refers to"
    return ""


def padding_fault(contents: bytes) -> str:
    """What is wrong after the signature's own bytes: only zeros may stand there; empty when nothing is."""
    end = length_of(contents)
    if end is None:
        return "the signature is cut off"
    return "" if not contents[end:].strip(b"\x00") else "something stands after the signature"


def length_of(data: bytes) -> int | None:
    """How many bytes the first value takes, with its header (DER, or BER of indefinite length); None when it is cut off."""
    try:
        _class, _method, _tag, header, content, trailer = parser.parse(data)
    except ValueError:
        return None
    return len(header) + len(content) + len(trailer)


def strays(data: bytes, start: int, known: set[int], updates: int) -> bool:
    """Whether there is something from `start` on that no cross-reference knows: an object, or one more end of a revision.

    Readers that repair files show such objects; others do not. `known`: where objects and cross-references of the `updates`
    revisions begin that come after `start`.
    """
    if len(_STARTXREF.findall(data, start)) != updates:
        return True
    return any(found.start(1) not in known for found in _OBJECT.finditer(data, start))


def ends_properly(data: bytes) -> bool:
    """Whether the file ends with the end of a revision, and nothing after it."""
    return _END.search(data[-1100:]) is not None
