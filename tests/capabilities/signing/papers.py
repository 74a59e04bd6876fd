"""A paper to sign, signed, and in the register."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pikepdf

from hienluong.capabilities.signing import actions, pki, service
from hienluong.capabilities.signing.models import IssuedFile
from hienluong.capabilities.signing.papers import render_pdf
from hienluong.capabilities.signing.providers.demo import DemoKeys, label_of
from hienluong.foundation.files import store
from tests.factories import TESTER

TOKEN = "ABCD2345EFGH6789"
AGENCY = "UBND phường Đông Hà"


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
    leader = demo_signer("CB000001", "Nguyễn Văn Ký")
    agency = demo_signer("H50.31", AGENCY)
    marks = [
        service.Mark(leader, service.LEADER_FIELD, service.LEADER_BOX, "Chủ tịch", AGENCY),
        service.Mark(agency, service.SEAL_FIELD, service.AGENCY_BOX),
    ]
    return service.sign(pdf, marks, "Giấy phép thử", "Quảng Trị")


def demo_signer(code: str, name: str, organization: str = AGENCY) -> service.Signer:
    """Somebody with a key of the demo's authority that nobody enrolled."""
    provider, label = DemoKeys(), label_of(pki.Holder(code, name, organization))
    chain = provider.find(label).chain
    return service.Signer(name, chain, lambda data: provider.sign(label, chain, [data])[0])


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
