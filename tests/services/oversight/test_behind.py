"""Each number opens the list behind it, and the list is as long as the number says."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.urls import reverse

from hienluong.services.dossiers.models import State
from hienluong.services.oversight import figures
from tests.services.oversight.picture import Picture, client_of

CELL = re.compile(r'<a class="govuk-link" href="([^"]+)">([^<]+)<span class="govuk-visually-hidden"> ([^<]+)</span>')
STAT = re.compile(r'<a class="govuk-link hl-stat__link" href="([^"]+)"><span class="hl-stat__value">([^<]+)</span>')
WHOLE = re.compile(r"[0-9.]+")


def numbers(page: str) -> list[tuple[str, str, str]]:
    """(address, text, what it is) of each number that opens a list."""
    found = [(html.unescape(href), text, about) for href, text, about in CELL.findall(page)]
    return found + [(html.unescape(href), text, "ô lớn") for href, text in STAT.findall(page)]


def listed(client: Any, address: str) -> int:
    response = client.get(address)
    assert response.status_code == 200
    count: int = response.context["page"].paginator.count
    return count


@pytest.mark.parametrize(
    "asked",
    ["", "?linh-vuc=KT-KHAC", "?khu-vuc=H50.32", "?tu=01/10/2026&den=10/11/2026", "?khu-vuc=H50.31&linh-vuc=KT-TEST"],
)
def test_every_count_equals_the_length_of_its_list(picture: Picture, asked: str) -> None:
    picture.everything()
    client = client_of(picture.overseer)
    page = client.get(f"/dieu-hanh{asked}").content.decode()
    found = numbers(page)
    assert len(found) > 6
    for address, text, about in found:
        if WHOLE.fullmatch(text):
            assert listed(client, address) == int(text.replace(".", "")), (about, address)


def test_every_rate_is_the_share_of_its_list(picture: Picture) -> None:
    picture.everything()
    client = client_of(picture.overseer)
    response = client.get("/dieu-hanh")
    done = figures.summary(
        figures.scope_of(picture.overseer, response.context["asked"].since, response.context["asked"].until)
    )
    for kind, counted in (
        ("dung-han", done.total.on_time),
        ("truc-tuyen", done.total.online),
        ("danh-gia", done.total.rating_count),
    ):
        assert counted > 0
        assert listed(client, f"/dieu-hanh/ho-so?loai={kind}") == counted
    for line in (*done.organizations, *done.months):
        assert line.label in response.content.decode()
    for line in done.organizations:
        for kind, counted in (("dung-han", line.on_time), ("truc-tuyen", line.online), ("danh-gia", line.rating_count)):
            assert listed(client, f"/dieu-hanh/ho-so?loai={kind}&co-quan={line.key}") == counted


def test_the_numbers_are_not_all_the_same(picture: Picture) -> None:
    """Guards the tests above: a picture of equal numbers would prove nothing."""
    picture.everything()
    page = client_of(picture.overseer).get("/dieu-hanh").content.decode()
    texts = {text for _address, text, _about in numbers(page)}
    assert len(texts) > 10


def test_a_long_list_is_cut_into_pages_and_whole(picture: Picture) -> None:
    for _number in range(120):
        picture.finished(10)
    client = client_of(picture.overseer)
    seen = set()
    for number in (1, 2, 3):
        rows = client.get(f"/dieu-hanh/ho-so?loai=dung-han&page={number}").context["rows"]
        seen |= {row["dossier"].code for row in rows}
    assert len(seen) == 120


def test_rows_open_the_dossier_for_those_who_may_see_it_only(picture: Picture) -> None:
    late = picture.overdue(3)
    address = reverse("workplace:dossier", args=(late.code,))
    leader = client_of(picture.actor_of_commune()).get("/dieu-hanh/ho-so?loai=qua-han").content.decode()
    overseer = client_of(picture.overseer).get("/dieu-hanh/ho-so?loai=qua-han").content.decode()
    assert address in leader
    assert late.code in overseer
    assert address not in overseer


def test_a_leader_counts_and_lists_its_own_place_only(picture: Picture) -> None:
    picture.everything()
    client = client_of(picture.actor_of_commune())
    codes = {row["dossier"].competent_id for row in client.get("/dieu-hanh/ho-so?loai=da-nop").context["rows"]}
    assert codes == {picture.province.commune.pk}
    assert listed(client, "/dieu-hanh/ho-so?loai=da-nop&co-quan=H50.32") == 0


def test_a_waiting_dossier_is_never_overdue(picture: Picture) -> None:
    picture.overdue(20, state=State.SUPPLEMENT)
    picture.overdue(20, state=State.AWAITING_PAYMENT)
    late = picture.overdue(2)
    client = client_of(picture.overseer)
    rows = client.get("/dieu-hanh/ho-so?loai=qua-han").context["rows"]
    assert [row["dossier"].pk for row in rows] == [late.pk]
    assert listed(client, "/dieu-hanh/ho-so?loai=tam-dung") == 2


def test_a_list_costs_the_same_whatever_its_length(picture: Picture, django_assert_max_num_queries: Any) -> None:
    for _number in range(60):
        picture.finished(10, score=4)
    client = client_of(picture.overseer)
    client.get("/dieu-hanh/ho-so?loai=danh-gia")
    with django_assert_max_num_queries(14):
        client.get("/dieu-hanh/ho-so?loai=danh-gia")


def test_strangers_and_officials_without_the_permission_see_nothing(picture: Picture) -> None:
    from django.test import Client

    assert Client().get("/dieu-hanh/ho-so").status_code == 302
    assert client_of(picture.province.clerk).get("/dieu-hanh/ho-so").status_code == 403
    assert client_of(picture.province.citizen).get("/dieu-hanh").status_code == 403
