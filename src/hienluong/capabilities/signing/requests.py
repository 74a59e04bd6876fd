"""Asking for signatures on a file, and giving them: several holders in order, many files with one confirmation.

An app opens a request and waits for the event ``signature.completed`` or ``signature.refused`` of its subject. Whoever is
to sign does so on the page ``/lam-viec/ky-so``, or the app calls :func:`sign` for the actor on its own page. Signing itself
is done in the background (:mod:`.working`), outside of transactions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Official, Organization

from . import enrolling
from .models import Holder, Look, SignatureMark, SignatureRequest, SigningBatch, SigningKey

#: Who may put the seal of an organisation, besides the system: granted in that very agency or in an office within it.
SEAL = "signing.seal"
#: The kinds of organisations that have a seal of their own.
AGENCIES = ("province", "department", "district", "commune")
#: Most files that are signed with one confirmation.
MOST = 100
#: What an app asks once more before a mark on its subjects is made: raises DomainError with why it may not be.
Guard = Callable[[Actor, SignatureRequest, SignatureMark], None]
#: Whether an actor may read the file of a request on one of an app's subjects.
Reads = Callable[[Actor, SignatureRequest], bool]
_guards: dict[str, Guard] = {}
_readers: dict[str, Reads] = {}
#: What is said to whoever signs or signed it and may not read it (any more).
NO_LONGER_READ = _("Bạn không còn quyền xem văn bản này.")
_PDF, _XML = "application/pdf", ("application/xml", "text/xml")


@dataclass(frozen=True)
class Mark:
    """One signature that is asked for. Holders sign in the order of the list.

    `field`: the name of the field in the PDF, other for each mark. `page` from 1, 0 for the last one; `box` in points
    from the lower left corner (x0, y0, x1, y1). `title`: as what the holder signs ("CHỦ TỊCH").
    """

    holder: Official | Organization
    field: str
    look: str = Look.WORDS
    page: int = 0
    box: tuple[float, float, float, float] | None = None
    title: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a confirmation: the batches that now work, by key; what was left out, and why."""

    batches: list[SigningBatch] = field(default_factory=list)
    left_out: list[tuple[SignatureRequest, str]] = field(default_factory=list)

    @property
    def on_telephone(self) -> bool:
        """Whether the holder has to confirm on their telephone."""
        return any(batch.key.provider == SigningKey.Provider.CSC for batch in self.batches)


def guard(kind: str, check: Guard) -> None:
    """Let an app say no when one of its subjects (``kind:…``) is signed, wherever that is done: the post of the signer
    ended, the document was called back. Called from ``ready()``."""
    _guards[kind] = check


def readers(kind: str, check: Reads) -> None:
    """Let an app say who may read what is signed of its subjects (``kind:…``): having signed once is no right to read
    for ever. Called from ``ready()``."""
    _readers[kind] = check


@action("signing.open_request")
def open_request(
    act: Act,
    *,
    subject_ref: str,
    file: StoredFile,
    marks: Sequence[Mark],
    reason: str,
    title: str = "",
    notation: str = "",
    location: str = "",
    level: str = "",
) -> SignatureRequest:
    """Ask for signatures on a file: PAdES for PDF, XAdES for XML, a detached CAdES for anything else.

    The caller has checked who may ask. An XML file or a detached signature takes one mark, and at most B-LT. `level` is B-B, B-T, B-LT or B-LTA (the setting when left out). The signed file is
    kept with the purpose of the one given, so whoever may open that may open this; the caller attaches it at the event.
    """
    form, level = _form(file), level or settings.SIGNATURE_LEVEL
    _check_marks(marks, form)
    if level not in SignatureRequest.Level.values:
        raise InvalidInput(_("Mức chữ ký phải là B-B, B-T, B-LT hoặc B-LTA."), field="level")
    if level == SignatureRequest.Level.LTA and form != SignatureRequest.Form.PADES:
        level = SignatureRequest.Level.LT  # archive timestamps are made in PDF files only
    request = SignatureRequest.objects.create(
        subject_ref=subject_ref,
        title=(title or reason or file.name)[:300],
        notation=notation[:60],
        reason=reason[:300],
        location=location[:100],
        form=form,
        level=level,
        original_id=file.pk,
        file_id=file.pk,
        opened_by_label=act.actor.label[:120],
    )
    SignatureMark.objects.bulk_create(
        SignatureMark(
            request=request,
            order=order,
            field=mark.field,
            title=mark.title[:200],
            look=mark.look,
            page=mark.page,
            box=list(mark.box) if mark.box else None,
            state=SignatureMark.State.LATER if order else SignatureMark.State.TURN,
            **_holder_columns(mark.holder),
        )
        for order, mark in enumerate(marks)
    )
    after = {"file": str(file.pk), "form": form, "level": level, "signers": [str(mark.holder) for mark in marks]}
    act.record(request, after=after)
    return request


