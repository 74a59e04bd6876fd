"""A register that was installed gets a new version with one more required field: said beforehand, and nothing waits."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from hienluong.capabilities.registers import tasks
from hienluong.capabilities.registers.models import Definition, Version
from hienluong.foundation.schemas.positions import parse
from hienluong.services.building import actions as building
from hienluong.services.building import files, register_operations, yaml_text
from hienluong.services.building.numbering import numbered
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier
from hienluong.services.packs import planning
from hienluong.services.procedures.queries import version_on
from tests.snapshots import ready

from .test_procedures import CODE, NAME, Builder, office
from .test_told_before_installing import words

pytestmark = pytest.mark.django_db
FILE, PROCEDURE = "registers/cho.yaml", f"procedures/{CODE}.yaml"


class Day:
    """The day of installing: version 1 is in force, one dossier waits for the leader, version 2 begins tomorrow."""

    def __init__(self) -> None:
        self.place = office()
        self.builder = Builder(self.place)
        self.install()
        self.first = self.place.draft.head
        self.dossier = self._filed()

    @property
    def tomorrow(self) -> date:
        return timezone.localdate() + timedelta(days=1)

    def install(self) -> Any:
        page = reverse("building:install", args=[NAME])
        head = self.place.draft.head_id
        answer = self.builder.client.post(page, {"ban": head})
        for definition in Definition.objects.order_by("version"):
            tasks.migrate(definition.pk)
        return answer

    def plan(self) -> planning.Plan:
        return planning.for_install(files.check(numbered(self.place.texts())).bundle)

    def told(self) -> str:
        return words(self.builder.client.get(reverse("building:install", args=[NAME])).content.decode())

    def save(self, **texts: Any) -> None:
        draft = self.place.draft
        assert draft.head is not None
        changed = {**files.of(draft.head), **texts}
        building.save(self.place.builder, draft=draft, files=changed, words="Sửa", expected=draft.head.pk)

    def second(self, **migrate: str) -> None:
        """Version 2 of the register, with one more required field; its question; and what writes it."""
        before = parse(self.place.texts()[FILE], FILE).value
        after = register_operations.next_version(before, effective_from=self.tomorrow)
        after = register_operations.add_field(after, kind="text", title="Hình thức bán")
        after["schema"]["required"] = [*after["schema"]["required"], "hinh_thuc_ban"]
        texts = {FILE: yaml_text.dump(after | {"migrate": migrate}), "registers/cho.v1.yaml": yaml_text.dump(before)}
        self.save(**texts)
        self.builder.post("form", viec="them text", ten="Bán thế nào", trang="diem-ban")
        self.builder.field("ban_the_nao", title="Bán thế nào", required="on")
        told = self.builder.post("effect", 0, register=NAME, kind="create", from_name="ten_diem_ban", from_so_quay="so_quay", from_chu_diem_ban="party_name", from_hinh_thuc_ban="ban_the_nao")  # fmt: skip
        assert told.status_code == 302

    def begin(self, day: date) -> None:
        """Let the procedure apply from a day on."""
        page = reverse("building:about", args=[NAME, CODE])
        form = self.builder.client.get(page).context["form"]
        boxes = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
        boxes |= {"effective_from": f"{day:%d/%m/%Y}", "summary": "Cấp giấy", "counter": "3"}
        self.builder.post("about", **boxes)

    def _filed(self) -> Dossier:
        p, version = self.place.province, version_on(CODE, timezone.localdate())
        answers = {
            "filer_name": "Nguyễn Thị Lành", "filer_pid": "045190001234", "filer_phone": "0912345678", "ten_diem_ban": "Chợ Phiên",
            "so_quay": "3",
        }  # fmt: skip
        dossier = p.file(version=version, data=answers, papers=())
        actions.receive(p.clerk, dossier=dossier)
        actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
        return Dossier.objects.get(pk=dossier.pk)


@pytest.fixture
def day(db: None) -> Day:
    return ready(Day)


def test_the_plan_says_what_would_stop_the_signatures_and_where_it_is_mended(day: Day) -> None:
    day.second()
    register, procedure = sorted(day.plan().faults, key=lambda fault: fault.file, reverse=True)
    tomorrow = f"{day.tomorrow:%d/%m/%Y}"
    assert register.file == FILE
    assert "1 hồ sơ đang giải quyết của thủ tục “Cấp giấy điểm bán hàng” không khai “Hình thức bán”" in register.message
    assert procedure.file == PROCEDURE
    assert f"chỉ có “Hình thức bán” từ phiên bản 2, có hiệu lực từ {tomorrow}" in procedure.message
    assert f"hãy đặt “Áp dụng từ ngày” của thủ tục là {tomorrow}" in procedure.message
    page = day.builder.client.get(reverse("building:install", args=[NAME])).content.decode()
    assert reverse("building:about", args=[NAME, CODE]) in page
    assert reverse("building:register_version", args=[NAME, "cho"]) in page
    assert day.install().status_code == 422


def test_both_begin_on_one_day_and_who_filed_before_is_written_by_the_way_of_carrying_over(day: Day) -> None:
    day.second(hinh_thuc_ban="'chưa rõ'")
    day.begin(day.tomorrow)
    assert day.plan().faults == []
    assert "1 hồ sơ đang giải quyết của “Cấp giấy điểm bán hàng” không khai Hình thức bán: khi ký" in day.told()
    assert day.install().status_code == 302
    assert version_on(CODE, timezone.localdate()).number == 1  # type: ignore[union-attr]
    actions.sign(day.place.province.leader, dossier=day.dossier)
    known = Version.objects.filter(key__isnull=False, known__upper_inf=True).order_by("valid")
    assert [(one.definition.version, one.data.get("hinh_thuc_ban")) for one in known] == [(1, None), (2, "chưa rõ")]


def test_who_goes_back_hears_of_the_version_that_stays(day: Day) -> None:
    day.second(hinh_thuc_ban="'chưa rõ'")
    day.begin(day.tomorrow)
    day.install()
    assert day.first is not None
    building.save(
        day.place.builder,
        draft=day.place.draft,
        files=files.of(day.first),
        words="Trở lại bản cũ",
        expected=day.place.draft.head_id,
    )
    plan, tomorrow = day.plan(), f"{day.tomorrow:%d/%m/%Y}"
    (fault,) = plan.faults
    assert "trường bắt buộc “Hình thức bán” chưa lấy từ đâu" in fault.message
    assert f"theo phiên bản 2 đã cài, có hiệu lực từ {tomorrow}" in fault.message
    assert [(each.title, each.day) for each in plan.staying] == [
        ("Phiên bản 2 của cơ sở dữ liệu “Điểm bán hàng”", day.tomorrow),
        ("Phiên bản khác của thủ tục “Cấp giấy điểm bán hàng”", day.tomorrow),
    ]


def test_what_is_missing_and_from_which_day_is_told_at_once_and_a_button_sets_the_day(day: Day) -> None:
    before = parse(day.place.texts()[FILE], FILE).value
    after = register_operations.next_version(before, effective_from=day.tomorrow)
    after = register_operations.add_field(after, kind="text", title="Hình thức bán")
    after["schema"]["required"] = [*after["schema"]["required"], "hinh_thuc_ban"]
    after = after | {"migrate": {"hinh_thuc_ban": "'chưa rõ'"}}
    day.save(**{FILE: yaml_text.dump(after), "registers/cho.v1.yaml": yaml_text.dump(before)})
    told, tomorrow = [fault.message for fault in day.plan().faults], f"{day.tomorrow:%d/%m/%Y}"
    assert any("trường bắt buộc “Hình thức bán” chưa lấy từ đâu" in message for message in told)
    assert any(f"hãy đặt “Áp dụng từ ngày” của thủ tục là {tomorrow}" in message for message in told)
    page = reverse("building:install", args=[NAME])
    assert f"Đặt “Áp dụng từ ngày” là {tomorrow}" in day.told()
    day.place.draft.refresh_from_db()
    assert day.builder.client.post(page, {"ban": day.place.draft.head_id, "viec": "ngay"}).status_code == 302
    assert parse(day.place.texts()[PROCEDURE], PROCEDURE).value["effective_from"] == day.tomorrow
    assert "Áp dụng từ ngày" not in " ".join(fault.message for fault in day.plan().faults)
    pack = words(day.builder.client.get(reverse("building:show", args=[NAME])).content.decode())
    assert "phiên bản 1 (đang dùng)" in pack
    assert f"phiên bản 2 (từ {tomorrow})" in pack
