"""A paper with a stamp of secrecy comes into no work file, and is not kept."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account
from hienluong.services.documents import secrecy
from hienluong.services.workfiles import access, actions
from tests.services.stamped import NEAR, docx, pdf, xlsx

from .matter import Matter


@pytest.fixture
def matter(db: None) -> Matter:
    return Matter()


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", pdf("MẬT", "Nội dung")), ("a.docx", docx("TUYỆT MẬT")), ("a.xlsx", xlsx("TỐI MẬT"))],
)
def test_a_stamp_is_refused_with_the_rule_and_nothing_is_kept(matter: Matter, name: str, content: bytes) -> None:
    work_file, client = matter.file(), Client()
    client.force_login(Account.objects.get(pk=matter.keeper.account_id))
    answer = client.post(
        reverse("workfiles:add_file", args=[work_file.code]),
        {"upload": SimpleUploadedFile(name, content), "title": "Ghi chép cuộc họp"},
    )
    assert answer.status_code == 422
    assert "117/2025/QH15" in answer.content.decode()
    assert "Ghi chép cuộc họp" in answer.content.decode()
    assert not StoredFile.objects.filter(purpose=access.FILE).exists()
    kept = store(BytesIO(content), name=name, owner=matter.keeper.account_id, purpose=access.FILE)
    with pytest.raises(secrecy.StateSecret):
        actions.add_file(matter.keeper, work_file=work_file, file=kept, title="Ghi chép")
    assert not work_file.items.exists()


def test_a_paper_about_secrets_is_taken(matter: Matter) -> None:
    work_file, client = matter.file(), Client()
    client.force_login(Account.objects.get(pk=matter.keeper.account_id))
    answer = client.post(
        reverse("workfiles:add_file", args=[work_file.code]),
        {"upload": SimpleUploadedFile("quy-che.pdf", pdf(*NEAR)), "title": "Quy chế"},
    )
    assert answer.status_code == 302
    assert work_file.items.count() == 1