@action("signing.sign")
def sign(act: Act, *, request_ids: Sequence[UUID]) -> Outcome:
    """Sign those of these requests where it is this actor's turn, each with the key of its holder.

    The decision is written here; the signatures are made in the background. With a remote key the holder is asked on
    their telephone first, once for all of them. What is not theirs to sign now is left out and told. Raises InvalidInput
    when nothing is left, or when the holder has no key.
    """
    if len(request_ids) > MOST:
        raise InvalidInput(_("Mỗi lần chỉ ký tối đa %(most)s văn bản.") % {"most": MOST})
    outcome, by_holder = Outcome(), dict[Official | Organization, list[SignatureMark]]()
    for request in _locked(request_ids):
        mark = _current(request)
        why = _why_not(act.actor, request, mark)
        if mark is not None and not why:
            why = _forbidden(act.actor, request, mark)
        if mark is None or why:
            outcome.left_out.append((request, why))
        else:
            by_holder.setdefault(mark.holder, []).append(mark)
    if not by_holder:
        told = outcome.left_out[0][1] if outcome.left_out else str(_("Hãy chọn văn bản cần ký."))
        raise InvalidInput(told, code="signing.nothing_to_sign")
    for holder, marks in by_holder.items():
        outcome.batches.append(_batch(act, holder, marks))
    return outcome


@action("signing.refuse")
def refuse(act: Act, *, request_id: UUID, reason: str) -> SignatureRequest:
    """Refuse to sign: the request ends, and who asked hears why."""
    request = _one(request_id)
    mark = _current(request)
    why = _why_not(act.actor, request, mark)
    if mark is None or why:
        raise InvalidInput(why)
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi lý do từ chối ký."), field="reason")
    mark.state, mark.refused_reason = SignatureMark.State.REFUSED, reason.strip()[:500]
    mark.save(update_fields=("state", "refused_reason"))
    _end(request, SignatureRequest.State.REFUSED, reason)
    act.record(request, after={"refused": mark.field, "reason": reason.strip()})
    act.emit("signature.refused", request.subject_ref, {**_told(request), "reason": request.ended_reason})
    return request


@action("signing.cancel_request")
def cancel(act: Act, *, request_id: UUID, reason: str) -> SignatureRequest:
    """Take a request back before it is completed; the caller has checked who may. Done twice it changes nothing."""
    request = _one(request_id)
    if request.state != SignatureRequest.State.WAITING:
        act.record(request, note=str(_("Yêu cầu đã kết thúc từ trước.")))
        return request
    _end(request, SignatureRequest.State.CANCELLED, reason)
    act.record(request, after={"reason": reason})
    act.emit("signature.cancelled", request.subject_ref, {**_told(request), "reason": request.ended_reason})
    return request


