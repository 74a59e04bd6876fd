"""Reading a WSDL 1.1 description (SOAP 1.1 or 1.2 over HTTP, literal), uploaded by somebody we do not trust.

A consumer never sees SOAP: each operation becomes a POST with a JSON body and a JSON answer, whose schemas are made from the
messages, and a declared transformation (:mod:`hienluong.services.mediation.transforms`) by which the mediator speaks SOAP to
the provider. Nothing is fetched: what is imported must be in the upload. Document types and entities are refused, and what
grows too large. Faults are told with file and line.

Left out of messages, because nothing of JSON says it: wildcards that need not be there, and types within themselves.
"""

from __future__ import annotations

import io
import json
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _
from lxml import etree

from hienluong.foundation.actions import InvalidInput
from hienluong.services.mediation import transforms

WSDL = "http://schemas.xmlsoap.org/wsdl/"
XSD = "http://www.w3.org/2001/XMLSchema"
#: The two bindings, and how the envelope of each is called in a transformation.
SOAP = {"http://schemas.xmlsoap.org/wsdl/soap/": "1.1", "http://schemas.xmlsoap.org/wsdl/soap12/": "1.2"}
_HTTP = ("http://schemas.xmlsoap.org/soap/http", "http://www.w3.org/2003/05/soap/bindings/HTTP/")
#: Namespaces that everybody knows: they need no file.
_KNOWN = (XSD, "http://www.w3.org/XML/1998/namespace", "http://schemas.xmlsoap.org/soap/encoding/")
#: Bytes of all files; files of a package; characters of one tag, tags of one file; parts of one message, levels of it.
MOST_BYTES, MOST_FILES, MOST_TAG, MOST_TAGS, MOST_PARTS, MOST_DEPTH = 1_000_000, 50, 20_000, 60_000, 2_000, 12
#: The member of an answer that holds the text of an element which has attributes too.
TEXT = "value"
_ONE = "mo-ta.wsdl"
_TEXTS = (
    "string normalizedString token language Name NCName ID IDREF IDREFS ENTITY ENTITIES NMTOKEN NMTOKENS anyURI QName NOTATION "
    "dateTime time duration gYear gYearMonth gMonth gMonthDay gDay base64Binary hexBinary anySimpleType"
)
_WHOLE = (
    "integer long int short byte nonNegativeInteger positiveInteger nonPositiveInteger negativeInteger unsignedLong "
    "unsignedInt unsignedShort unsignedByte"
)
_KINDS = {
    **dict.fromkeys(_TEXTS.split(), "text"),
    **dict.fromkeys(_WHOLE.split(), "int"),
    **dict.fromkeys(("decimal", "float", "double"), "number"),
    "boolean": "boolean",
    "date": "date",
}
_JSON = {"text": "string", "int": "integer", "number": "number", "boolean": "boolean", "date": "string"}
_PERSON = re.compile(r"\s*x-person:\s*(\S+)")
_ACTION = re.compile(r"[\x20\x21\x23-\x7e]{0,300}")
_NAME = re.compile(r"[^\W\d][\w.-]{0,79}")


@dataclass(frozen=True)
class Read:
    """One operation as it was read."""

    name: str
    title: str
    person: str
    request_schema: dict[str, Any]
    response_schema: dict[str, Any] | None
    transform: dict[str, Any]
    line: int


@dataclass
class _Part:
    """A part of a message: an element, an attribute, or the text of an element."""

    name: str  # in JSON
    tag: str  # in a transformation: n1:So, @nam, .
    kind: str = ""  # of its text; empty where it has parts
    facets: dict[str, Any] = field(default_factory=dict)
    many: bool = False
    required: bool = True
    nillable: bool = False
    parts: list[_Part] = field(default_factory=list)


@dataclass(frozen=True)
class _Schema:
    """One schema document: whose names it declares, and whether local ones are qualified."""

    file: str
    namespace: str
    elements: bool
    attributes: bool
    adopted: bool = False  # it has no namespace of its own, and got that of who includes it


_Found = tuple[etree._Element, _Schema]


def is_wsdl(text: str) -> bool:
    """Whether a description is WSDL: XML, or a package made by :func:`packed`."""
    return text.lstrip("\ufeff \t\r\n")[:1] == "<" or _package(text) is not None


