"""Verification over HTTP, open to everyone."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from hienluong.foundation.actions import DomainError
from hienluong.ui import asked

from . import views
from .verification import Verification
from .verification import verify as judge

router = Router(tags=["Xác minh"])

FILE_OR_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            "application/xml": {"schema": {"type": "string", "format": "binary"}},
            "application/pkcs7-mime": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "signature": {"type": "string", "format": "binary"},
                    },
                }
            },
        },
    }
}


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str


class Issued(Schema):
    """What the register of issued papers says."""

    title: str
    issuer: str
    issuer_code: str
    state: Literal["in_force", "revoked"]
    issued_at: datetime
    valid_until: str | None


class Trouble(Schema):
    """One thing that is wrong with a signature."""

    code: Literal[
        "altered",
        "changed",
        "partial",
        "untrusted",
        "certificate_revoked",
        "certificate_expired",
        "weak",
        "not_entitled",
        "active",
        "added",
        "unchecked",
    ]
    sentence: str
    detail: str


class Signature(Schema):
    """One signature in the file, in the order of signing."""

    signer: str
    issuer: str
    organization: str
    position: str = Field(description="Chức vụ của người ký vào ngày ký, khi hệ thống biết")
    signed_at: datetime | None
    timestamped: bool = Field(description="Có dấu thời gian RFC 3161 tin được")
    intact: bool
    trusted: bool
    covers_whole_file: bool
    long_term: bool = Field(description="Dữ liệu để xác minh về sau nằm ngay trong tệp (PAdES B-LT)")
    algorithm: str
    form: str = Field(description="PAdES, PDF, XAdES, XML-DSig, CAdES hoặc CMS")
    serial: str
    certificate_from: datetime | None
    certificate_until: datetime | None
    chain: list[str] = Field(description="Từ người ký lên đến nơi được tin cậy")
    revocation: Literal["file", "own", "asked", "none"] = Field(description="Nhờ đâu biết chứng thư không bị thu hồi")
    stamped_by: str
    problems: list[Trouble]
    notes: list[str]


class LogProof(Schema):
    """Where in the transparency log the file stands."""

    index: int
    size: int
    leaf_hash: str
    root: str
    holds: bool


class Truth(Schema):
    """The truth about a file."""

    verdict: Literal[
        "valid",
        "expired",
        "suspended",
        "revoked",
        "superseded",
        "altered",
        "unsigned",
        "untrusted",
        "signed",
        "partial",
        "certificate_revoked",
        "certificate_expired",
        "weak",
        "not_entitled",
        "active",
        "added",
        "unchecked",
        "unreadable",
    ]
    sentence: str
    sha256: str
    issued: Issued | None
    signatures: list[Signature]
    log: LogProof | None


class TooLarge(DomainError):
    """The file is larger than we take."""

    code = "files.too_large"
    status = 413


class TooOften(DomainError):
    """One address asked too often."""

    code = "api.too_many"
    status = 429


@router.post(
    "/verify", response={200: Truth, 413: Problem, 429: Problem}, openapi_extra=FILE_OR_FORM, summary="Xác minh một tệp"
)
def verify(request: HttpRequest) -> Truth | HttpResponse:
    """POST a PDF, an XML document or a CMS signature as the body, or a form with ``file`` and, when the signature stands in a
    file of its own, ``signature``; nothing is kept.
    """
    if views.asked_too_often(request, "file", views.MOST_FILES):
        raise TooOften(_("Bạn đã xác minh quá nhiều tệp. Xin thử lại sau 10 phút."))
    beside, name = None, ""
    if request.content_type == "multipart/form-data":
        uploads = [request.FILES.get("file"), request.FILES.get("signature")]
        brought = [each for each in uploads if each is not None]
        data = brought[0].read(settings.MAX_UPLOAD_BYTES + 1) if brought else b""
        if len(brought) > 1:
            beside, name = brought[1].read(settings.MAX_UPLOAD_BYTES + 1), asked.plain(brought[0].name or "")[:200]
    else:  # read here, not as `body`: a scanned paper may be larger than a form may be
        data = request.read(settings.MAX_UPLOAD_BYTES + 1)
    if max(len(data), len(beside or b"")) > settings.MAX_UPLOAD_BYTES:
        raise TooLarge(_("Tệp quá lớn."))
    return _truth(judge(data, beside, name=name))


def _truth(found: Verification) -> Truth:
    issued = found.issued
    return Truth(
        verdict=found.verdict,
        sentence=found.sentence,
        sha256=found.sha256,
        issued=Issued(
            title=issued.title,
            issuer=issued.issuer_name,
            issuer_code=issued.issuer_code,
            state="revoked" if issued.revoked_at else "in_force",
            issued_at=issued.issued_at,
            valid_until=issued.valid_until.isoformat() if issued.valid_until else None,
        )
        if issued
        else None,
        signatures=[
            Signature(
                signer=one.signer,
                issuer=one.issuer,
                signed_at=one.signed_at,
                timestamped=one.timestamped,
                intact=one.intact,
                trusted=one.trusted,
                covers_whole_file=one.covers_whole_file,
                long_term=one.long_term,
                algorithm=one.algorithm,
                organization=one.organization,
                position=one.position,
                form=one.form,
                serial=one.serial,
                certificate_from=one.certificate_from,
                certificate_until=one.certificate_until,
                chain=list(one.chain),
                revocation=one.revocation,
                stamped_by=one.stamped_by,
                problems=[Trouble(code=each.code, sentence=each.said, detail=each.detail) for each in one.problems],
                notes=list(one.notes),
            )
            for one in found.signatures
        ],
        log=LogProof(**{name: found.log_proof[name] for name in ("index", "size", "leaf_hash", "root", "holds")})
        if found.log_proof
        else None,
    )
