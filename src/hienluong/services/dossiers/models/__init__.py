"""Dossiers: one request by a party under one procedure version and one rule set, to the end."""

from __future__ import annotations

from .course import DeadlineChange, Handover, InternalNote, Opinion, Parcel, Pause, Supplement
from .dossier import Dossier
from .drafts import CounterDraft, Draft
from .enquiry import Enquiry
from .papers import CheckedPaper, DossierPaper, IssuedPaper, Result
from .posting import PostOrder
from .states import (
    BEFORE_DECISION,
    CLOSED_STATES,
    NATIONAL_STATE,
    OPEN_STATES,
    PAUSED_STATES,
    RUNNING_STATES,
    Channel,
    DeliveryState,
    PaymentState,
    State,
    SyncState,
)

__all__ = (
    "BEFORE_DECISION",
    "CLOSED_STATES",
    "NATIONAL_STATE",
    "OPEN_STATES",
    "PAUSED_STATES",
    "RUNNING_STATES",
    "Channel",
    "CheckedPaper",
    "CounterDraft",
    "DeadlineChange",
    "DeliveryState",
    "Dossier",
    "DossierPaper",
    "Draft",
    "Enquiry",
    "Handover",
    "InternalNote",
    "IssuedPaper",
    "Opinion",
    "Parcel",
    "Pause",
    "PaymentState",
    "PostOrder",
    "Result",
    "State",
    "Supplement",
    "SyncState",
)
