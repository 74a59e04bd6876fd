"""Before a draft is installed again it is said what becomes of things, in words, and of dossiers that are under way."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from hienluong.services.dossiers.models import CounterDraft, Dossier, Draft, State
from hienluong.services.procedures.queries import version_on
from tests.services.dossiers.province import Province
from tests.snapshots import ready

from .test_procedures import CODE, NAME, Builder, Office, browser, office

pytestmark = pytest.mark.django_db

ANSWERS = {
    "filer_name": "Nguyễn Thị Lành", "filer_pid": "045190001234", "filer_phone": "0912345678", "ten_diem_ban": "Chợ Phiên",
    "so_quay": "3", "co_ban_do_tuoi_song": "true", "nguon_nuoc": "Giếng", "vi_tri": {"type": "Point", "coordinates": [107.1, 16.8]},
}  # fmt: skip


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
        "1 bản nháp người dân đang viết",
        "Nay phải trả lời: Số quầy",
        "Nay chỉ hỏi “Vị trí” khi “Số quầy” lớn hơn 3",
    ):
        assert part in told, part
    shown = words(re.sub(r"<details.*?</details>", "", html, flags=re.DOTALL))
    assert "form.schema.properties.vi_tri.x-when" in html, "the engineer finds the place"
    assert not re.search(r"form\.schema|procedures/|\b0 hồ sơ", shown), "nobody else meets it"


def test_who_pays_nothing_is_told_in_the_plan_and_on_the_public_page(place: Office) -> None:
    builder = Builder(place)
    builder.post(
        "procedure_item", "charges", code="le_phi", name="Lệ phí", kind="levy", due="on_filing", amount="300.000",
        legal_basis="NQ 1", f0="co_ban_do_tuoi_song", c0="eq", v0="true",
    )  # fmt: skip
    page = reverse("building:install", args=[NAME])
    who = "Miễn: có bán đồ tươi sống"
    assert f"Lệ phí: 300.000 đồng. {who}" in words(builder.client.get(page).content.decode())
    builder.client.post(page, {"ban": place.draft.head_id})
    public = words(Client().get(reverse("portal:service", args=[CODE])).content.decode())
    assert f"Lệ phí: 300.000 đồng (NQ 1) {who}" in public


def test_the_first_plan_says_what_the_procedure_is(place: Office) -> None:
    builder = Builder(place)
    builder.post("procedure_item", "charges", code="le_phi", name="Lệ phí", kind="levy", due="on_filing", amount="50000", legal_basis="NQ 1")  # fmt: skip
    told = words(builder.client.get(reverse("building:install", args=[NAME])).content.decode())
    for part in (
        "Cơ quan giải quyết Ủy ban nhân dân cấp xã",
        "Thời hạn 03 ngày làm việc kể từ ngày nhận đủ hồ sơ",
        "Phí, lệ phí Lệ phí: 50.000 đồng",
        "Số câu hỏi 9",
        "Các bước Tiếp nhận → Thẩm định → Ký kết quả → Trả kết quả",
        "Ghi vào cơ sở dữ liệu Điểm bán hàng (Tên, Số quầy, Vị trí, Chủ điểm bán)",
    ):
        assert part in told, part


def test_a_fault_leads_to_the_page_of_its_part(place: Office) -> None:
    builder, path = Builder(place), f"procedures/{CODE}.yaml"
    text = place.texts()[path].replace("so_quay: so_quay", "so_quay: khong_co")
    assert text != place.texts()[path]
    builder.client.post(reverse("building:source", args=[NAME, path]), {"ban": place.draft.head_id, "text": text})
    html = builder.client.get(reverse("building:install", args=[NAME])).content.decode()
    assert f'<a class="govuk-link" href="{reverse("building:effect", args=[NAME, CODE, 0])}">' in html
    assert "Cấp giấy điểm bán hàng › 4. Ghi vào cơ sở dữ liệu khi được cấp" in html
    assert f"{path}, dòng" not in html, "who mends it on a page needs no file"


def test_the_public_page_names_who_decides_what_is_filled_in_online_and_the_steps(place: Office) -> None:
    builder = Builder(place)
    builder.post("process", model="field_inspection")
    builder.client.post(reverse("building:install", args=[NAME]), {"ban": place.draft.head_id})
    told = words(Client().get(reverse("portal:service", args=[CODE])).content.decode())
    assert "Đơn đề nghị (khai trực tuyến; nộp tại quầy thì điền đơn giấy)" in told
    assert "Kiểm tra thực địa. Cơ quan giải quyết thực hiện." in told
    assert "Ủy ban nhân dân cấp xã" in told


def test_what_had_better_be_looked_at_is_told_as_a_note_with_its_page(place: Office) -> None:
    builder, template = Builder(place), "results/p8_000001.html"
    source = reverse("building:source", args=[NAME, template])
    builder.client.post(source, {"ban": place.draft.head_id, "text": "<p>Giấy</p>"})
    said = "Nên xem lại Không phải lỗi: gói vẫn cài được. Cấp giấy điểm bán hàng › 5. Kết quả và giấy chứng nhận : "
    said += "giấy “Giấy chứng nhận điểm bán” không in dòng “Căn cứ …” nào"
    for page in ("show", "install"):
        html = builder.client.get(reverse(f"building:{page}", args=[NAME])).content.decode()
        assert said in words(html)
        assert f'href="{reverse("building:result", args=[NAME, CODE])}"' in html
    text = place.texts()[f"procedures/{CODE}.yaml"].replace("so_quay: so_quay", "so_quay: khong_co")
    builder.client.post(reverse("building:source", args=[NAME, f"procedures/{CODE}.yaml"]), {"ban": place.draft.head_id, "text": text})  # fmt: skip
    for page in ("show", "install"):
        html = builder.client.get(reverse(f"building:{page}", args=[NAME])).content.decode()
        faulty = words(html)
        assert faulty.index("Cần sửa trước khi cài") < faulty.index("Nên xem lại")
        told = html[html.index("Cần sửa trước khi cài") : html.index("Nên xem lại")]
        assert f'href="{reverse("building:effect", args=[NAME, CODE, 0])}"' in told
        assert "4. Ghi vào cơ sở dữ liệu khi được cấp" in told


def test_the_plan_of_an_update_counts_dossiers_drafts_and_sheets_and_says_what_becomes_of_them(place: Office) -> None:
    builder, p = Builder(place), place.province
    page = reverse("building:install", args=[NAME])
    builder.client.post(page, {"ban": place.draft.head_id})
    version = version_on(CODE, date.today())
    assert version is not None
    builder.field("so_quay", title="Số quầy", required="on")
    assert "Không có hồ sơ đang giải quyết, không ai đang viết dở." in words(builder.client.get(page).content.decode())

    one, two = (p.file(version=version, data=ANSWERS, papers=()) for _number in range(2))
    Dossier.objects.filter(pk=one.pk).update(state=State.SUPPLEMENT)
    Dossier.objects.filter(pk=two.pk).update(state=State.RECEIVED)
    written(p)
    assert p.clerk.account_id is not None
    CounterDraft.objects.create(account_id=p.clerk.account_id, procedure=version.procedure)
    told = words(builder.client.get(page).content.decode())
    for part in (
        "2 hồ sơ đã nộp, đang giải quyết: vẫn theo phiên bản lúc nộp",
        "Trong đó 1 hồ sơ đang chờ bổ sung: bổ sung theo biểu mẫu lúc nộp.",
        "1 bản nháp người dân đang viết: được báo, viết tiếp theo phiên bản mới",
        "1 tờ khai cán bộ một cửa đang nhập dở: mở lại thì theo biểu mẫu mới",
    ):
        assert part in told, part
    assert "không ai đang viết dở" not in told
    assert "Trước ngày" not in told

    path = f"procedures/{CODE}.yaml"
    later = date.today() + timedelta(days=40)
    text = re.sub(r"effective_from: .*", f"effective_from: {later}", place.texts()[path])
    builder.client.post(reverse("building:source", args=[NAME, path]), {"ban": place.draft.head_id, "text": text})
    said = f"Trước ngày {later:%d/%m/%Y} mọi người vẫn khai và nộp theo phiên bản đang dùng."
    assert said in words(builder.client.get(page).content.decode())
