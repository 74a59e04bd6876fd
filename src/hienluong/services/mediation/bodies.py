"""Bodies from outside, read without trust: JSON and XML bombs, doubtful numbers and keys said twice are refused.

Limits are in bytes, levels and pieces; every fault is told without a value from the body.
"""

from __future__ import annotations

import json
import math
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

#: Largest answer of a provider that is taken in whole, in bytes.
MOST_ANSWER = 8 * 1024 * 1024
#: Levels of objects and lists, or of elements, in one another.
MOST_DEPTH = 64
#: Values in a JSON document, or elements and attributes in an XML one.
MOST_PIECES = 300_000
#: Bytes given to the XML parser at once, and of one tag with its attributes: it begins a tag anew with each portion.
PORTION, MOST_TAG = 64 * 1024, 256 * 1024


class BadBody(ValueError):
    """The body cannot be used. `code` says why, for the log and the answer: never with a value from it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_json(content: bytes) -> Any:
    """A JSON document (RFC 8259, UTF-8); raises :class:`BadBody`.

    Refused beside what is no JSON: a key twice in one object (two readers would each see another value), NaN and Infinity,
    numbers that would come out with another value, text that is no Unicode (half of a surrogate pair), too deep, too many.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise BadBody("json-encoding") from None
    try:
        document = json.loads(
            text, object_pairs_hook=_once, parse_float=_exact, parse_int=_whole, parse_constant=_no_constant
        )
    except BadBody:
        raise
    except RecursionError:
        raise BadBody("json-depth") from None
    except ValueError:
        raise BadBody("json") from None
    _measure(document)
    return document


def write_json(document: Any) -> bytes:
    """The document as UTF-8, without spaces."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def read_xml(content: bytes) -> Element:
    """The root of an XML document; raises :class:`BadBody`.

    A document type is refused, and with it every entity of the document's own and everything fetched from elsewhere.
    """
    parser = DefusedXMLParser(target=_Counting(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        for start in range(0, len(content), PORTION):
            parser.feed(content[start : start + PORTION])
            if start + PORTION - parser.parser.CurrentByteIndex > MOST_TAG:
                raise BadBody("xml-pieces")
        root: Element = parser.close()
    except DefusedXmlException:
        raise BadBody("xml-entities") from None
    except (ParseError, LookupError, ValueError) as problem:
        if isinstance(problem, BadBody):
            raise
        raise BadBody("xml") from None
    return root


class _Counting:
    """Builds the tree of elements, and stops when it grows too deep or too large."""

    def __init__(self) -> None:
        from xml.etree.ElementTree import TreeBuilder

        self._builder = TreeBuilder()
        self._depth = self._pieces = 0

    def start(self, tag: str, attributes: dict[str, str]) -> Element:
        self._depth += 1
        self._pieces += 1 + len(attributes)
        if self._depth > MOST_DEPTH:
            raise BadBody("xml-depth")
        if self._pieces > MOST_PIECES:
            raise BadBody("xml-pieces")
        return self._builder.start(tag, attributes)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return self._builder.end(tag)

    def data(self, text: str) -> None:
        self._builder.data(text)

    def close(self) -> Element:
        return self._builder.close()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise BadBody("json-key-twice")
    return made


def _exact(text: str) -> float:
    """A number with a fraction, if it comes out of here with the value it came with."""
    number = float(text)
    try:
        same = math.isfinite(number) and Decimal(repr(number)) == Decimal(text)
    except (InvalidOperation, OverflowError):
        same = False
    if not same:
        raise BadBody("json-number")
    return number


def _whole(text: str) -> int:
    if len(text) > 400:  # reading and writing longer ones costs the square of their length
        raise BadBody("json-number")
    return int(text)


def _no_constant(_text: str) -> None:
    raise BadBody("json-number")


def _measure(document: Any) -> None:
    level, depth, pieces = [document], 0, 0
    while level:
        pieces += len(level)
        if pieces > MOST_PIECES:
            raise BadBody("json-pieces")
        below: list[Any] = []
        nested = False
        for each in level:
            if isinstance(each, dict):
                nested = True
                for key in each:
                    _check_text(key)
                below.extend(each.values())
            elif isinstance(each, list):
                nested = True
                below.extend(each)
            elif isinstance(each, str):
                _check_text(each)
        if nested:
            depth += 1
            if depth > MOST_DEPTH:
                raise BadBody("json-depth")
        level = below


def _check_text(text: str) -> None:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise BadBody("json-encoding") from None
