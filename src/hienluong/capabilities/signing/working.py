"""Making the signatures that somebody confirmed: in the background, outside of transactions.

Each step is written when it is done. Killed anywhere, the next run takes up what was written; a signature that was made
but not written is made again, and only one ever gets into the file. One connection works at a batch at a time.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, Actor, DomainError, action, system
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.files.storing import keep_made

from . import enrolling, forms_of_signature, service
from .evidence import AuthorityAway
from .models import SignatureMark, SignatureRequest, SigningBatch
from .pades import Prepared
from .providers import NotConfirmed, ProviderAway, Remote, provider_of

#: Seconds until the telephone is looked at again, and after which nobody waits for it any longer.
LOOK_AGAIN, PATIENCE = 2, timedelta(minutes=10)
#: Seconds until something that was away is tried again, by the number of tries so far.
WAITS = (5, 15, 30, 60, 120, 300)
#: Tries after which a batch is given back to its holder (about a day).
MOST_TRIES = 290
OPEN = (SigningBatch.State.WORKING, SigningBatch.State.ASKED)

logger = logging.getLogger(__name__)


def carry_on(batch_id: UUID) -> int | None:
    """Do what can be done of a batch now; the seconds until it is worth another look, None when it is over."""
    with _alone(batch_id) as mine:
        if not mine:
            return WAITS[0]
        batch = SigningBatch.objects.select_related("key__official", "key__organization").get(pk=batch_id)
        if batch.state not in OPEN:
            return None
        try:
            return _step(batch)
        except (ProviderAway, AuthorityAway) as error:
            return _later(batch, error)
        except NotConfirmed as error:
            give_back(_who(batch), batch=batch, state=SigningBatch.State.REFUSED, why=str(error.message))
        except DomainError as error:
            give_back(_who(batch), batch=batch, state=SigningBatch.State.FAILED, why=str(error.message))
        return None


def _step(batch: SigningBatch) -> int | None:
    provider = provider_of(batch.key.provider, batch.key.source)
    marks = list(_marks(batch))
    if isinstance(provider, Remote):
        if not all(mark.raw for mark in marks) and not _confirmed(batch, provider, marks):
            return LOOK_AGAIN
        for mark in marks:
            _complete(mark, _kept(mark), bytes(mark.raw))
    else:
        for mark in marks:
            prepared = _prepare(mark)
            chain = enrolling.chain_of(batch.key)
            (raw,) = provider.sign(batch.key.credential, chain, [prepared.to_sign])
            _complete(mark, prepared, raw)
    _close(batch)
    return None


def _confirmed(batch: SigningBatch, provider: Remote, marks: list[SignatureMark]) -> bool:
    """Have the holder asked, then look whether they said yes; the signatures are written down the moment they are there."""
    for mark in marks:
        if not mark.to_sign:
            _keep(mark, _prepare(mark))
    credential, to_sign = batch.key.credential, [bytes(mark.to_sign) for mark in marks]
    if not batch.handle:
        titles = [mark.request.title for mark in marks]
        batch.handle = provider.ask(credential, to_sign, titles, reference=str(batch.pk))
        batch.state, batch.trouble = SigningBatch.State.ASKED, ""
        batch.save(update_fields=("handle", "state", "trouble", "touched_at"))
    activation = provider.answer(credential, batch.handle)
    if activation is None:
        if timezone.now() - batch.made_at > PATIENCE:
            raise NotConfirmed(_("Quá 10 phút chưa xác nhận trên điện thoại. Hãy ký lại khi sẵn sàng."))
        return False
    raws = provider.collect(credential, enrolling.chain_of(batch.key), activation, to_sign)
    for mark, raw in zip(marks, raws, strict=True):
        mark.raw = raw
    SignatureMark.objects.bulk_update(marks, ("raw",))
    return True


def _prepare(mark: SignatureMark) -> Prepared:
    assert mark.key is not None
    return forms_of_signature.prepare(mark, _content(mark.request.file_id), enrolling.chain_of(mark.key))


def _complete(mark: SignatureMark, prepared: Prepared, raw: bytes) -> None:
    assert mark.key is not None
    request, chain = mark.request, enrolling.chain_of(mark.key)
    chain.require(prepared.to_sign, raw)
    signed = forms_of_signature.finish(mark, prepared, raw, chain)
    last = not request.marks.filter(order__gt=mark.order).exists()
    if last and request.form == SignatureRequest.Form.PADES and request.level == SignatureRequest.Level.LTA:
        signed = service.extend(signed)
    file = _store(request, signed)
    finish_mark(_who(mark.batch), mark=mark, file=file)


@action("signing.finish_mark")
def finish_mark(act: Act, *, mark: SignatureMark, file: StoredFile) -> bool:
    """Write a signature that was made: the next holder's turn comes, or the request is completed.

    False when it was no longer wanted: the request was taken back, or another run was first.
    """
    request = SignatureRequest.objects.select_for_update().get(pk=mark.request_id)
    held = SignatureMark.objects.get(pk=mark.pk)
    if held.state != SignatureMark.State.SIGNING or held.batch_id != mark.batch_id:
        act.record(request, note=str(_("Chữ ký đến sau khi yêu cầu đã đổi, không dùng.")))
        return False
    held.state, held.signed_at = SignatureMark.State.SIGNED, timezone.now()
    held.prepared_id, held.prepared, held.to_sign, held.raw = None, {}, b"", b""
    held.save()
    if request.form == SignatureRequest.Form.CADES:
        request.signature_id = file.pk
    else:
        request.file_id = file.pk
    told = {"request": str(request.pk), "file": str(request.file_id), "signature": str(request.signature_id or "")}
    following = request.marks.filter(order__gt=held.order).first()
    if following is None:
        request.state, request.ended_at = SignatureRequest.State.COMPLETED, timezone.now()
    else:
        following.state = SignatureMark.State.TURN
        following.save(update_fields=("state",))
    request.save()
    act.record(request, after={"mark": held.field, "by": held.signed_by_label, "sha256": file.blob_id})
    act.emit("signature.made", request.subject_ref, {**told, "mark": held.field})
    if following is None:
        act.emit("signature.completed", request.subject_ref, told)
    return True


@action("signing.give_back")
def give_back(act: Act, *, batch: SigningBatch, state: str, why: str) -> None:
    """What was not signed waits for its holder again, who is told why."""
    batch.state, batch.trouble = state, why[:500]
    batch.save(update_fields=("state", "trouble", "touched_at"))
    SignatureMark.objects.filter(batch=batch, state=SignatureMark.State.SIGNING).update(
        state=SignatureMark.State.TURN, prepared_id=None, prepared={}, to_sign=b"", raw=b""
    )
    act.record(batch, after={"state": state, "why": why})


def _close(batch: SigningBatch) -> None:
    batch.state, batch.trouble = SigningBatch.State.DONE, ""
    batch.save(update_fields=("state", "trouble", "touched_at"))


def _later(batch: SigningBatch, error: DomainError) -> int | None:
    batch.tries += 1
    if batch.tries > MOST_TRIES:
        give_back(_who(batch), batch=batch, state=SigningBatch.State.FAILED, why=str(error.message))
        return None
    batch.trouble = str(error.message)[:500]
    batch.save(update_fields=("tries", "trouble", "touched_at"))
    logger.warning("signing is held up, batch %s: %s", batch.pk, error)
    return WAITS[min(batch.tries, len(WAITS)) - 1]


def _marks(batch: SigningBatch) -> Iterator[SignatureMark]:
    """What is left to be signed; a request that was taken back meanwhile is none of it."""
    found = batch.marks.select_related("request", "official", "organization", "key", "batch")
    return iter(found.filter(state=SignatureMark.State.SIGNING).order_by("request__opened_at", "pk"))


def _keep(mark: SignatureMark, prepared: Prepared) -> None:
    kept = keep_made(
        BytesIO(prepared.content),
        name="cho-ky.bin",
        owner=None,
        purpose="signing.prepared",
        media_type="application/octet-stream",
    )
    mark.prepared_id, mark.prepared, mark.to_sign = kept.pk, prepared.state, prepared.to_sign
    mark.save(update_fields=("prepared_id", "prepared", "to_sign"))


def _kept(mark: SignatureMark) -> Prepared:
    assert mark.prepared_id is not None
    return Prepared(_content(mark.prepared_id), bytes(mark.to_sign), mark.prepared)


def _content(file_id: UUID) -> bytes:
    with StoredFile.objects.get(pk=file_id).open() as stream:
        return stream.read()


def _store(request: SignatureRequest, signed: bytes) -> StoredFile:
    before = StoredFile.objects.get(pk=request.file_id)
    if request.form == SignatureRequest.Form.PADES:
        return store(BytesIO(signed), name=before.name, owner=before.owner_id, purpose=before.purpose)
    detached = request.form == SignatureRequest.Form.CADES
    return keep_made(
        BytesIO(signed),
        name=f"{before.name}.p7s" if detached else before.name,
        owner=before.owner_id,
        purpose=before.purpose,
        media_type="application/pkcs7-signature" if detached else before.media_type,
    )


def _who(batch: SigningBatch | None) -> Actor:
    return system(str(_("Ký số: %(who)s")) % {"who": batch.actor_label if batch else ""})


@contextmanager
def _alone(batch_id: UUID) -> Iterator[bool]:
    """Whether this connection is the one that works at a batch; a connection that breaks lets go by itself."""
    number = int.from_bytes(hashlib.sha256(f"signing:{batch_id}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        mine = bool((cursor.fetchone() or (False,))[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
