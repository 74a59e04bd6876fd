"""Opening XML of strangers: no document type, hence no entities and no bombs; nothing is fetched; ids are unique."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _
from lxml import etree

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
#: Attributes that name an element, as XML-DSig, XAdES and the exchange formats write them.
_ID_NAMES = frozenset(
    {
        "Id",
        "ID",
        "id",
        "{http://www.w3.org/XML/1998/namespace}id",
        "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}Id",
    }
)
MOST_ELEMENTS = 400_000
MOST_DEPTH = 200
#: Attributes of one element, and namespaces that are declared around one: each costs work at every element inside.
MOST_ATTRIBUTES, MOST_NAMESPACES = 500, 300


class Refused(ValueError):
    """XML that is not judged at all; the message says why, in words for people."""


class NoSigner(Refused):
    """A signature that does not bring its certificate: nobody can tell whose it is."""


def open_tree(data: bytes) -> Any:
    """The root of an XML document. Raises :class:`Refused`."""
    _look_before(data)  # bounds what the parser's own bounds would, but for the length of one text: a file in Base64
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=True, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(_("Tệp này không phải XML đọc được.")) from error
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise Refused(_no_types())
    if next(root.iter(etree.Entity), None) is not None:
        raise Refused(_no_types())
    return root


def _no_types() -> str:
    return _("Tệp XML có khai báo kiểu tài liệu hoặc thực thể (DTD), có thể đánh lừa người đọc; không xem.")


def _look_before(data: bytes) -> None:
    """Refuse a document type, too many elements, too deep ones, too many namespaces, before a tree is built."""
    count, declared = 0, [0]  # elements so far; namespaces declared around and at each open element

    def begin(_name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        declared.append(declared[-1] + sum(each.startswith("xmlns") for each in attributes))
        large = len(attributes) > MOST_ATTRIBUTES or declared[-1] > MOST_NAMESPACES
        if large or len(declared) > MOST_DEPTH + 1 or count > MOST_ELEMENTS:
            raise Refused(_("Tệp XML có quá nhiều phần tử hoặc lồng quá sâu; không xem."))

    def end(_name: str) -> None:
        declared.pop()

    def doctype(*_told: object) -> None:
        raise Refused(_no_types())

    reader = expat.ParserCreate()
    reader.StartElementHandler, reader.EndElementHandler = begin, end
    reader.StartDoctypeDeclHandler = doctype
    reader.EntityDeclHandler = doctype
    try:
        reader.Parse(data, True)
    except (expat.ExpatError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(_("Tệp này không phải XML đọc được.")) from error


def elements_by_id(root: Any) -> dict[str, list[Any]]:
    """Which elements bear each id: a signature may only refer to one that a single element bears."""
    found: dict[str, list[Any]] = {}
    for element in root.iter(etree.Element):
        for value in {element.get(name) for name in _ID_NAMES & set(element.attrib)}:
            if value is not None:
                found.setdefault(value, []).append(element)
    return found


def signatures_in(root: Any) -> list[Any]:
    """The signatures of a document that do not stand inside another one, in document order."""
    tag = f"{{{DS}}}Signature"
    return [each for each in root.iter(tag) if next(each.iterancestors(tag), None) is None]
