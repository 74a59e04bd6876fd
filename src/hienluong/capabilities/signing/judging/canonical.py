"""Canonical XML (C14N 1.0, 1.1, exclusive 1.0) of a whole document or of one element in its place.

The library's own is for whole documents: of an element it forgets the namespaces and ``xml:`` attributes around it, on
which signatures stand. Comments are never part of what we canonicalise: references within a document leave them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urljoin

from lxml import etree

XML = "http://www.w3.org/XML/1998/namespace"
#: The largest number of elements that are canonicalised for one reference.
MOST_ELEMENTS = 400_000


class TooLarge(ValueError):
    """More elements than anybody signs."""


@dataclass(frozen=True)
class Method:
    """One way to canonicalise."""

    kind: Literal["1.0", "1.1", "exclusive"]
    prefixes: frozenset[str] = frozenset()  # InclusiveNamespaces of the exclusive kind; "" is the default namespace


_URIS: dict[str, Literal["1.0", "1.1", "exclusive"]] = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": "1.0",
    "http://www.w3.org/2006/12/xml-c14n11": "1.1",
    "http://www.w3.org/2001/10/xml-exc-c14n#": "exclusive",
}
#: The name of a method may ask for comments; within a document there are none to keep, so both come to the same.
METHODS = {**_URIS, **{f"{uri.rstrip('#')}#WithComments": kind for uri, kind in _URIS.items()}}


def method(uri: str, element: Any = None) -> Method | None:
    """The method with this name, with the prefixes listed in its element; None when we know none of that name."""
    kind = METHODS.get(uri)
    if kind is None:
        return None
    listed: set[str] = set()
    if kind == "exclusive" and element is not None:
        for each in element.iterchildren(f"{{{'http://www.w3.org/2001/10/xml-exc-c14n#'}}}InclusiveNamespaces"):
            listed.update("" if word == "#default" else word for word in each.get("PrefixList", "").split())
    return Method(kind, frozenset(listed))


def canonical(element: Any, how: Method, *, without: Any = None, document: bool = False) -> bytes:
    """The canonical form of an element and all in it.

    `without`: an element inside that is left out (the signature itself). `document`: with the processing instructions
    before and after the root, as for a reference to the whole document.
    """
    out: list[str] = []
    if document:
        before = [each for each in element.itersiblings(preceding=True) if _is_instruction(each)]
        out.extend(_instruction(each) + "\n" for each in reversed(before))
    _element(element, how, without, out)
    if document:
        out.extend("\n" + _instruction(each) for each in element.itersiblings() if _is_instruction(each))
    return "".join(out).encode("utf-8", "surrogatepass")


def _element(apex: Any, how: Method, without: Any, out: list[str]) -> None:
    """Depth first, without recursion: what is nested deep does not end the process."""
    waiting: list[tuple[Any, dict[str, str] | None, str]] = [(apex, {"": ""}, "")]
    count = 0
    while waiting:
        item, rendered, text = waiting.pop()
        if item is None or rendered is None:
            out.append(text)
            continue
        if _is_instruction(item):
            out.append(_instruction(item))
            continue
        if item is without or not isinstance(item.tag, str):
            continue
        count += 1
        if count > MOST_ELEMENTS:
            raise TooLarge
        name, inside = _start(item, how, rendered, out, apex=item is apex)
        if item.text:
            out.append(_text(item.text))
        waiting.append((None, None, f"</{name}>"))
        for child in reversed(item):
            if child.tail:
                waiting.append((None, None, _text(child.tail)))
            waiting.append((child, inside, ""))


def _start(
    item: Any, how: Method, rendered: dict[str, str], out: list[str], *, apex: bool
) -> tuple[str, dict[str, str]]:
    """Write a start tag; returns its name and the namespaces that are written out from here on."""
    scope = {prefix or "": uri for prefix, uri in item.nsmap.items() if prefix != "xml"}
    scope.setdefault("", "")
    qualified = etree.QName(item)
    prefix = item.prefix or ""
    name = f"{prefix}:{qualified.localname}" if prefix else qualified.localname
    attributes = _attributes(item, how, apex=apex)
    if how.kind == "exclusive":
        used = {prefix, *(each[2].partition(":")[0] for each in attributes if ":" in each[2])} - {"xml"}
        wanted = used | (how.prefixes & scope.keys())
    else:
        wanted = set(scope)
    inside = dict(rendered)
    declared: list[tuple[str, str]] = []
    for each in sorted(wanted):
        uri = scope.get(each, "")
        if inside.get(each) != uri and not (each and not uri):
            declared.append((each, uri))
            inside[each] = uri
    parts = [f"<{name}"]
    parts.extend(f' xmlns{":" + each if each else ""}="{_value(uri)}"' for each, uri in declared)
    parts.extend(f' {each[2]}="{_value(each[3])}"' for each in attributes)
    out.append("".join(parts) + ">")
    return name, inside


def _attributes(item: Any, how: Method, *, apex: bool) -> list[tuple[str, str, str, str]]:
    """Namespace, local name, qualified name and value of each attribute, in canonical order."""
    prefixes: dict[str, str] = {}
    for prefix, uri in sorted((p, u) for p, u in item.nsmap.items() if p):
        prefixes.setdefault(uri, prefix)
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for key, value in item.attrib.items():
        qualified = etree.QName(key)
        uri = qualified.namespace or ""
        prefix = "xml" if uri == XML else prefixes.get(uri, "")
        found[(uri, qualified.localname)] = (
            f"{prefix}:{qualified.localname}" if prefix else qualified.localname,
            value,
        )
    if apex and how.kind != "exclusive":
        for local, value in _inherited(item, how).items():
            found.setdefault((XML, local), (f"xml:{local}", value))
    return [(uri, local, *found[(uri, local)]) for uri, local in sorted(found)]


def _inherited(item: Any, how: Method) -> dict[str, str]:
    """The ``xml:`` attributes of what is around an element, the nearest first."""
    around: dict[str, str] = {}
    bases: list[str] = [item.get(f"{{{XML}}}base")] if item.get(f"{{{XML}}}base") else []
    for above in item.iterancestors():
        for key, value in above.attrib.items():
            qualified = etree.QName(key)
            if qualified.namespace != XML:
                continue
            if how.kind == "1.1" and qualified.localname == "base":
                bases.append(value)
            elif how.kind == "1.0" or qualified.localname in ("lang", "space"):
                around.setdefault(qualified.localname, value)
    if how.kind == "1.1" and len(bases) > 1:  # RFC 3986: each is relative to the one above it
        joined = ""
        for base in reversed(bases):
            joined = urljoin(joined, base)
        around["base"] = joined
    elif how.kind == "1.1" and bases:
        around["base"] = bases[0]
    return around


def _is_instruction(item: Any) -> bool:
    return item.tag is etree.ProcessingInstruction


def _instruction(item: Any) -> str:
    text = (item.text or "").replace("\r", "&#xD;")
    return f"<?{item.target} {text}?>" if text else f"<?{item.target}?>"


def _text(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def _value(value: str) -> str:
    plain = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return plain.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")
