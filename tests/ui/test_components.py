"""Component tags: what they write, and that they escape what they are given."""

from __future__ import annotations

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.safestring import SafeString

from hienluong.ui import navigation

EVIL = '<img src=x onerror="alert(1)">'


def render(text: str, **context: object) -> str:
    return Template(text).render(Context(context))


@pytest.mark.parametrize(
    "template",
    [
        "{% ui_button evil %}",
        "{% ui_button 'a' href=evil %}",
        "{% ui_button 'a' name='a' value=evil %}",
        "{% ui_button 'a' data_x=evil %}",
        "{% ui_tag evil evil %}",
        "{% ui_panel evil evil %}",
        "{% ui_inset evil %}",
        "{% ui_warning evil %}",
        "{% ui_notification evil 'error' evil %}",
        "{% ui_empty evil evil evil evil %}",
        "{% ui_stat evil evil evil %}",
        "{% ui_breadcrumbs items %}",
        "{% ui_summary_list rows %}",
        "{% ui_timeline rows %}",
        "{% ui_task_list rows %}",
        "{% ui_card title=evil href=evil %}{{ evil }}{% endui_card %}",
        "{% ui_dialog id='d' title=evil %}{{ evil }}{% endui_dialog %}",
        "{% ui_filter_panel title=evil %}{{ evil }}{% endui_filter_panel %}",
        "{% ui_details summary=evil %}{{ evil }}{% endui_details %}",
        "{% ui_qr evil evil %}",
    ],
)
def test_components_escape_what_they_are_given(template: str) -> None:
    row = dict.fromkeys(("key", "value", "title", "by", "text", "when", "hint", "status", "colour"), EVIL)
    html = render(template, evil=EVIL, items=[(EVIL, EVIL)], rows=[row | {"action_href": EVIL, "href": EVIL}])
    assert isinstance(html, SafeString)
    assert "<img" not in html


def test_a_button_with_an_address_is_a_link() -> None:
    html = render("{% ui_button 'Bắt đầu' variant='start' href='/dich-vu' %}")
    assert html.startswith('<a href="/dich-vu"')
    assert "govuk-button--start" in html


def test_a_submit_button_is_sent_once() -> None:
    assert 'data-prevent-double-click="true"' in render("{% ui_button 'Nộp' %}")
    assert "data-prevent-double-click" not in render("{% ui_button 'Mở' type='button' %}")
    assert "data-prevent-double-click" not in render("{% ui_button 'Xuất' again=True %}"), "a file may be made twice"


def test_pagination_keeps_the_rest_of_the_query() -> None:
    page = Paginator(range(1978), 20).page(5)
    request = RequestFactory().get("/", {"q": "khai sinh", "page": "5"})
    html = render("{% ui_pagination page %}", page=page, request=request)
    assert 'href="?q=khai+sinh&amp;page=6"' in html
    assert "81–100 trong 1.978" in html
    assert 'aria-current="page"' in html


def test_one_page_needs_no_pagination() -> None:
    assert render("{% ui_pagination page %}", page=Paginator([1], 20).page(1)) == ""


def test_an_unknown_tag_colour_is_grey() -> None:
    assert "govuk-tag--grey" in render("{% ui_tag 'x' 'pink' %}")


class Clerk:
    def paths_with(self, permission: str) -> tuple[str, ...]:
        return ("/1/",) if permission == "dossiers.receive" else ()


@pytest.fixture
def face(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(navigation, "_entries", [])
    return "test-face"


def test_navigation_shows_what_a_person_may_use_in_order(face: str) -> None:
    navigation.register(face, "Ký", href="/lam-viec/ky", order=20, permission="dossiers.sign")
    navigation.register(face, "Tiếp nhận", href="/lam-viec/tiep-nhan", order=30, permission="dossiers.receive")
    navigation.register(face, "Việc của tôi", href="/lam-viec", order=10, badge=lambda _request: 3)
    request = RequestFactory().get("/lam-viec/tiep-nhan/5")
    request.actor = Clerk()  # type: ignore[attr-defined]
    links = navigation.links(face, request)
    assert [(link.label, link.current, link.badge) for link in links] == [
        ("Việc của tôi", False, "3"),
        ("Tiếp nhận", True, ""),
    ]


def test_what_has_no_heading_stands_below_none(face: str) -> None:
    navigation.register(face, "Văn bản đến", href="/den", order=10, group="Văn bản")
    navigation.register(face, "Cơ sở dữ liệu", href="/du-lieu", order=60)
    groups = navigation.grouped(face, None)
    assert [(group.label, [link.label for link in group.links]) for group in groups] == [
        ("", ["Cơ sở dữ liệu"]),
        ("Văn bản", ["Văn bản đến"]),
    ]


def test_a_long_administration_is_told_by_section_and_a_short_one_is_not(face: str) -> None:
    for number in range(navigation.MANY):
        navigation.register(face, f"Trang {number}", href=f"/trang-{number}", order=number, group=navigation.DATA)
    (short,) = navigation.grouped(face, None)
    assert (short.label, short.parts) == ("Quản trị", [])
    navigation.register(face, "Tài khoản", href="/tai-khoan", order=99, group=navigation.PEOPLE, badge=lambda _r: 4)
    (long,) = navigation.grouped(face, RequestFactory().get("/tai-khoan/1"))
    assert [(part.label, len(part.links), part.current, part.badge) for part in long.parts] == [
        ("Con người và cơ quan", 1, True, 4),
        ("Dữ liệu và chia sẻ", navigation.MANY, False, 0),
    ]


def test_navigation_to_an_address_that_is_not_there_is_hidden(face: str) -> None:
    navigation.register(face, "Chưa có", url_name="nowhere:at_all")
    assert navigation.links(face, RequestFactory().get("/")) == []


def test_a_link_registered_again_replaces_the_first(face: str) -> None:
    navigation.register(face, "Cũ", href="/a")
    navigation.register(face, "Mới", href="/a")
    assert [link.label for link in navigation.links(face, None)] == ["Mới"]


def test_a_column_whose_heading_is_not_seen_gives_its_cells_no_label() -> None:
    table = render(
        "{% ui_table stack=True %}<thead><tr><th scope='col'>Ai</th><th scope='col'>Ngày</th><th scope='col'>"
        "<span class=\"govuk-visually-hidden\">Việc có thể làm</span></th></tr></thead><tbody><tr><th scope='row'>Lành</th>"
        "<td>27/11/2026</td><td><a href='/rut'>Rút lại</a></td></tr></tbody>{% endui_table %}"
    )
    assert "<td><a href='/rut'>" in table
    assert 'data-label="Ngày"' in table


def test_a_stacked_table_tells_each_cell_its_column() -> None:
    html = render(
        "{% ui_table caption='Lỗi' stack=True %}<thead><tr><th scope='col'>Dòng</th><th scope='col'>Số <b>đo</b> &amp; đơn vị</th>"
        "<th scope='col'>Lỗi</th></tr></thead><tbody><tr><th scope='row'>1</th><td>a</td><td data-label='Vì sao'>b</td></tr>"
        "<tr><td colspan='3'>c</td></tr></tbody>{% endui_table %}"
    )
    assert "<th scope='row'>1</th><td data-label=\"Số đo &amp; đơn vị\">a</td><td data-label='Vì sao'>b</td>" in html
    assert "<td colspan='3'>c</td>" in html
