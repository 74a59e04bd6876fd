"""A question that is answered by signing: by a drawn picture or by one's full name; a picture, never another file."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.template import Context, Template
from PIL import Image

from hienluong.capabilities.forms import signatures
from hienluong.capabilities.signing import papers
from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.files.models import StoredFile
from hienluong.services.dossiers import actions, publishing
from hienluong.services.dossiers.models import Dossier, Result
from tests.printed import carries, words_of
from tests.services.dossiers.province import SPEC, Province
from tests.services.portal.test_file_questions import draft_of, upload
from tests.services.records.sample import browser_of
from tests.snapshots import ready

pytestmark = pytest.mark.django_db

FORM: dict[str, Any] = {
    **SPEC["form"],
    "schema": {
        "type": "object",
        "required": ["reason", "sign"],
        "properties": {
            **SPEC["form"]["schema"]["properties"],
            "sign": {"x-kind": "signature", "title": "Chữ ký của bạn"},
        },
    },
    "pages": [{"id": "ly-do", "title": "Lý do của bạn", "fields": ["reason", "sign"]}],
}


class _Ready:
    """A paper of one row."""

    def __init__(self, text: str) -> None:
        self.template = Template(text)

    def render(self, context: dict[str, Any]) -> str:
        return str(self.template.render(Context(context)))


class Filing:
    def __init__(self) -> None:
        self.province = p = Province()
        self.version = p.publish("8.000971", form=FORM, papers=[])
        self.draft = actions.start_draft(p.citizen, version=self.version, subject=p.party)
        actions.save_draft(p.citizen, draft=self.draft, organization=p.commune)


def granted(p: Province, dossier: Dossier) -> None:
    """The dossier on its way to a signed result."""
    actions.receive(p.clerk, dossier=dossier)
    actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
    actions.submit_for_signature(p.head, dossier=dossier)
    publishing.produce(actions.sign(p.leader, dossier=dossier))


@pytest.fixture
def filing(db: None) -> Filing:
    return ready(Filing)


def test_signed_by_name_it_is_a_picture_on_every_page_and_paper(filing: Filing) -> None:
    p, draft = filing.province, filing.draft
    person, page = browser_of(p.citizen), f"/nop/{draft.pk}/ly-do"
    wrong = person.post(page, {"reason": "Sửa", "sign__name": "Hiền"})
    assert (wrong.status_code, "Hãy gõ đầy đủ họ và tên" in wrong.content.decode()) == (422, True)
    assert 'value="Hiền"' in wrong.content.decode(), "what was typed stays"
    wrong = person.post(page, {"reason": "Sửa", "sign__file": upload("chu-ky.pdf")})
    assert (wrong.status_code, "Chữ ký của bạn phải là ảnh." in wrong.content.decode()) == (422, True)
    assert person.post(page, {"reason": "Sửa", "sign__name": " Nguyễn  Thị Hiền "}).status_code == 302
    address = f'src="/tep/{draft_of(draft)["sign"]}"'
    assert address in person.get(page).content.decode()
    assert address in person.get(f"/nop/{draft.pk}/kiem-tra").content.decode()
    assert person.post(f"/nop/{draft.pk}/kiem-tra", {"cam-ket": "1"}).status_code == 302
    dossier = Dossier.objects.get(draft__pk=draft.pk)
    paper = dossier.papers.select_related("file__blob").get()
    assert (paper.code, paper.file.name) == ("don.sign", "Ký bằng họ tên – Nguyễn Thị Hiền.png")
    assert paper.file.media_type == "image/png"
    assert address in browser_of(p.clerk).get(f"/lam-viec/ho-so/{dossier.code}").content.decode()
    granted(p, dossier)
    result = Result.objects.select_related("file").get(dossier=dossier)
    assert result.file is not None
    with result.file.open() as stream:
        printed = stream.read()
    assert carries(printed, paper.file), "the result carries the picture"
    assert str(paper.file.pk) not in words_of(printed)
    with pytest.raises(papers.OutsideResource):
        papers.render_pdf(_Ready('<img src="https://vidu.vn/a.png" alt="">'), {}, title="Đơn")


def test_the_action_takes_no_other_file_for_a_signature(filing: Filing) -> None:
    p, draft = filing.province, filing.draft
    person = browser_of(p.citizen)
    person.post(f"/nop/{draft.pk}/ly-do", {"reason": "Sửa", "sign__file": upload("ban-ve.pdf")})
    paper = StoredFile.objects.get(name="ban-ve.pdf")
    answers = {"reason": "Sửa", "sign": str(paper.pk)}
    actions.save_draft(p.citizen, draft=draft, data=answers)
    with pytest.raises(InvalidInput, match="phải là ảnh") as refused:
        actions.file_online(p.citizen, draft=draft, filing=p.online(version=filing.version, data=answers, papers=()))
    assert refused.value.field == "sign"


def test_a_typed_name_is_drawn_and_a_picture_has_a_limit() -> None:
    with Image.open(BytesIO(signatures.written("Trần Văn Ỷ").read())) as picture:
        colours = picture.convert("L").getextrema()
        assert (picture.format, colours[0] < 100, colours[1]) == ("PNG", True, 255)
    for bad in ("Hiền", "a" * 50 + " " + "b" * 50, "Nguyễn 2", "<b> x", "- -"):
        with pytest.raises(InvalidInput):
            signatures.written(bad)
    large = BytesIO()
    large.size = signatures.MOST + 1  # type: ignore[attr-defined]
    with pytest.raises(InvalidInput, match="5 MB"):
        signatures.require_size(large)