def packed(content: bytes) -> str:
    """A zip with a WSDL and what it imports, as text that a version keeps. Raises InvalidInput (at ``file``)."""
    files: dict[str, str] = {}
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = [one for one in package.infolist() if not one.is_dir()]
            if len(entries) > MOST_FILES:
                raise _bad_file(_("Gói có quá %(most)d tệp.") % {"most": MOST_FILES})
            for entry in entries:
                name = posixpath.normpath(entry.filename.replace("\\", "/"))
                if not name.lower().endswith((".wsdl", ".xsd", ".xml")):
                    continue
                if name.startswith(("/", "..")) or len(name) > 200:
                    raise _bad_file(_("Tên tệp trong gói không dùng được: %(name)s.") % {"name": name[:100]})
                with package.open(entry) as opened:
                    found = opened.read(left + 1)  # never more, whatever the package says of its size
                left -= len(found)
                if left < 0:
                    raise _bad_file(_("Mô tả dài hơn 1 MB."))
                files[name] = found.decode("utf-16" if found[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as problem:
        if isinstance(problem, UnicodeDecodeError):
            raise _bad_file(_("Tệp không phải là văn bản UTF-8.")) from None
        raise _bad_file(_("Gói nén không mở được.")) from None
    mains = [name for name, text in files.items() if name.lower().endswith(".wsdl")]
    if len(mains) > 1:  # the others are imported: they have no service of their own
        mains = [name for name in mains if re.search(r"<(?:[\w.-]+:)?service[\s>]", files[name])]
    if len(mains) != 1:
        raise _bad_file(_("Gói phải có đúng một tệp .wsdl có mục “service”."))
    return json.dumps({"wsdl": mains[0], "files": files}, ensure_ascii=False, indent=1)


def _bad_file(words: str) -> InvalidInput:
    return InvalidInput(words, code="bus.bad_description", field="file")


def _package(text: str) -> tuple[str, dict[str, str]] | None:
    if not text.lstrip().startswith("{") or '"wsdl"' not in text:
        return None
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    files, main = told.get("files"), told.get("wsdl")
    if not isinstance(files, dict) or not isinstance(main, str) or main not in files:
        return None
    if not all(isinstance(each, str) for each in files.values()) or len(files) > MOST_FILES:
        return None
    return main, files


def read(text: str) -> tuple[str, list[Read]]:
    """The name of the service and its operations; raises InvalidInput (at ``document``) with file and line."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES * 2:  # a package is text within text
        raise InvalidInput(_("Mô tả dài hơn 1 MB."), code="bus.bad_description", field="document")
    main, files = _package(text) or (_ONE, {_ONE: text})
    return _Reader(files, main).read()


class _Reader:
    def __init__(self, files: dict[str, str], main: str) -> None:
        self.files = files
        self.main = main
        self.told: dict[str, dict[tuple[str, str], etree._Element]] = {}  # messages, port types, bindings
        self.services: list[etree._Element] = []
        self.schemas: dict[str, dict[tuple[str, str], _Found]] = {}  # by kind: element, complexType …
        self.where: dict[etree._Element, str] = {}  # the file of each root
        self.seen: set[tuple[str, str]] = set()
        self.left = 0

    def read(self) -> tuple[str, list[Read]]:
        root = self._parse(self.main, None)
        if root.tag != f"{{{WSDL}}}definitions":
            self._wrong(root, _("Tệp không phải là WSDL 1.1 (gốc phải là “definitions”)."))
        self._definitions(root)
        name, port, binding = self._port(root)
        return name, list(self._operations(port, binding))

    # ---- files

    def _parse(self, name: str, importer: etree._Element | None) -> etree._Element:
        text = self.files[name].lstrip("\ufeff \t\r\n")
        if found := re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
            self._at(name, text.count("\n", 0, found.start()) + 1, _("không được có DOCTYPE hay thực thể (entity)."))
        if text.count("<") > MOST_TAGS or re.search(rf"<[^<>]{{{MOST_TAG},}}", text):
            self._at(name, 1, _("Mô tả quá lớn."))
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
        declared = re.match(r"<\?xml[^>]*\?>", text)
        content = text[declared.end() :] if declared else text  # it is text by now, whatever it was encoded in
        try:
            root = etree.fromstring(content.lstrip(" \t").encode("utf-8", "replace"), parser)
        except etree.XMLSyntaxError as problem:
            self._at(name, problem.lineno or 1, _("XML sai: %(error)s") % {"error": str(problem.msg)[:200]})
        self.where[root] = name
        return root

    def _at(self, name: str, line: int, words: str) -> NoReturn:
        place = f"{name}: " if len(self.files) > 1 else ""
        told = place + _("Dòng %(line)d: %(words)s") % {"line": line, "words": words}
        raise InvalidInput(told, code="bus.bad_description", field="document")

    def _wrong(self, node: etree._Element, words: str) -> NoReturn:
        self._at(self._file(node), node.sourceline or 1, words)

    def _file(self, node: etree._Element) -> str:
        return self.where.get(node.getroottree().getroot(), self.main)

    def _other(self, node: etree._Element, location: str, *, namespace: str | None = None) -> str | None:
        """The file that is imported there; None where none is needed. Nothing is ever fetched."""
        wanted = unquote(urlsplit(location).path) if "://" in location else location
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(self._file(node)), wanted))
        if beside in self.files and "://" not in location:
            return beside
        named = [each for each in self.files if posixpath.basename(each) == posixpath.basename(wanted)]
        if len(named) == 1:
            return named[0]
        inline = {key[0] for one in self.schemas.values() for key in one}
        if namespace is None or namespace not in {*_KNOWN, *inline}:
            words = _(
                "“%(file)s” không có trong gói tải lên (không tải gì từ mạng): nén nó cùng tệp WSDL thành gói .zip."
            )
            self._wrong(node, words % {"file": location[:100]})
        return None

    # ---- declarations

    def _definitions(self, root: etree._Element) -> None:
        key = (self._file(root), "wsdl")
        if key in self.seen:
            return
        self.seen.add(key)
        namespace = root.get("targetNamespace", "")
        inline = [each for types in root.findall(f"{{{WSDL}}}types") for each in types.findall(f"{{{XSD}}}schema")]
        for schema in inline:  # all first: they may import one another without saying where
            self._declare(schema, schema.get("targetNamespace", ""), follow=False)
        for schema in inline:
            self._follow(schema, schema.get("targetNamespace", ""))
        for node in root.findall(f"{{{WSDL}}}import"):
            other = self._other(node, node.get("location", ""))
            if other is None:
                continue
            found = self._parse(other, node) if (other, "wsdl") not in self.seen else None
            if found is None:
                continue
            if found.tag == f"{{{XSD}}}schema":
                self._declare(found, found.get("targetNamespace", ""))
            else:
                self._definitions(found)
        for kind in ("message", "portType", "binding"):
            for node in root.findall(f"{{{WSDL}}}{kind}"):
                self.told.setdefault(kind, {})[(namespace, node.get("name", ""))] = node
        self.services += root.findall(f"{{{WSDL}}}service")

    def _declare(self, root: etree._Element, namespace: str, *, follow: bool = True) -> None:
        schema = _Schema(
            self._file(root),
            namespace,
            root.get("elementFormDefault") == "qualified",
            root.get("attributeFormDefault") == "qualified",
            adopted=not root.get("targetNamespace") and bool(namespace),
        )
        for node in root:
            name = node.get("name")
            if name:
                kind = etree.QName(node).localname
                self.schemas.setdefault(kind, {}).setdefault((namespace, name), (node, schema))
        if follow:
            self._follow(root, namespace)

    def _follow(self, root: etree._Element, namespace: str) -> None:
        for node in root:
            kind = etree.QName(node).localname
            if kind not in ("import", "include", "redefine"):
                continue
            location = node.get("schemaLocation", "")
            wanted = node.get("namespace", "") if kind == "import" else namespace
            if not location:
                continue  # inline, or known; what is missing is told where it is used
            other = self._other(node, location, namespace=wanted if kind == "import" else None)
            if other is None or (other, wanted) in self.seen:
                continue
            self.seen.add((other, wanted))
            found = self._parse(other, node)
            if found.tag != f"{{{XSD}}}schema":
                self._wrong(found, _("Tệp được nhập không phải là lược đồ XML."))
            own = found.get("targetNamespace", "")
            if own and own != wanted:
                self._wrong(node, _("Lược đồ được nhập có targetNamespace khác."))
            self._declare(found, own or (wanted if kind != "import" else ""))

    def _name(self, node: etree._Element, word: str, schema: _Schema | None = None) -> tuple[str, str]:
        """What an attribute names: namespace and local name."""
        prefix, colon, local = node.get(word, "").strip().rpartition(":")
        if colon and prefix not in node.nsmap:
            self._wrong(node, _("Tiền tố “%(prefix)s” chưa khai báo.") % {"prefix": prefix[:40]})
        namespace = node.nsmap.get(prefix if colon else None) or ""
        if not namespace and schema is not None and schema.adopted:
            namespace = schema.namespace
        return namespace, local

    def _declared(self, node: etree._Element, word: str, kind: str) -> etree._Element:
        namespace, local = self._name(node, word)
        found = self.told.get(kind, {}).get((namespace, local))
        if found is None:
            self._missing(node, local)
        return found

    def _missing(self, node: etree._Element, name: str) -> NoReturn:
        self._wrong(node, _("“%(name)s” chưa được khai báo.") % {"name": name[:100]})

    # ---- service, binding, operations

    def _port(self, root: etree._Element) -> tuple[str, etree._Element, etree._Element]:
        """The port that is used: the first that speaks SOAP 1.1 over HTTP, else SOAP 1.2."""
        found: list[tuple[str, int, str, etree._Element, etree._Element]] = []
        for service in self.services:
            for port in service.findall(f"{{{WSDL}}}port"):
                binding = self._declared(port, "binding", "binding")
                for namespace, version in SOAP.items():
                    soap = binding.find(f"{{{namespace}}}binding")
                    if soap is not None and soap.get("transport", _HTTP[0]) in _HTTP:
                        found.append((version, len(found), service.get("name", ""), port, binding))
        if not found:
            self._wrong(root, _("WSDL không có cổng (port) nào nói SOAP qua HTTP."))
        _version, _place, name, port, binding = min(found, key=lambda one: one[:2])
        return name, port, binding

    def _operations(self, port: etree._Element, binding: etree._Element) -> Iterator[Read]:
        abstract = self._declared(binding, "type", "portType")
        by_name = {node.get("name", ""): node for node in abstract.findall(f"{{{WSDL}}}operation")}
        namespace = next(each for each in SOAP if binding.find(f"{{{each}}}binding") is not None)
        style = binding.find(f"{{{namespace}}}binding").get("style", "document")
        bound = binding.findall(f"{{{WSDL}}}operation")
        if not bound:
            self._wrong(binding, _("Mô tả không có thao tác nào."))
        for node in bound:
            name = node.get("name", "")
            if name not in by_name:
                self._missing(node, name)
            soap = node.find(f"{{{namespace}}}operation")
            own = soap.get("style", style) if soap is not None else style
            action = soap.get("soapAction", "") if soap is not None else ""
            if not _ACTION.fullmatch(action):
                self._wrong(node, _("soapAction không dùng được."))
            yield self._operation(node, by_name[name], namespace, own, action)

    def _operation(
        self, bound: etree._Element, abstract: etree._Element, namespace: str, style: str, action: str
    ) -> Read:
        name = bound.get("name", "")
        asked = self._message(bound, abstract, "input", namespace, style)
        if asked is None:
            self._wrong(abstract, _("Thao tác “%(name)s” thiếu thông điệp vào (input).") % {"name": name[:80]})
        answered = self._message(bound, abstract, "output", namespace, style)
        title, person = self._words(abstract)
        writing = _Writing()
        request = {
            "format": "soap",
            "version": SOAP[namespace],
            "method": "POST",
            "path": "",  # the address of the provider is that of the port itself
            "action": action,
            "root": writing.name(asked.tag),
            "map": writing.asked(asked.parts),
            "namespaces": writing.prefixes,
        }
        response: dict[str, Any] = {"format": "soap", "map": {}}
        if answered is not None:
            reading = _Writing()
            response |= {"map": reading.picked(answered.parts), "namespaces": reading.prefixes}
            if style != "rpc":  # how servers call the wrapper of an answer differs
                response["root"] = reading.name(answered.tag)
        transform = {"request": request, "response": response}
        try:
            transforms.check(transform)
        except transforms.BadTransform as problem:
            words = _("Thao tác “%(name)s” không chuyển được sang JSON (%(place)s).")
            self._wrong(abstract, words % {"name": name[:80], "place": str(problem)[:100]})
        return Read(
            name,
            title,
            person,
            _object(asked.parts, closed=True),
            _object(answered.parts) if answered is not None and answered.parts else None,
            transform,
            abstract.sourceline or 1,
        )

    def _words(self, abstract: etree._Element) -> tuple[str, str]:
        """What the operation is called for people, and where in its answer the personal number is (``x-person: /…``)."""
        node = abstract.find(f"{{{WSDL}}}documentation")
        text = "".join(node.itertext()) if node is not None else ""
        found = _PERSON.search(text)
        return " ".join(_PERSON.sub("", text).split())[:300], found[1] if found else ""

    def _message(
        self, bound: etree._Element, abstract: etree._Element, side: str, namespace: str, style: str
    ) -> _Part | None:
        node = abstract.find(f"{{{WSDL}}}{side}")
        if node is None:
            return None
        message = self._declared(node, "message", "message")
        place = bound.find(f"{{{WSDL}}}{side}")
        if place is None:
            self._wrong(bound, _("Phần ràng buộc (binding) thiếu “%(side)s”.") % {"side": side})
        body = place.find(f"{{{namespace}}}body")
        if body is not None and body.get("use", "literal") != "literal":
            self._wrong(body, _('Chỉ nhận use="literal"; kiểu “encoded” không dùng được.'))
        if side == "input" and (header := place.find(f"{{{namespace}}}header")) is not None:
            self._wrong(header, _("Thao tác đòi tiêu đề SOAP (soap:header): bộ trung gian không gửi được."))
        parts = message.findall(f"{{{WSDL}}}part")
        if body is not None and body.get("parts") is not None:
            parts = [part for part in parts if part.get("name") in body.get("parts", "").split()]
        self.left = MOST_PARTS
        if style == "rpc":
            name = bound.get("name", "") + ("" if side == "input" else "Response")
            around = body.get("namespace", "") if body is not None else ""
            return _Part(name, _clark(around, name), parts=self._tidy(message, [self._rpc(each) for each in parts]))
        if len(parts) != 1 or parts[0].get("element") is None:
            self._wrong(message, _("Kiểu “document” cần đúng một phần (part) có “element”."))
        found = self._global(parts[0], "element", "element")
        made = self._element(*found, (), asked=side == "input")
        if made is None or made.kind:
            self._wrong(found[0], _("Phần tử gốc của thông điệp phải có các phần tử con."))
        return made

    def _rpc(self, part: etree._Element) -> _Part:
        if part.get("type") is None or not _NAME.fullmatch(part.get("name", "")):
            self._wrong(part, _("Kiểu “rpc” cần mỗi phần (part) có tên và “type”."))
        none = _Schema(self._file(part), "", False, False)
        made = _Part(_called(part.get("name", "")), part.get("name", ""))
        self._type(part, "type", none, made, (), asked=True)
        return made

    # ---- types

    def _global(self, node: etree._Element, word: str, kind: str, schema: _Schema | None = None) -> _Found:
        key = self._name(node, word, schema)
        found = self.schemas.get(kind, {}).get(key)
        if found is None:
            self._missing(node, key[1])
        return found

    def _count(self, node: etree._Element, inside: tuple[Any, ...]) -> None:
        self.left -= 1
        if self.left < 0 or len(inside) > 60:
            self._wrong(node, _("Thông điệp quá lớn: hơn %(most)d phần.") % {"most": MOST_PARTS})

    def _element(self, node: etree._Element, schema: _Schema, inside: tuple[Any, ...], *, asked: bool) -> _Part | None:
        """An element as a part; None for what JSON does not carry."""
        self._count(node, inside)
        at_top = node.getparent() is not None and node.getparent().tag == f"{{{XSD}}}schema"
        if node.get("ref") is not None:
            found = self._global(node, "ref", "element", schema)
            made = self._element(*found, inside, asked=asked)
        else:
            name = node.get("name", "")
            if not _NAME.fullmatch(name):
                self._wrong(node, _("Tên “%(name)s” không dùng được.") % {"name": name[:80]})
            qualified = at_top or node.get("form", "qualified" if schema.elements else "") == "qualified"
            made = _Part(_called(name), _clark(schema.namespace if qualified else "", name))
            made.nillable = node.get("nillable") in ("true", "1")
            if not self._type(node, "type", schema, made, inside, asked=asked):
                made = None
        required = not at_top and node.get("minOccurs", "1") != "0"
        if made is None:
            if required and asked:
                self._wrong(node, _("Phần tử này không có kiểu rõ ràng nên không gửi bằng JSON được."))
            return None
        if not at_top:
            made.required = required
            made.many = made.many or node.get("maxOccurs", "1") not in ("0", "1")
            if node.get("maxOccurs") == "0":
                return None
        return made

    def _type(
        self,
        node: etree._Element,
        word: str,
        schema: _Schema,
        made: _Part,
        inside: tuple[Any, ...],
        *,
        asked: bool,
    ) -> bool:
        """Fill in what a part consists of; whether JSON carries it."""
        own = node.find(f"{{{XSD}}}complexType")
        simple = node.find(f"{{{XSD}}}simpleType")
        if own is None and simple is None:
            if node.get(word) is None:
                return False  # anyType
            namespace, local = self._name(node, word, schema)
            if namespace == XSD:
                if local not in _KINDS:
                    if local != "anyType":
                        self._missing(node, local)
                    return False
                made.kind = _KINDS[local]
                return True
            found = self.schemas.get("complexType", {}).get((namespace, local))
            if found is None:
                found = self._global(node, word, "simpleType", schema)
                made.kind, made.facets = self._simple(*found, 0)
                return True
            own, schema = found
        if simple is not None:
            made.kind, made.facets = self._simple(simple, schema, 0)
            return True
        if own in inside or len(inside) > MOST_DEPTH:
            return False
        made.parts = self._tidy(own, list(self._complex(own, schema, (*inside, own), asked=asked)))
        if len(made.parts) == 1 and made.parts[0].tag == ".":  # text alone
            text = made.parts[0]
            made.kind, made.facets, made.parts = text.kind, text.facets, []
        return True

    def _simple(self, node: etree._Element, schema: _Schema, depth: int) -> tuple[str, dict[str, Any]]:
        self._count(node, ())
        if depth > 20:
            self._wrong(node, _("Kiểu dữ liệu tham chiếu đi vòng."))
        restriction = node.find(f"{{{XSD}}}restriction")
        if restriction is None:
            return "text", {}  # a list, or one of several
        kind, facets = self._base(restriction, schema, depth)
        facets = {**facets, **_facets(restriction, kind)}
        return kind, facets

    def _base(self, node: etree._Element, schema: _Schema, depth: int) -> tuple[str, dict[str, Any]]:
        inner = node.find(f"{{{XSD}}}simpleType")
        if inner is not None and node.get("base") is None:
            return self._simple(inner, schema, depth + 1)
        namespace, local = self._name(node, "base", schema)
        if namespace == XSD:
            if local not in _KINDS:
                self._missing(node, local)
            return _KINDS[local], {}
        found = self.schemas.get("simpleType", {}).get((namespace, local))
        if found is None:
            self._missing(node, local)
        return self._simple(*found, depth + 1)

    def _complex(
        self, node: etree._Element, schema: _Schema, inside: tuple[Any, ...], *, asked: bool
    ) -> Iterator[_Part]:
        self._count(node, inside)
        for content in ("simpleContent", "complexContent"):
            around = node.find(f"{{{XSD}}}{content}")
            if around is None:
                continue
            for change in around:
                kind = etree.QName(change).localname
                if kind not in ("extension", "restriction"):
                    continue
                yield from self._derived(change, kind, content, schema, inside, asked=asked)
                return
        yield from self._content(node, schema, inside, asked=asked)

    def _derived(
        self,
        change: etree._Element,
        kind: str,
        content: str,
        schema: _Schema,
        inside: tuple[Any, ...],
        *,
        asked: bool,
    ) -> Iterator[_Part]:
        key = self._name(change, "base", schema)
        if key[0] == "http://schemas.xmlsoap.org/soap/encoding/":
            self._wrong(change, _('Chỉ nhận use="literal"; kiểu “encoded” không dùng được.'))
        found = self.schemas.get("complexType", {}).get(key)
        if content == "simpleContent" and found is None:
            text, facets = self._base(change, schema, 0)
            yield _Part(TEXT, ".", text, {**facets, **_facets(change, text)}, required=False)
        elif found is not None and (kind == "extension" or content == "simpleContent"):
            if found[0] in inside:
                self._wrong(change, _("Kiểu dữ liệu tham chiếu đi vòng."))
            yield from self._complex(*found, (*inside, found[0]), asked=asked)
        elif found is None and key != (XSD, "anyType"):
            self._missing(change, key[1])
        yield from self._content(change, schema, inside, asked=asked)

    def _content(
        self, node: etree._Element, schema: _Schema, inside: tuple[Any, ...], *, asked: bool
    ) -> Iterator[_Part]:
        for child in node:
            kind = etree.QName(child).localname
            if kind in ("sequence", "choice", "all", "group", "any"):
                yield from self._particle(child, schema, inside, asked=asked)
            elif kind == "attribute":
                if (made := self._attribute(child, schema)) is not None:
                    yield made
            elif kind == "attributeGroup":
                self._count(child, inside)
                found = self._global(child, "ref", "attributeGroup", schema)
                if found[0] in inside:
                    self._wrong(child, _("Kiểu dữ liệu tham chiếu đi vòng."))
                yield from self._content(*found, (*inside, found[0]), asked=asked)

    def _particle(
        self, node: etree._Element, schema: _Schema, inside: tuple[Any, ...], *, asked: bool
    ) -> Iterator[_Part]:
        self._count(node, inside)
        kind = etree.QName(node).localname
        if kind == "any":
            if asked and node.get("minOccurs", "1") != "0":
                self._wrong(node, _("Phần tử này không có kiểu rõ ràng nên không gửi bằng JSON được."))
            return
        if kind == "element":
            made = self._element(node, schema, inside, asked=asked)
            if made is not None:
                yield made
            return
        where, below, found_in = node, inside, schema
        if kind == "group" and node.get("ref") is not None:
            where, found_in = self._global(node, "ref", "group", schema)
            if where in inside:
                self._wrong(node, _("Kiểu dữ liệu tham chiếu đi vòng."))
            below = (*inside, where)
        parts = [
            each
            for child in where
            if etree.QName(child).localname in ("element", "sequence", "choice", "all", "group", "any")
            for each in self._particle(child, found_in, below, asked=asked)
        ]
        many = node.get("maxOccurs", "1") not in ("0", "1")
        if many and len(parts) > 1 and kind != "choice":
            self._wrong(node, _("Nhóm lặp lại có nhiều phần tử: hãy gói mỗi lần lặp trong một phần tử."))
        for each in parts:
            each.many = each.many or many
            if kind == "choice" or node.get("minOccurs", "1") == "0":
                each.required = False
            yield each

    def _attribute(self, node: etree._Element, schema: _Schema) -> _Part | None:
        self._count(node, ())
        if node.get("use") == "prohibited":
            return None
        required = node.get("use") == "required"
        qualified = node.get("form", "qualified" if schema.attributes else "") == "qualified"
        if node.get("ref") is not None:
            if self._name(node, "ref", schema)[0] in _KNOWN:
                return None  # xml:lang and its like
            node, schema = self._global(node, "ref", "attribute", schema)
            qualified = True
        name = node.get("name", "")
        if not _NAME.fullmatch(name):
            self._wrong(node, _("Tên “%(name)s” không dùng được.") % {"name": name[:80]})
        made = _Part(
            _called(name), "@" + _clark(schema.namespace if qualified else "", name), "text", required=required
        )
        if node.get("type") is not None or node.find(f"{{{XSD}}}simpleType") is not None:
            self._type(node, "type", schema, made, (), asked=False)
        return made

    def _tidy(self, node: etree._Element, parts: list[_Part]) -> list[_Part]:
        """The parts, each name once: the same element twice is a list of it."""
        made: dict[str, _Part] = {}
        for each in parts:
            before = made.get(each.name)
            if before is None:
                made[each.name] = each
            elif before.tag == each.tag:
                before.many, before.required = True, before.required or each.required
            elif each.tag.startswith("@") and f"@{each.name}" not in made:
                each.name = f"@{each.name}"
                made[each.name] = each
            else:
                self._wrong(node, _("Hai phần tử cùng tên “%(name)s” ở hai không gian tên.") % {"name": each.name})
        return list(made.values())


def _clark(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}" if namespace else name


def _called(name: str) -> str:
    """A name in JSON: fields are dotted names, so it has no dot itself."""
    return name.replace(".", "_")


def _facets(node: etree._Element, kind: str) -> dict[str, Any]:
    """What a restriction says that JSON Schema says too; patterns not, their dialect is another."""
    made: dict[str, Any] = {}
    enum = [each.get("value", "") for each in node.findall(f"{{{XSD}}}enumeration")]
    if enum and kind == "text":
        made["enum"] = enum
    for word, name in (("minLength", "minLength"), ("maxLength", "maxLength")):
        if kind == "text" and (found := node.find(f"{{{XSD}}}{word}")) is not None and _is_number(found):
            made[name] = int(found.get("value"))
    if kind == "text" and (exact := node.find(f"{{{XSD}}}length")) is not None and _is_number(exact):
        made["minLength"] = made["maxLength"] = int(exact.get("value"))
    for word, name in (("minInclusive", "minimum"), ("maxInclusive", "maximum")):
        found = node.find(f"{{{XSD}}}{word}")
        if kind == "int" and found is not None and re.fullmatch(r"-?[0-9]{1,18}", found.get("value", "")):
            made[name] = int(found.get("value"))
    return made


def _is_number(node: etree._Element) -> bool:
    return re.fullmatch(r"[0-9]{1,9}", node.get("value", "")) is not None


class _Writing:
    """Parts as a transformation names them, with the prefixes that it needs."""

    def __init__(self) -> None:
        self.prefixes: dict[str, str] = {}

    def name(self, tag: str) -> str:
        attribute = "@" if tag.startswith("@") else ""
        tag = tag.removeprefix("@")
        if not tag.startswith("{"):
            return attribute + tag
        namespace, _brace, local = tag[1:].rpartition("}")
        prefix = next((known for known, each in self.prefixes.items() if each == namespace), "")
        if not prefix:
            prefix = f"n{len(self.prefixes)}"
            self.prefixes[prefix] = namespace
        return f"{attribute}{prefix}:{local}"

    def asked(self, parts: list[_Part], place: str = "", pointer: str = "") -> dict[str, Any]:
        """The map of a request: where in the body each element is from, in the order of the schema."""
        made: dict[str, Any] = {}
        ordered = sorted(
            parts, key=lambda one: not one.tag.startswith("@")
        )  # attributes first: they are of the element
        for each in ordered:
            path, source = f"{place}{self.name(each.tag)}", f"body:{pointer}/{each.name}"
            if each.kind:
                made[path] = source
            elif each.many and each.parts:
                made[path] = {"each": source, "map": self.asked(each.parts)}
            elif each.parts:
                made.update(self.asked(each.parts, f"{path}/", f"{pointer}/{each.name}"))
        return made

    def picked(self, parts: list[_Part]) -> dict[str, Any]:
        """The map of an answer."""
        made: dict[str, Any] = {}
        for each in parts:
            path, typed = self.name(each.tag), {"type": each.kind} if each.kind != "text" else {}
            if each.kind and each.many:
                made[each.name] = {"each": path, **typed}
            elif each.kind:
                made[each.name] = {"path": path, **typed}
            elif each.parts:
                made[each.name] = {"each" if each.many else "at": path, "map": self.picked(each.parts)}
        return made


def _object(parts: list[_Part], *, closed: bool = False, lenient: bool = False) -> dict[str, Any]:
    """The JSON Schema of an object with these parts; `closed`: with no others."""
    carried = [each for each in parts if each.kind or each.parts]
    made: dict[str, Any] = {
        "type": "object",
        "properties": {each.name: _described(each, closed=closed) for each in carried},
    }
    required = [each.name for each in carried if each.required]
    if required and not lenient:
        made["required"] = required
    if closed:
        made["additionalProperties"] = False
    return made


def _described(part: _Part, *, closed: bool) -> dict[str, Any]:
    if part.kind:
        made: dict[str, Any] = {"type": _JSON[part.kind], **part.facets}
        if part.kind == "date":
            made["format"] = "date"
        if part.nillable:
            made = {"anyOf": [made, {"type": "null"}]}
    else:
        made = _object(part.parts, closed=closed, lenient=part.nillable)
    return {"type": "array", "items": made} if part.many else made
