"""Tables of the documents app."""

from .course import Approval, Book, Comment, Opinion, TakenNumber, Version
from .document import Arrival, Document, DocumentFile, DocumentText, Look, Reader, Recipient, Relation
from .drafting import Letterhead, WorkingCopy
from .mailbox import HeldMail
from .states import (
    DRAFTING_STATES,
    INCOMING_STATES,
    NUMBERED_STATES,
    Competence,
    Direction,
    Receipt,
    Source,
    State,
    Urgency,
    Why,
)
from .steps import Step

__all__ = [
    "DRAFTING_STATES",
    "INCOMING_STATES",
    "NUMBERED_STATES",
    "Approval",
    "Arrival",
    "Book",
    "Comment",
    "Competence",
    "Direction",
    "Document",
    "DocumentFile",
    "DocumentText",
    "HeldMail",
    "Letterhead",
    "Look",
    "Opinion",
    "Reader",
    "Receipt",
    "Recipient",
    "Relation",
    "Source",
    "State",
    "Step",
    "TakenNumber",
    "Urgency",
    "Version",
    "Why",
    "WorkingCopy",
]