def waiting_for(actor: Actor) -> QuerySet[SignatureMark]:
    """The marks whose turn it is and that this actor may make, oldest request first."""
    mine = Q(pk__in=[])
    if actor.official_id is not None:
        mine |= Q(official=actor.official_id)
    if places := sealed_by(actor):
        mine |= Q(organization__in=places)
    return (
        SignatureMark.objects.filter(
            mine,
            state__in=(SignatureMark.State.TURN, SignatureMark.State.SIGNING),
            request__state=SignatureRequest.State.WAITING,
        )
        .select_related("request", "official", "organization", "batch", "key")
        .order_by("request__opened_at", "pk")
    )


def sealed_by(actor: Actor) -> list[int]:
    """The organisations whose seal this actor keeps: those where ``signing.seal`` was granted, each taken to the agency
    that it is an office of. Whoever keeps the seal of an agency above keeps none below it."""
    granted = {grant.organization_id for grant in actor.grants if SEAL in grant.permissions}
    if not granted:
        return []
    found = Organization.objects.filter(pk__in=granted).values_list("pk", "path")
    above = {int(step) for _pk, path in found for step in path.strip("/").split("/")}
    kinds = dict(Organization.objects.filter(pk__in=above).values_list("pk", "kind"))
    agencies = {
        next((pk for pk in reversed([int(step) for step in path.strip("/").split("/")]) if kinds[pk] in AGENCIES), pk)
        for pk, path in found
    }
    return sorted(agencies | granted)


def may_look(actor: Actor, request: SignatureRequest) -> bool:
    """Whether this actor signs this request, or did: they see its line, the file only when :func:`may_read`."""
    mine = Q(official=actor.official_id) if actor.official_id is not None else Q(pk__in=[])
    return request.marks.filter(mine | Q(organization__in=sealed_by(actor))).exists()


def may_read(actor: Actor, request: SignatureRequest) -> bool:
    """Whether this actor may open the file of a request that they sign or signed, today.

    The app of the subject says so; where none does, only as long as the file waits for their signature.
    """
    if not may_look(actor, request):
        return False
    check = _readers.get(_kind(request))
    return check(actor, request) if check else waiting_for(actor).filter(request=request).exists()


def _batch(act: Act, holder: Official | Organization, marks: list[SignatureMark]) -> SigningBatch:
    from .tasks import sign_batch

    key = enrolling.key_for_signing(act, holder)
    batch = SigningBatch.objects.create(
        key=key, account_id=act.actor.account_id, official_id=act.actor.official_id, actor_label=act.actor.label[:120]
    )
    for mark in marks:
        mark.state, mark.batch, mark.key = SignatureMark.State.SIGNING, batch, key
        mark.prepared_id, mark.prepared, mark.to_sign, mark.raw = None, {}, b"", b""
        mark.signed_by_label = act.actor.label[:120]
        mark.save()
        act.record(mark.request, after={"signer": str(holder), "mark": mark.field, "key": key.serial})
    sign_batch.defer(batch_id=str(batch.pk))
    return batch


def _locked(request_ids: Sequence[UUID]) -> list[SignatureRequest]:
    """The requests in the order in which they were named; locked in the order of their keys, so that two never wait for
    each other."""
    held = {
        found.pk: found
        for found in SignatureRequest.objects.select_for_update().filter(pk__in=request_ids).order_by("pk")
    }
    return [held[each] for each in dict.fromkeys(request_ids) if each in held]


def _one(request_id: UUID) -> SignatureRequest:
    found = SignatureRequest.objects.select_for_update().filter(pk=request_id).first()
    if found is None:
        raise NotFound(_("Không có yêu cầu ký này."))
    return found


def _current(request: SignatureRequest) -> SignatureMark | None:
    """The mark whose turn it is."""
    return (
        request.marks.select_related("official", "organization", "request")
        .filter(state__in=(SignatureMark.State.TURN, SignatureMark.State.SIGNING))
        .first()
    )


