"""Bulk acts, saved filters and sorted columns."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hienluong.foundation.actions import InvalidInput, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.identity import saved
from hienluong.foundation.identity.models import SavedView
from hienluong.services.dossiers import actions, queries
from hienluong.services.dossiers.models import Dossier, Result, State
from tests.services.dossiers.province import Province
from tests.services.workplace.desk import at, fresh, signed, to_signature

pytestmark = pytest.mark.django_db


def told(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def bulk(client: Any, verb: str, *dossiers: Dossier, **more: str) -> Any:
    return client.post("/lam-viec/nhieu-ho-so", {"verb": verb, "code": [d.code for d in dossiers], **more}, follow=True)


def test_bulk_answers_do_not_name_dossiers_the_official_may_not_see(province: Province) -> None:
    foreign = actions.file_at_counter(
        province.other_clerk,
        filing=province.filing(competent=province.other_commune, received_at_org=province.other_counter),
    )
    own = province.file()
    answer = bulk(at(province.clerk), "receive", own, foreign)
    assert fresh(own).state == State.RECEIVED
    assert fresh(foreign).state == State.SUBMITTED
    assert foreign.code not in answer.content.decode()
    assert "1 hồ sơ đã chọn không tìm thấy" in told(answer)


def test_bulk_signing_shows_every_draft_first(province: Province) -> None:
    dossiers, leader = [to_signature(province) for _ in range(2)], at(province.leader)
    shown = bulk(leader, "sign", *dossiers)
    html = shown.content.decode()
    assert Result.objects.filter(state=Result.State.DRAFT).count() == 2  # nothing is signed yet
    seen = dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', html))
    assert len(seen) == 2
    assert all(f"/lam-viec/ho-so/{dossier.code}/du-thao/1" in html for dossier in dossiers)
    bulk(leader, "sign", *dossiers, **{"xac-nhan": "1"}, **dict([seen.copy().popitem()]))
    assert Result.objects.filter(state=Result.State.SIGNING).count() == 1  # the other was not looked at
    bulk(leader, "sign", *dossiers, **{"xac-nhan": "1"}, **seen)
    assert Result.objects.filter(state=Result.State.SIGNING).count() == 2


def test_results_are_handed_over_in_bulk_with_who_took_each(province: Province) -> None:
    dossiers, clerk = [signed(province).dossier for _ in range(2)], at(province.clerk)
    assert "Trao tại quầy các kết quả đã chọn" in clerk.get("/lam-viec/tra-ket-qua").content.decode()
    html = bulk(clerk, "return_result", *dossiers).content.decode()
    assert html.count('value="Nguyễn Thị Lành"') == 2
    names = {f"recipient-{dossier.pk}": "Anh Bảy, em của bà Lành" for dossier in dossiers}
    kept = bulk(clerk, "return_result", *dossiers, **{"xac-nhan": "1"}, **{**names, next(iter(names)): ""})
    assert kept.status_code == 422
    assert "Anh Bảy" in kept.content.decode()
    bulk(clerk, "return_result", *dossiers, **{"xac-nhan": "1"}, **names)
    assert {fresh(dossier).state for dossier in dossiers} == {State.RETURNED}
    assert dossiers[0].handovers.get(verb="return_result").note == "Anh Bảy, em của bà Lành"


def test_dossiers_are_assigned_and_transferred_in_bulk(province: Province) -> None:
    dossiers = [actions.receive(province.clerk, dossier=province.file()) for _ in range(2)]
    head = at(province.head)
    assert "Phân công các hồ sơ đã chọn" in head.get("/lam-viec/").content.decode()
    assert bulk(head, "assign", *dossiers).status_code == 200
    bulk(head, "assign", *dossiers, **{"xac-nhan": "1", "official": str(province.officer.official_id)})
    assert {fresh(dossier).assignee_id for dossier in dossiers} == {province.officer.official_id}
    assert bulk(head, "transfer", *dossiers, **{"xac-nhan": "1", "to": str(province.commune.pk)}).status_code == 422
    sent = {"xac-nhan": "1", "to": str(province.commune.pk), "note": "Lãnh đạo giải quyết trực tiếp."}
    bulk(head, "transfer", *dossiers, **sent)
    assert {fresh(dossier).handling_id for dossier in dossiers} == {province.commune.pk}


def test_saved_views_are_kept_renamed_opened_first_and_thrown_away(province: Province) -> None:
    clerk = at(province.clerk)
    clerk.post("/lam-viec/bo-loc", {"name": "Quá hạn", "query": "due=overdue&page=3"})
    view = SavedView.objects.get()
    assert (view.query, Entry.objects.filter(verb="identity.save_view").count()) == ("due=overdue", 1)
    change = f"/lam-viec/bo-loc/{view.pk}"
    clerk.post(change, {"viec": "rename", "name": "Trễ hẹn"})
    clerk.post(change, {"viec": "default"})
    view.refresh_from_db()
    assert (view.name, view.is_default) == ("Trễ hẹn", True)
    opened = clerk.get("/lam-viec/")
    assert (opened.status_code, opened["Location"]) == (302, "/lam-viec/?due=overdue")
    assert clerk.get("/lam-viec/?tat-ca=1").status_code == 200
    clerk.post(change, {"viec": "no_default"})
    assert clerk.get("/lam-viec/").status_code == 200
    clerk.post(change, {"viec": "delete"})
    assert not SavedView.objects.exists()


def test_views_are_ones_own_and_have_one_name_each(province: Province) -> None:
    page = "workplace:inbox"
    view = saved.save_view(province.clerk, page=page, name="A", query="")
    other = saved.save_view(province.clerk, page=page, name="B", query="")
    elsewhere = saved.save_view(province.clerk, page="records:a.b", name="A", query="")
    with pytest.raises(InvalidInput, match="đã có"):
        saved.rename_view(province.clerk, page=page, view_id=other.pk, name="A")
    for verb in (saved.delete_view, saved.set_default_view):
        with pytest.raises(NotFound):
            verb(province.officer, page=page, view_id=view.pk)
        with pytest.raises(NotFound):
            verb(province.clerk, page=page, view_id=elsewhere.pk)
    saved.set_default_view(province.clerk, page="records:a.b", view_id=elsewhere.pk)
    saved.set_default_view(province.clerk, page=page, view_id=view.pk)
    saved.set_default_view(province.clerk, page=page, view_id=other.pk)
    assert set(SavedView.objects.filter(is_default=True)) == {elsewhere, other}


@pytest.mark.parametrize("place", ["/lam-viec/", "/lam-viec/tra-cuu"])
def test_lists_are_sorted_by_column_on_the_server(province: Province, place: str) -> None:
    codes = [province.file().code for _ in range(3)]
    clerk = at(province.clerk)

    def order(query: str) -> list[str]:
        html = clerk.get(place + query).content.decode()
        found = re.findall(r'<a class="govuk-link" href="/lam-viec/ho-so/([^"]+)">', html)
        return [code for code in found if code in codes]

    assert order("?thu-tu=ma") == codes
    assert order("?thu-tu=-ma") == codes[::-1]
    assert set(order("?thu-tu=khong-co")) == set(codes)
    assert 'aria-sort="descending"' in clerk.get(f"{place}?thu-tu=-ma").content.decode()


def test_the_days_of_a_period_are_those_of_viet_nam_both_included(province: Province) -> None:
    dossier = province.file()
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    day = date(2026, 3, 2)
    for at_hour, inside in [((2, 0, 0), True), ((2, 23, 59), True), ((3, 0, 0), False), ((1, 23, 59), False)]:
        moment = datetime(2026, 3, at_hour[0], at_hour[1], at_hour[2], tzinfo=zone)
        Dossier.objects.filter(pk=dossier.pk).update(submitted_at=moment)
        assert queries.within(Dossier.objects.all(), day, day).exists() is inside
    assert "submitted_at AT TIME ZONE" not in str(queries.within(Dossier.objects.all(), day, day).query)
