"""The descriptions in a package: `simpledc` of the work file and of each document, and the schemas they obey.

Field names, order and lengths: Thông tư 05/2025/TT-BNV, Phụ lục I (AIP_hoso) and III (SIP_hoso), as told by public notes on
the circular. Its own tables contradict each other in places: the 18 fields of the frame are written, as the sample package does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lxml import etree

from .content import Item, Kind, WorkFileContent

_XS = "http://www.w3.org/2001/XMLSchema"


@dataclass(frozen=True)
class Field:
    """One element: its name, and how long its text may be (characters); None for dates and numbers."""

    name: str
    longest: int | None = None


#: The 18 fields of a work file; in an AIP the first is called arcFileCode.
FILE_FIELDS = (
    Field("fileCode", 100),
    Field("title", 1000),
    Field("maintenance", 100),
    Field("mode", 30),
    Field("language", 100),
    Field("startDate"),
    Field("endDate"),
    Field("keyword", 100),
    Field("totalDoc"),
    Field("numberOfPaper"),
    Field("numberOfPage"),
    Field("format", 50),
    Field("inforSign", 30),
    Field("confidenceLevel", 40),
    Field("paperFileCode", 100),
    Field("riskRecovery", 1),
    Field("riskRecoveryStatus", 2),
    Field("description", 2000),
)
#: The 21 fields of a document in a SIP.
SIP_DOC_FIELDS = (
    Field("docId", 60),
    Field("docCode", 100),
    Field("maintenance", 100),
    Field("typeName", 10),
    Field("codeNumber", 11),
    Field("codeNotation", 30),
    Field("issuedDate"),
    Field("organName", 200),
    Field("subject", 500),
    Field("language", 100),
    Field("numberOfPage"),
    Field("inforSign", 30),
    Field("keyword", 100),
    Field("mode", 20),
    Field("confidenceLevel", 30),
    Field("autograph", 2000),
    Field("format", 50),
    Field("riskRecovery", 1),
    Field("riskRecoveryStatus", 2),
    Field("process", 1),
    Field("description", 500),
)
#: The 19 fields of a document in an AIP.
AIP_DOC_FIELDS = (
    Field("arcFileCode", 100),
    Field("mode", 20),
    Field("language", 100),
    Field("keyword", 100),
    Field("numberOfPage"),
    Field("format", 50),
    Field("inforSign", 30),
    Field("confidenceLevel", 30),
    Field("description", 500),
    Field("docCode", 100),
    Field("docOrdinal"),
    Field("typeName", 10),
    Field("codeNumber", 11),
    Field("codeNotation", 30),
    Field("issuedDate"),
    Field("organName", 200),
    Field("subject", 500),
    Field("autograph", 2000),
    Field("process", 1),
)


def file_fields(kind: Kind) -> tuple[Field, ...]:
    """The fields of the work file in this kind of package."""
    first = Field("arcFileCode", 100) if kind is Kind.AIP else FILE_FIELDS[0]
    return (first, *FILE_FIELDS[1:])


def doc_fields(kind: Kind) -> tuple[Field, ...]:
    """The fields of a document in this kind of package."""
    return AIP_DOC_FIELDS if kind is Kind.AIP else SIP_DOC_FIELDS


def archive_file_code(content: WorkFileContent) -> str:
    """Mã hồ sơ lưu trữ: the archive's code before that of the work file."""
    return f"{content.archive_code}.{content.code}"


def doc_id(content: WorkFileContent, item: Item) -> str:
    """The document's name in the package: code of the file and its place in it."""
    return f"{content.code}.{item.ordinal}"


def doc_code(content: WorkFileContent, item: Item) -> str:
    """Mã lưu trữ của tài liệu: code of the file and its place in seven digits."""
    return f"{content.code}.{item.ordinal:07d}"


def file_description(content: WorkFileContent, kind: Kind) -> bytes:
    """EAD.xml of the package."""
    pages = content.pages if content.pages is not None else sum(item.pages or 0 for item in content.items)
    values = {
        "fileCode": content.code,
        "arcFileCode": archive_file_code(content),
        "title": content.title,
        "maintenance": content.maintenance,
        "mode": content.mode,
        "language": content.language,
        "startDate": _day(content.started_on),
        "endDate": _day(content.ended_on),
        "keyword": content.keyword,
        "totalDoc": str(len(content.items)),
        "numberOfPaper": "" if content.sheets is None else str(content.sheets),
        "numberOfPage": str(pages) if pages else "",
        "format": "01",
        "inforSign": "",
        "confidenceLevel": content.confidence,
        "paperFileCode": content.paper_code,
        "riskRecovery": "0",
        "riskRecoveryStatus": "",
        "description": content.description,
    }
    return _written(file_fields(kind), values)


def doc_description(content: WorkFileContent, item: Item, kind: Kind) -> bytes:
    """EAD_doc of one document."""
    values = {
        "docId": doc_id(content, item),
        "docCode": doc_code(content, item),
        "docOrdinal": str(item.ordinal),
        "arcFileCode": archive_file_code(content),
        "maintenance": content.maintenance,
        "typeName": item.type_code,
        "codeNumber": item.number,
        "codeNotation": item.notation,
        "issuedDate": _day(item.issued_on),
        "organName": item.author,
        "subject": item.subject,
        "language": item.language,
        "numberOfPage": str(item.pages) if item.pages else "",
        "inforSign": "",
        "keyword": item.keyword,
        "mode": item.mode,
        "confidenceLevel": item.confidence,
        "autograph": item.autograph,
        "format": "01",
        "riskRecovery": "0",
        "riskRecoveryStatus": "",
        "process": "1" if item.has_process else "0",
        "description": item.description,
    }
    return _written(doc_fields(kind), values)


def schema(fields: tuple[Field, ...]) -> bytes:
    """An XML schema for a `simpledc` of these fields, in any order, each once."""
    root = etree.Element(f"{{{_XS}}}schema", nsmap={"xs": _XS}, elementFormDefault="qualified")
    holder = etree.SubElement(root, f"{{{_XS}}}element", name="simpledc")
    every = etree.SubElement(etree.SubElement(holder, f"{{{_XS}}}complexType"), f"{{{_XS}}}all")
    for each in fields:
        if each.longest is None:
            etree.SubElement(every, f"{{{_XS}}}element", name=each.name, type="xs:string")
            continue
        element = etree.SubElement(every, f"{{{_XS}}}element", name=each.name)
        limit = etree.SubElement(
            etree.SubElement(element, f"{{{_XS}}}simpleType"), f"{{{_XS}}}restriction", base="xs:string"
        )
        etree.SubElement(limit, f"{{{_XS}}}maxLength", value=str(each.longest))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _written(fields: tuple[Field, ...], values: dict[str, str]) -> bytes:
    root = etree.Element("simpledc")
    for each in fields:
        text = _clean(values[each.name])
        etree.SubElement(root, each.name).text = text[: each.longest] if each.longest else text
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(
        c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""
