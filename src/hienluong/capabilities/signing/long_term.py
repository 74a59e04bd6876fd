"""Proof for decades: signed papers get another timestamp before the certificate of the last one ends (PAdES B-LTA).

The file as issued is never touched: its hash is what strangers hold and what the transparency log proves. The extended
file begins with exactly those bytes and is kept beside it, as its long-term copy. See ADR 0011.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import DomainError, system
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile

from .models import IssuedFile, LongTermCopy

logger = logging.getLogger(__name__)

#: Papers renewed by one job, and papers issued lately whose proof is looked up by one job.
BATCH = 200


class NotDue(DomainError):
    """The proof of this paper holds long enough, or somebody else has just renewed it."""

    code = "signing.not_due"


class NoLaterTimestamp(DomainError):
    """The timestamp authority's certificate ends no later than the one that is to be renewed."""

    code = "signing.no_later_timestamp"


class BytesDiffer(DomainError):
    """The stored file is not the one that was issued: a timestamp over it would vouch for something else."""

    code = "signing.bytes_differ"


def proof_ends(file: StoredFile) -> datetime | None:
    """When the certificate of the last timestamp in a file ends; None when there is no timestamp to renew.

    A file that cannot be opened has none either: whether it is sound is for verification to say.
    """
    from .validation import Signed  # pyHanko takes half a second to load: only who opens a signature pays for it

    with file.open() as stream:
        data = stream.read()
    try:
        return Signed(data).proof_ends
    except Exception as error:  # whatever the parser stumbles over
        logger.info("the timestamps of file %s could not be read: %s", file.pk, type(error).__name__, exc_info=True)
        return None


def due(now: datetime | None = None) -> QuerySet[IssuedFile]:
    """Papers whose last timestamp ends within the days that the setting names, the most pressing first.

    What was revoked proves nothing any more and is left as it is.
    """
    until = (now or timezone.now()) + timedelta(days=settings.EXTEND_DAYS)
    return IssuedFile.objects.filter(proof_ends__lt=until, state=IssuedFile.State.IN_FORCE).order_by("proof_ends", "pk")


def renewed(issued: IssuedFile) -> tuple[StoredFile, datetime]:
    """The newest file of a locked paper with one more timestamp, stored, and when that one ends.

    Raises :class:`NotDue`, :class:`BytesDiffer` or :class:`NoLaterTimestamp`; then nothing is kept.
    """
    from .service import extend
    from .validation import Signed

    if issued.proof_ends is None or not due().filter(pk=issued.pk).exists():
        raise NotDue(_("Giấy này chưa cần gia hạn dấu thời gian."))
    last = issued.long_term_copies.order_by("-pk").first()
    file = StoredFile.objects.get(pk=last.file_id if last else issued.file_id)
    with file.open() as stream:
        data = stream.read()
    if hashlib.sha256(data).hexdigest() != (last.sha256 if last else issued.sha256):
        raise BytesDiffer(_("Tệp đang lưu khác với tệp đã phát hành, không gia hạn được dấu thời gian."))
    longer = extend(data)
    ends = Signed(longer).proof_ends
    if ends is None or ends <= issued.proof_ends:
        raise NoLaterTimestamp(_("Chứng thư của dịch vụ dấu thời gian không còn hạn dài hơn dấu đang có."))
    original = StoredFile.objects.get(pk=issued.file_id)
    name = original.name.removesuffix(".pdf")
    kept = store(
        BytesIO(longer),
        name=f"{name}-luu-tru-dai-han.pdf",
        owner=original.owner_id,
        purpose=original.purpose,
        limit=len(longer),
    )
    return kept, ends


def extend_due() -> int:
    """Renew the proof of one batch of papers, each in a transaction of its own; returns how many.

    One paper that cannot be renewed does not stop the others; a timestamp authority that is away or ends too soon does.
    """
    from .actions import extend_proof

    done = 0
    who = system("Gia hạn dấu thời gian")
    for token in list(due().values_list("pk", flat=True)[:BATCH]):
        try:
            extend_proof(who, token=token)
            done += 1
        except NotDue:
            continue  # another worker was faster
        except NoLaterTimestamp as error:
            logger.warning("no proof is renewed: %s", error.message)
            break
        except DomainError:
            logger.exception("the proof of paper %s was not renewed", token)
    return done


def read_unread() -> int:
    """Look up when the proofs of papers end that were issued lately; returns how many papers were looked at."""
    from .actions import note_proofs

    unread = list(IssuedFile.objects.filter(proof_read=False).order_by("log_index")[:BATCH])
    if unread:
        note_proofs(system("Gia hạn dấu thời gian"), papers=unread)
    return len(unread)


def newest_copy(token: str) -> Subquery:
    """For rows with a token in the column of this name: the file of the newest long-term copy, or null."""
    copies = LongTermCopy.objects.filter(issued_id=OuterRef(token)).order_by("-pk")
    return Subquery(copies.values("file_id")[:1])


def paper_of_copy(file_id: UUID) -> Q:
    """A filter for models with a `token`: the one whose long-term copy this file is."""
    return Q(token__in=LongTermCopy.objects.filter(file_id=file_id).values("issued_id"))