def _why_not(actor: Actor, request: SignatureRequest, mark: SignatureMark | None) -> str:
    """Why this actor cannot make this mark now; empty when they can. Raises NotAllowed when it never was theirs."""
    if not _theirs(actor, request, mark):
        raise NotAllowed(_("Văn bản này không chờ chữ ký của bạn."), permission=SEAL)
    if request.state != SignatureRequest.State.WAITING or mark is None:
        return str(
            _("“%(title)s”: %(state)s.") % {"title": request.title, "state": request.get_state_display().lower()}
        )
    if mark.state == SignatureMark.State.SIGNING:
        return str(_("“%(title)s” đang được ký.") % {"title": request.title})
    if not _keeps(actor, mark):
        return str(_("“%(title)s” chưa đến lượt bạn ký.") % {"title": request.title})
    return ""


def _forbidden(actor: Actor, request: SignatureRequest, mark: SignatureMark) -> str:
    """Why the app of the subject says no; empty when it does not. Nobody signs what they may not read."""
    reads, check = _readers.get(_kind(request)), _guards.get(_kind(request))
    if reads is not None and not reads(actor, request):
        return str(NO_LONGER_READ)
    if check is None:
        return ""
    try:
        check(actor, request, mark)
    except DomainError as error:
        return str(error.message)
    return ""


def _kind(request: SignatureRequest) -> str:
    return request.subject_ref.partition(":")[0]


def _theirs(actor: Actor, request: SignatureRequest, mark: SignatureMark | None) -> bool:
    return (mark is not None and _keeps(actor, mark)) or may_look(actor, request)


def _keeps(actor: Actor, mark: SignatureMark) -> bool:
    """Officials sign for themselves alone; a seal is put by who keeps it, or by the system on its own."""
    if mark.holder_kind == Holder.OFFICIAL:
        return mark.official_id is not None and mark.official_id == actor.official_id
    return actor.kind == "system" or mark.organization_id in sealed_by(actor)


def _end(request: SignatureRequest, state: str, reason: str) -> None:
    request.state, request.ended_at, request.ended_reason = state, timezone.now(), reason.strip()[:500]
    request.save(update_fields=("state", "ended_at", "ended_reason"))
    open_states = (SignatureMark.State.LATER, SignatureMark.State.TURN, SignatureMark.State.SIGNING)
    request.marks.filter(state__in=open_states).update(state=SignatureMark.State.CANCELLED)


def _told(request: SignatureRequest) -> dict[str, Any]:
    return {
        "request": str(request.pk),
        "file": str(request.file_id),
        "signature": str(request.signature_id or ""),
    }


def _holder_columns(holder: Official | Organization) -> dict[str, Any]:
    if isinstance(holder, Official):
        return {"holder_kind": Holder.OFFICIAL, "official": holder}
    return {"holder_kind": Holder.ORGANIZATION, "organization": holder}


def _form(file: StoredFile) -> str:
    if file.media_type == _PDF:
        return SignatureRequest.Form.PADES
    return SignatureRequest.Form.XADES if file.media_type in _XML else SignatureRequest.Form.CADES


def _check_marks(marks: Sequence[Mark], form: str) -> None:
    if not marks:
        raise InvalidInput(_("Hãy chọn ít nhất một người ký."), field="marks")
    if len({mark.field for mark in marks}) != len(marks):
        raise InvalidInput(_("Mỗi chữ ký phải có tên ô riêng."), field="marks")
    if form != SignatureRequest.Form.PADES and len(marks) > 1:
        raise InvalidInput(_("Tệp không phải PDF chỉ nhận một chữ ký."), field="marks")
    for mark in marks:
        if mark.look not in Look.values:
            raise InvalidInput(_("Không có hình thức chữ ký này."), field="marks")
        if mark.box is not None and not (mark.box[0] < mark.box[2] and mark.box[1] < mark.box[3]):
            raise InvalidInput(_("Ô chữ ký phải có chiều rộng và chiều cao."), field="marks")
