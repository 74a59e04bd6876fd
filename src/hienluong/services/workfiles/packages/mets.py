"""METS: what lies in a package and how it belongs together, with the digest of every file."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from lxml import etree

METS = "http://www.loc.gov/METS/"
XLINK = "http://www.w3.org/1999/xlink"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
CSIP = "https://DILCIS.eu/XML/METS/CSIPExtensionMETS"
SIP = "https://DILCIS.eu/XML/METS/SIPExtensionMETS"
PROFILE = "https://earkcsip.dilcis.eu/profile/E-ARK-CSIP.xml"


def new_id(prefix: str = "uuid") -> str:
    """``uuid-7D0D1987-…``: the form of identifiers in a package (``ID-…`` for files), in capitals."""
    return f"{prefix}-{str(uuid.uuid4()).upper()}"


@dataclass(frozen=True)
class Entry:
    """One file of the package: its path from the folder of the METS that names it, its digest and size in bytes."""

    href: str
    sha256: str
    size: int
    media_type: str
    id: str = field(default_factory=lambda: new_id("ID"))


@dataclass(frozen=True)
class Described:
    """One document: its description and its files, the main one first."""

    description: Entry
    files: tuple[Entry, ...]
    id: str = field(default_factory=new_id)


@dataclass(frozen=True)
class Header:
    """What stands at the head: the package, who made it."""

    object_id: str
    label: str
    type: str
    package_type: Literal["SIP", "AIP"]
    at: datetime
    creator: str  # the software at the root, who packed it in a representation
    fonds: str
    version: str = ""  # of the software; empty: the creator is a person
    agency: str = ""
    agreement: str = ""


def package(
    header: Header,
    *,
    description: Entry,
    preservation: Entry | None,
    schemas: list[Entry],
    representation: Entry,
    documentation: list[Entry],
) -> bytes:
    """METS.xml at the root of a package."""
    root = _head(header, schemas="schemas")
    section = _described_by(root, description, header.at)
    kept = _preserved_by(root, preservation, header.at)
    files = _sub(root, "fileSec", ID=new_id())
    groups = {
        "Documentation": _group(files, "Documentation", documentation, header.at),
        "Schemas": _group(files, "Schemas", schemas, header.at),
    }
    rep = _group(files, "Representations/rep1", [representation], header.at)
    rep.set(f"{{{CSIP}}}CONTENTINFORMATIONTYPE", "MIXED")
    top = _structure(root, header)
    metadata = _sub(top, "div", ID=new_id(), LABEL="Metadata", DMDID=section)
    if kept:
        metadata.set("ADMID", kept)
    for name, group in groups.items():
        _sub(_sub(top, "div", ID=new_id(), LABEL=name), "fptr", FILEID=group.get("ID") or "")
    pointer = _sub(_sub(top, "div", ID=new_id(), LABEL="Representations/rep1"), "mptr", LOCTYPE="URL")
    pointer.set(f"{{{XLINK}}}type", "simple")
    pointer.set(f"{{{XLINK}}}href", representation.href)
    pointer.set(f"{{{XLINK}}}title", rep.get("ID") or "")
    return _bytes(root)


def representation(header: Header, *, documents: list[Described], preservation: Entry | None) -> bytes:
    """METS.xml of rep1: which description belongs to which file."""
    root = _head(header, schemas="../../schemas")
    root.set(f"{{{CSIP}}}CONTENTINFORMATIONTYPE", "MIXED")
    for each in documents:
        _described_by(root, each.description, header.at, each.id)
    kept = _preserved_by(root, preservation, header.at)
    data = _group(_sub(root, "fileSec", ID=new_id()), "Data", [f for each in documents for f in each.files], header.at)
    top = _structure(root, header, label="rep1", type_="NORMALIZED" if header.package_type == "AIP" else "ORIGINAL")
    if kept:
        top.set("ADMID", kept)
    metadata = _sub(top, "div", ID=new_id(), LABEL="Metadata", DMDID=" ".join(each.id for each in documents))
    if kept:
        metadata.set("ADMID", kept)
    _sub(_sub(top, "div", ID=new_id(), LABEL="Data"), "fptr", FILEID=data.get("ID") or "")
    links = _sub(top, "div", ID=new_id(), LABEL="MetadataLink")
    for each in documents:
        link = _sub(links, "div", ID=new_id(), LABEL="MetadataLink/File", DMDID=each.id)
        _sub(link, "fptr", FILEID=each.files[0].id)
        if each.files[1:]:
            attached = _sub(link, "div", ID=new_id(), LABEL="AttachmentFile")
            for file in each.files[1:]:
                _sub(attached, "fptr", FILEID=file.id)
    return _bytes(root)


def _head(header: Header, *, schemas: str) -> etree._Element:
    names = {None: METS, "xsi": XSI, "xlink": XLINK, "csip": CSIP, "sip": SIP}
    root = etree.Element(
        f"{{{METS}}}mets", nsmap=names, OBJID=header.object_id, LABEL=header.label, TYPE=header.type, PROFILE=PROFILE
    )
    root.set(f"{{{CSIP}}}CONTENTINFORMATIONTYPE", "MIXED")
    root.set(
        f"{{{XSI}}}schemaLocation",
        f"{METS} {schemas}/mets1_12.xsd {XLINK} {schemas}/xlink.xsd"
        f" {CSIP} {schemas}/DILCISExtensionMETS.xsd {SIP} {schemas}/DILCISExtensionSIPMETS.xsd",
    )
    at = moment(header.at)
    found = _sub(root, "metsHdr", CREATEDATE=at, LASTMODDATE=at, RECORDSTATUS="NEW")
    found.set(f"{{{CSIP}}}OAISPACKAGETYPE", header.package_type)
    if header.version:
        software = _sub(found, "agent", ROLE="CREATOR", TYPE="OTHER", OTHERTYPE="SOFTWARE")
        _named(software, header.creator, "SOFTWARE VERSION", header.version)
        agency = _sub(found, "agent", ROLE="OTHER", OTHERROLE="SUBMITTER", TYPE="ORGANIZATION")
        _named(agency, header.agency, "IDENTIFICATIONCODE", header.fonds)
    else:
        person = _sub(found, "agent", ROLE="CREATOR", TYPE="INDIVIDUAL")
        _named(person, header.creator, "IDENTIFICATIONCODE", header.fonds)
    if header.agreement:
        _sub(found, "altRecordID", TYPE="SUBMISSIONAGREEMENT").text = header.agreement
    return root


def _named(agent: etree._Element, name: str, kind: str, note: str) -> None:
    _sub(agent, "name").text = name
    found = _sub(agent, "note")
    found.set(f"{{{CSIP}}}NOTETYPE", kind)
    found.text = note


def _described_by(root: etree._Element, entry: Entry, at: datetime, id_: str = "") -> str:
    section = id_ or new_id()
    found = _sub(root, "dmdSec", ID=section, CREATED=moment(at), STATUS="CURRENT")
    _reference(found, entry, at, "DC", "1.0.0")
    return section


def _preserved_by(root: etree._Element, entry: Entry | None, at: datetime) -> str:
    """The administrative section; empty, as the sample package has it, when nothing is told of preservation."""
    section = _sub(root, "amdSec", ID=new_id())
    if entry is None:
        return ""
    found = _sub(section, "digiprovMD", ID=new_id(), CREATED=moment(at), STATUS="CURRENT")
    _reference(found, entry, at, "PREMIS", "3.0")
    return found.get("ID") or ""


def _reference(parent: etree._Element, entry: Entry, at: datetime, kind: str, version: str) -> None:
    found = _sub(
        parent,
        "mdRef",
        ID=new_id(),
        LOCTYPE="URL",
        MDTYPE=kind,
        MDTYPEVERSION=version,
        MIMETYPE="application/xml",
        SIZE=str(entry.size),
        CREATED=moment(at),
        CHECKSUM=entry.sha256.upper(),
        CHECKSUMTYPE="SHA-256",
    )
    found.set(f"{{{XLINK}}}type", "simple")
    found.set(f"{{{XLINK}}}href", entry.href)


def _group(section: etree._Element, use: str, entries: list[Entry], at: datetime) -> etree._Element:
    group = _sub(section, "fileGrp", ID=new_id(), USE=use)
    for entry in entries:
        file = _sub(
            group,
            "file",
            ID=entry.id,
            MIMETYPE=entry.media_type,
            SIZE=str(entry.size),
            CREATED=moment(at),
            CHECKSUM=entry.sha256.upper(),
            CHECKSUMTYPE="SHA-256",
        )
        place = _sub(file, "FLocat", LOCTYPE="URL")
        place.set(f"{{{XLINK}}}type", "simple")
        place.set(f"{{{XLINK}}}href", entry.href)
    return group


def _structure(root: etree._Element, header: Header, *, label: str = "", type_: str = "") -> etree._Element:
    found = _sub(root, "structMap", ID=new_id(), TYPE="PHYSICAL", LABEL="CSIP")
    top = _sub(found, "div", ID=new_id(), LABEL=label or header.object_id)
    if type_:
        top.set("TYPE", type_)
    return top


def moment(at: datetime) -> str:
    """``2026-06-12T11:45:37.690+07:00``."""
    return at.isoformat(timespec="milliseconds")


def _sub(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{METS}}}{name}", **attributes)


def _bytes(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
