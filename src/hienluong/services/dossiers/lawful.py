"""In which states each verb is lawful: one table, which the actions enforce and the screens ask."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.workflow.engine import NotAtThatStep
from hienluong.foundation.actions import Actor, DomainError, NotAllowed

from . import access
from .models import CLOSED_STATES, OPEN_STATES, Dossier, State


class DossierClosed(DomainError):
    """Nothing more can be done with this dossier."""

    code = "dossiers.closed"


class WrongState(NotAtThatStep):
    """The dossier goes on, but this verb has no place in its present state."""

    code = "dossiers.wrong_state"


class OwnDossier(NotAllowed):
    """An official does not handle a matter of their own."""

    code = "dossiers.own_dossier"


class Phase(StrEnum):
    """The states, and what the state alone does not say: the leader has signed, the file is being made."""

    SUBMITTED = State.SUBMITTED.value
    RECEIVED = State.RECEIVED.value
    REFUSED = State.REFUSED.value
    IN_PROGRESS = State.IN_PROGRESS.value
    SUPPLEMENT = State.SUPPLEMENT.value
    AWAITING_PAYMENT = State.AWAITING_PAYMENT.value
    WITHDRAWN = State.WITHDRAWN.value
    STOPPED = State.STOPPED.value
    COMPLETED = State.COMPLETED.value
    RETURNED = State.RETURNED.value
    SIGNING = "signing"


_BEFORE = frozenset({Phase.SUBMITTED, Phase.AWAITING_PAYMENT})  # reception
_WORK = frozenset({Phase.RECEIVED, Phase.IN_PROGRESS})
_IN_HAND = _WORK | {Phase.SUPPLEMENT}
_UNDECIDED = _BEFORE | _IN_HAND

#: Verb → the phases in which it is lawful. Once signed, a dossier can only be handed over, or revoked and reopened.
LAWFUL: dict[str, frozenset[Phase]] = {
    "receive": _BEFORE,
    "refuse": _BEFORE,
    "request_supplement": _WORK | _BEFORE,
    "answer_supplement": frozenset({Phase.SUPPLEMENT}),
    "record_posted_in": _UNDECIDED,
    "note_delivered": frozenset({Phase.RETURNED}),
    "check_papers": _BEFORE,
    "correct_answers": _UNDECIDED,
    "set_helper": _UNDECIDED,
    "digitise": _UNDECIDED,
    "withdraw": _UNDECIDED,
    "assign": _IN_HAND,
    "transfer": _IN_HAND,
    "review": _WORK,
    "draft_result": _WORK,
    "go_on_by_hand": _WORK,
    "ask_again": _WORK,
    "inspect": _WORK,
    "give_opinion": _WORK,
    "take_silence_as_consent": _WORK,
    "escalate_silence": _WORK,
    "conclude_opinions": _WORK,
    "forward": _WORK,
    "upper_review": _WORK,
    "submit_for_signature": _WORK,
    "sign": _WORK,
    "apologise": _IN_HAND,
    "expire_supplement": frozenset({Phase.SUPPLEMENT}),
    "stop": _IN_HAND | {Phase.AWAITING_PAYMENT},  # who never answers and who never pays: nothing goes on without them
    "attach_signed_result": frozenset({Phase.SIGNING}),
    "return_result": frozenset({Phase.COMPLETED}),
    "revoke_result": frozenset({Phase.COMPLETED, Phase.RETURNED}),
    "reopen": frozenset({Phase.REFUSED, Phase.WITHDRAWN, Phase.STOPPED, Phase.COMPLETED, Phase.RETURNED}),
    "move_to_successor": _UNDECIDED | {Phase.SIGNING, Phase.COMPLETED},
    "note": frozenset(Phase),
}

#: What a person does with a dossier of their own; every other verb is for an official whom it does not concern.
OWN_VERBS = frozenset({"answer_supplement", "withdraw"})


def phase_of(dossier: Dossier) -> Phase:
    """Where the dossier stands, told from its state and, between signature and signed file, from its process."""
    if dossier.state in OPEN_STATES and "return_result" in dossier.process.ready:
        return Phase.SIGNING
    return Phase(dossier.state)


def is_lawful(dossier: Dossier, verb: str) -> bool:
    """Whether `verb` may be done with this dossier as it stands, whoever does it. KeyError for an unknown verb."""
    return phase_of(dossier) in LAWFUL[verb]


def require_open(dossier: Dossier) -> None:
    """Raise :class:`DossierClosed` when the dossier has ended."""
    if dossier.state in CLOSED_STATES:
        raise DossierClosed(_("Hồ sơ đã kết thúc (%(state)s).") % {"state": dossier.get_state_display()})


def require(dossier: Dossier, verb: str) -> None:
    """Raise :class:`DossierClosed` or :class:`WrongState` unless `verb` is lawful now."""
    if is_lawful(dossier, verb):
        return
    require_open(dossier)
    if phase_of(dossier) == Phase.SIGNING:
        raise WrongState(_("Kết quả đã ký và đang được phát hành, không làm được việc này nữa."))
    raise WrongState(
        _("Hồ sơ đang ở trạng thái “%(state)s”, không làm được việc này.") % {"state": dossier.get_state_display()}
    )


def require_impartial(actor: Actor, dossier: Dossier) -> None:
    """Raise :class:`OwnDossier` when the dossier is the actor's own or one they represent somebody in.

    Luật Cán bộ, công chức and the rules of public duty: nobody decides a matter of their own.
    """
    if access.concerns(actor, dossier):
        raise OwnDossier(_("Đây là hồ sơ của chính bạn hoặc bạn là người đại diện: hãy để cán bộ khác giải quyết."))
