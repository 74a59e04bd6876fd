"""Before a draft is installed again it is said what becomes of things, in words, and of dossiers that are under way."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from hienluong.services.dossiers.models import Draft
from hienluong.services.procedures.queries import version_on
from tests.services.dossiers.province import Province
from tests.snapshots import ready

from .test_procedures import CODE, NAME, Builder, Office, browser, office

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(db: None) -> Office:
    return ready(office)


def words(html: str) -> str:
    """A page without its marks."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def written(p: Province) -> Draft:
    """A draft that a citizen has begun."""
    version = version_on(CODE, date.today())
    client: Client = browser(p.citizen)
    client.post(reverse("portal:start", args=[CODE]), {"whom": "toi"})
    draft = Draft.objects.get()
    assert draft.procedure_version == version
    return draft


def test_the_plan_speaks_of_labels_conditions_and_dossiers_under_way(place: Office) -> None:
    builder = Builder(place)
    page = reverse("building:install", args=[NAME])
    builder.client.post(page, {"ban": place.draft.head_id})
    written(place.province)
    builder.field("so_quay", title="Số quầy", required="on")
    builder.field("vi_tri", title="Vị trí", f0="so_quay", c0="gt", v0="3")
    html = builder.client.get(page).content.decode()
    told = words(html)
    for part in (
        "Thủ tục “Cấp giấy điểm bán hàng”",
        "Cơ sở dữ liệu “Điểm bán hàng”",
        "Biểu mẫu › Trường “Số quầy”",
        "không bắt buộc bắt buộc",
        "Trường “Vị trí” › Chỉ hỏi khi",
        "luôn hỏi “Số quầy” lớn hơn 3",
        "0 hồ sơ đã nộp",
        "1 bản nháp người dân đang viết",
        "Nay phải trả lời: Số quầy",
        "Nay chỉ hỏi “Vị trí” khi “Số quầy” lớn hơn 3",
    ):
        assert part in told, part
    assert 'hl-code">form.schema.properties.vi_tri.x-when<' in html, "the engineer finds the place"
