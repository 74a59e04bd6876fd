"""Packages of official documents on their way between two systems, as QCVN 102:2016/BTTTT writes them (edXML).

A pure library: no database, no network, no settings. :mod:`.package` holds what a package says, :mod:`.writer` writes
it as a strict reader wants it, :mod:`.reader` reads what real systems send, and refuses what is dangerous or wrong.
"""

from .faults import BadPackage, Fault
from .package import (
    Agency,
    Attachment,
    Business,
    BusinessKind,
    Change,
    ChangedReceiver,
    DocumentPackage,
    Hop,
    Reference,
    Replacement,
    Signer,
    Staff,
    Status,
    StatusPackage,
    document_id,
)
from .reader import Limits, Reading, read
from .signatures import signature_path, to_be_signed, with_signature
from .writer import AXIS, QCVN_102, Form, write

__all__ = [
    "AXIS",
    "QCVN_102",
    "Agency",
    "Attachment",
    "BadPackage",
    "Business",
    "BusinessKind",
    "Change",
    "ChangedReceiver",
    "DocumentPackage",
    "Fault",
    "Form",
    "Hop",
    "Limits",
    "Reading",
    "Reference",
    "Replacement",
    "Signer",
    "Staff",
    "Status",
    "StatusPackage",
    "document_id",
    "read",
    "signature_path",
    "to_be_signed",
    "with_signature",
    "write",
]
