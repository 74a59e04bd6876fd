"""The verbs of a dossier; each is an action."""

from ..duties import CORRECTABLE
from .completion import (
    ExtensionNotAllowed,
    apologise,
    attach_signed_result,
    reopen,
    return_result,
    revoke_result,
    sign,
    stop,
)
from .corrections import correct_answers, set_helper
from .counter_drafts import discard_counter_draft, keep_counter_draft
from .drafts import carry_draft_over, choose_subject, discard_draft, name_subject, save_draft, start_draft
from .filing import Filing, PaperIn, file_at_counter, file_online, take_from_national_portal
from .handling import (
    add_note,
    assign,
    draft_result,
    forward,
    inspect,
    review,
    submit_for_signature,
    transfer,
    upper_review,
)
from .handover import move_to_successor, renew_paths
from .intake import (
    SupplementNotAllowed,
    Unpaid,
    answer_supplement,
    expire_supplement,
    receive,
    refuse,
    request_supplement,
    withdraw,
)
from .opinions import (
    OpinionSettled,
    SilenceIsNotConsent,
    conclude_opinions,
    escalate_silence,
    give_opinion,
    take_silence_as_consent,
    withdraw_opinion,
)
from .papers import PaperCheck, PapersLacking, check_papers, digitise
from .post import note_delivered, record_posted_in

__all__ = [
    "CORRECTABLE",
    "ExtensionNotAllowed",
    "Filing",
    "OpinionSettled",
    "PaperCheck",
    "PaperIn",
    "PapersLacking",
    "SilenceIsNotConsent",
    "SupplementNotAllowed",
    "Unpaid",
    "add_note",
    "answer_supplement",
    "apologise",
    "assign",
    "attach_signed_result",
    "carry_draft_over",
    "check_papers",
    "choose_subject",
    "conclude_opinions",
    "correct_answers",
    "digitise",
    "discard_counter_draft",
    "discard_draft",
    "draft_result",
    "escalate_silence",
    "expire_supplement",
    "file_at_counter",
    "file_online",
    "forward",
    "give_opinion",
    "inspect",
    "keep_counter_draft",
    "move_to_successor",
    "name_subject",
    "note_delivered",
    "receive",
    "record_posted_in",
    "refuse",
    "renew_paths",
    "reopen",
    "request_supplement",
    "return_result",
    "review",
    "revoke_result",
    "save_draft",
    "set_helper",
    "sign",
    "start_draft",
    "stop",
    "submit_for_signature",
    "take_from_national_portal",
    "take_silence_as_consent",
    "transfer",
    "upper_review",
    "withdraw",
    "withdraw_opinion",
]
