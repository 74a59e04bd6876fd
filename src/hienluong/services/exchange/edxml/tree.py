"""XML into a plain tree, safely: no document type, no entities, nothing fetched, everything bounded.

Names lose their prefix and their case, since senders disagree about both: ``edXML:EdXMLEnvelope`` is ``edxmlenvelope``.
A document type is refused where it begins, so no entity is ever defined, let alone expanded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pyexpat import ExpatError, ParserCreate, XMLParserType

from .faults import BadPackage, Fault, wrong

#: Elements in one package; a real one has some hundred.
MOST_NODES = 20_000
MOST_DEPTH = 24
MOST_ATTRIBUTES = 32
#: Characters in one text that is not the content of a file.
MOST_TEXT = 20_000
#: The elements that hold the content of a file, in Base64.
CONTENTS = frozenset({"contenttransferencoded", "content"})
#: The elements of an XML signature that may be long, and how many characters each may have.
PROOFS = frozenset(
    {
        "signaturevalue",
        "x509certificate",
        "x509crl",
        "encapsulatedtimestamp",
        "encapsulatedx509certificate",
        "encapsulatedcrlvalue",
        "encapsulatedocspvalue",
    }
)
MOST_PROOF = 4 * 1024 * 1024


@dataclass(slots=True)
class Node:
    """One element: its tidy name, its text without the texts of its children, its children in order."""

    name: str
    children: list[Node] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text without surrounding space."""
        return "".join(self.parts).strip()

    def all(self, *names: str) -> list[Node]:
        """The children with one of these names."""
        return [child for child in self.children if child.name in names]

    def first(self, *names: str) -> Node | None:
        """The first child with one of these names."""
        return next((child for child in self.children if child.name in names), None)

    def anywhere(self, *names: str) -> bool:
        """Whether this or any element below it has one of these names."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if node.name in names:
                return True
            waiting += node.children
        return False

    def of(self, *names: str) -> str:
        """The text of the first child with one of these names; empty when there is none."""
        found = self.first(*names)
        return found.text if found else ""


def tidy(name: str) -> str:
    """A name without prefix and case, spelt as a dictionary does: ``edXML:BussinessDocType`` → ``businessdoctype``."""
    return name.rpartition(":")[2].lower().replace("bussiness", "business")


class _Builder:
    """Builds the tree and refuses on the way; raises :class:`BadPackage` out of the parser's callbacks."""

    def __init__(self, parser: XMLParserType, most_content: int) -> None:
        self.parser = parser
        self.most_content = most_content
        self.root: Node | None = None
        self.open: list[Node] = []
        self.nodes = 0
        self.length = 0  # of the text of the innermost open element
        parser.buffer_text = True
        parser.buffer_size = 1 << 20
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = self.doctype
        parser.EntityDeclHandler = self.doctype
        parser.ExternalEntityRefHandler = self.doctype

    def doctype(self, *_given: object) -> int:
        raise BadPackage([wrong("XML.Doctype", "Gói tin có khai báo DOCTYPE hoặc thực thể, không được nhận.")])

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES or len(self.open) >= MOST_DEPTH or len(attributes) > MOST_ATTRIBUTES:
            raise BadPackage([wrong("XML.Size", "Gói tin có quá nhiều phần tử hoặc lồng nhau quá sâu.")])
        node = Node(tidy(name))
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)
        self.length = 0

    def end(self, _name: str) -> None:
        self.open.pop()
        self.length = 0

    def characters(self, text: str) -> None:
        node = self.open[-1]
        self.length += len(text)
        most = self.most_content if node.name in CONTENTS else MOST_PROOF if node.name in PROOFS else MOST_TEXT
        if self.length > most:
            raise BadPackage([Fault("R.XML.Text", f"Phần tử {node.name} dài quá {most} ký tự.")])
        node.parts.append(text)


def parse(data: bytes, most_content: int) -> Node:
    """The root of the tree; `most_content` is how many characters the content of one file may have.

    Raises :class:`BadPackage` for what is not XML, carries a document type, or is out of bounds.
    """
    parser = ParserCreate()
    builder = _Builder(parser, most_content)
    try:
        parser.Parse(data.lstrip(b" \t\r\n"), True)
    except ExpatError as error:
        raise BadPackage([wrong("XML", f"Không đọc được XML (dòng {error.lineno}, cột {error.offset}).")]) from error
    except (ValueError, LookupError, UnicodeError) as error:
        if isinstance(error, BadPackage):
            raise
        raise BadPackage([wrong("XML.Encoding", "Không đọc được bảng mã của XML.")]) from error
    if builder.root is None:
        raise BadPackage([wrong("XML", "Gói tin trống.")])
    return builder.root
