"""Issuing a signed file into the register and the transparency log; revoking it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.transparency import log

from . import long_term
from .models import IssuedFile, LongTermCopy

#: Letters that people do not mistake for one another.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_token() -> str:
    """A fresh unguessable token for a QR code: 16 characters, about 78 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(16))


@action("signing.issue")
def issue(
    act: Act,
    *,
    token: str,
    kind: str,
    title: str,
    file: StoredFile,
    issuer_code: str,
    issuer_name: str,
    signers: list[dict[str, Any]],
    subject_ref: str,
    facts: list[dict[str, str]] | None = None,
    valid_until: date | None = None,
) -> IssuedFile:
    """Register a signed file and write it into the transparency log. Only the signing process may.

    `facts` are shown to whoever scans the code, so what is personal in them is masked already (:mod:`.masking`).
    """
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình ký số được phát hành kết quả."))
    entry = log.append(
        {
            "kind": kind,
            "sha256": file.blob_id,
            "issuer": issuer_code,
            "issued_at": timezone.now().isoformat(timespec="seconds"),
        }
    )
    issued = IssuedFile.objects.create(
        token=token,
        kind=kind,
        title=title,
        sha256=file.blob_id,
        file_id=file.pk,
        issuer_code=issuer_code,
        issuer_name=issuer_name,
        signers=signers,
        subject_ref=subject_ref,
        facts=facts or [],
        valid_until=valid_until,
        log_index=entry.index,
    )
    act.record(issued, after={"sha256": issued.sha256, "log_index": entry.index})
    act.emit("result.issued", subject_ref, {"token": token, "log_index": entry.index})
    return issued


@action("signing.revoke")
def revoke(act: Act, *, token: str, reason: str, replaced_by: str = "") -> IssuedFile:
    """Mark an issued file as revoked, and write that into the log too. The caller has checked who may.

    `replaced_by` says in words which paper was issued in its place. One that is revoked already stays as it is.
    """
    issued = _locked(token)
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi căn cứ thu hồi."), field="reason")
    if issued.state == IssuedFile.State.REVOKED:
        act.record(issued, note=str(_("Đã bị thu hồi từ trước.")))
        return issued
    _log(issued, "replacement" if replaced_by else "revocation")
    issued.state, issued.replaced_by = IssuedFile.State.REVOKED, replaced_by[:120]
    issued.revoked_at, issued.revoked_reason = timezone.now(), reason.strip()
    issued.save(update_fields=("state", "replaced_by", "revoked_at", "revoked_reason"))
    after = {"state": "revoked", "reason": reason, **({"replaced_by": replaced_by} if replaced_by else {})}
    act.record(issued, before={"state": "in_force"}, after=after)
    act.emit("result.revoked", issued.subject_ref, {"token": token})
    return issued


@action("signing.reinstate")
def reinstate(act: Act, *, token: str, reason: str) -> IssuedFile:
    """Let a revoked or replaced paper hold again, because what revoked it was taken back; the log keeps both."""
    issued = _locked(token)
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi căn cứ khôi phục."), field="reason")
    _log(issued, "reinstatement")
    issued.state, issued.replaced_by, issued.revoked_at, issued.revoked_reason = IssuedFile.State.IN_FORCE, "", None, ""
    issued.save(update_fields=("state", "replaced_by", "revoked_at", "revoked_reason"))
    act.record(issued, before={"state": "revoked"}, after={"state": "in_force", "reason": reason})
    act.emit("result.reinstated", issued.subject_ref, {"token": token})
    return issued


@action("signing.suspend")
def suspend(act: Act, *, token: str, since: date | None, until: date | None = None) -> IssuedFile:
    """The days on which a paper does not hold; None for `since` lifts that. The caller has checked who may."""
    issued = _locked(token)
    _log(issued, "suspension" if since else "resumption")
    before = {"since": issued.suspended_since, "until": issued.suspended_until}
    issued.suspended_since, issued.suspended_until = since, until
    issued.save(update_fields=("suspended_since", "suspended_until"))
    act.record(issued, before=before, after={"since": since, "until": until})
    act.emit("result.suspended" if since else "result.resumed", issued.subject_ref, {"token": token})
    return issued


def _locked(token: str) -> IssuedFile:
    issued = IssuedFile.objects.select_for_update().filter(pk=token).first()
    if issued is None:
        raise NotFound(_("Không có giấy tờ này."))
    return issued


def _log(issued: IssuedFile, kind: str) -> None:
    """Write into the transparency log what became of a paper."""
    at = timezone.now().isoformat(timespec="seconds")
    log.append({"kind": kind, "sha256": issued.sha256, "issuer": issued.issuer_code, "at": at})


@action("signing.extend_proof")
def extend_proof(act: Act, *, token: str) -> LongTermCopy:
    """Put another timestamp over a paper whose last one ends soon, and keep the result beside the file as issued.

    Doing it twice, or in two workers, does it once: the second is told that nothing is due. The hash of the copy goes into
    the transparency log too, with that of the paper it is a copy of.
    """
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình ký số được gia hạn dấu thời gian."))
    issued = IssuedFile.objects.select_for_update().filter(pk=token).first()
    if issued is None:
        raise NotFound(_("Không có giấy tờ này."))
    before = issued.proof_ends
    file, ends = long_term.renewed(issued)
    entry = log.append(
        {
            "kind": "long_term_copy",
            "sha256": file.blob_id,
            "of": issued.sha256,
            "issuer": issued.issuer_code,
            "at": timezone.now().isoformat(timespec="seconds"),
        }
    )
    copy = LongTermCopy.objects.create(
        issued=issued, file_id=file.pk, sha256=file.blob_id, proof_ends=ends, log_index=entry.index
    )
    issued.proof_ends = ends
    issued.save(update_fields=("proof_ends",))
    act.record(
        issued, before={"proof_ends": before}, after={"proof_ends": ends, "copy": copy.sha256, "log_index": entry.index}
    )
    return copy


@action("signing.note_proofs")
def note_proofs(act: Act, *, papers: Sequence[IssuedFile]) -> int:
    """Write down when the proofs of these papers end; returns how many have one."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình ký số được ghi hạn của dấu thời gian."))
    files = StoredFile.objects.in_bulk([issued.file_id for issued in papers])
    for issued in papers:
        issued.proof_ends, issued.proof_read = long_term.proof_ends(files[issued.file_id]), True
    IssuedFile.objects.bulk_update(papers, ("proof_ends", "proof_read"))
    found = sum(issued.proof_ends is not None for issued in papers)
    act.record(papers[0], after={"papers": len(papers), "with_timestamp": found})
    return found
