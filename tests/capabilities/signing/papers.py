"""A paper to sign, signed, and in the register."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pikepdf

from hienluong.capabilities.signing import actions
from hienluong.capabilities.signing.models import IssuedFile
from hienluong.capabilities.signing.papers import render_pdf
from hienluong.capabilities.signing.service import sign_result
from hienluong.foundation.files import store
from tests.factories import TESTER

TOKEN = "ABCD2345EFGH6789"


def paper(**context: Any) -> bytes:
    """An unsigned paper with the foot of a signed one."""
    words = {"number": "01/GP", "verify_url": f"http://127.0.0.1:8000/xac-minh/{TOKEN}", **context}
    return render_pdf("signing/papers/base.html", words, title="Giấy phép thử")


def with_classic_xref(pdf: bytes) -> bytes:
    """The same document with a cross-reference table instead of streams."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    return out.getvalue()


def with_object_streams(pdf: bytes) -> bytes:
    """The same document with its objects and its cross-references in compressed streams."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return out.getvalue()


def sign(pdf: bytes) -> bytes:
    """Signed by a leader and the agency."""
    return sign_result(
        pdf,
        organization_code="H50.31",
        organization_name="UBND phường Đông Hà",
        leader_name="Nguyễn Văn Ký",
        leader_title="Chủ tịch",
        leader_code="CB000001",
        reason="Giấy phép thử",
    )


def issue(data: bytes, token: str = TOKEN, **more: Any) -> IssuedFile:
    """Put a file into the register of issued papers."""
    file = store(BytesIO(data), name="a.pdf", owner=None, purpose="dossiers.result")
    return actions.issue(
        TESTER,
        **{
            "token": token,
            "kind": "giấy phép",
            "title": "Giấy phép thử",
            "file": file,
            "issuer_code": "H50.31",
            "issuer_name": "UBND phường Đông Hà",
            "signers": [{"name": "Nguyễn Văn Ký", "title": "Chủ tịch"}],
            "subject_ref": "t:1",
            **more,
        },
    )
