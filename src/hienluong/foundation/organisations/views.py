"""The government on any date, for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from hienluong.foundation.actions import Actor

from . import opening, queries
from .actions import MANAGE
from .fields import WEEKDAYS
from .forms import DayForm
from .models import Organization, OrganizationVersion, Succession

_SECTIONS = {
    "service_centre": gettext_lazy("Trung tâm Phục vụ hành chính công"),
    "counter": gettext_lazy("Bộ phận một cửa"),
    "department": gettext_lazy("Sở, ban, ngành"),
    "district": gettext_lazy("Cấp huyện"),
    "commune": gettext_lazy("Cấp xã: xã, phường, đặc khu"),
    "division": gettext_lazy("Phòng, ban chuyên môn"),
}
_MOST_FOUND = 100


@dataclass(frozen=True)
class Section:
    """Children of one kind."""

    title: str
    nodes: list[queries.Node]


@require_safe
def tree(request: HttpRequest) -> HttpResponse:
    """The tree on a day (``?ngay=30/06/2025``), or what a search finds in it (``?q=dong ha``)."""
    form = DayForm(request.GET)
    on = _day(form)
    roots = queries.tree_on(on)
    words = str(form.data.get("q") or "").strip()[:100]
    found = queries.find(roots, words) if words else []
    context = {
        "form": form if form.errors else DayForm(initial={"ngay": on, "q": words}),
        "on": on,
        "day": _written(on),
        "words": words,
        "found": found[:_MOST_FOUND],
        "found_count": len(found),
        "found_more": max(0, len(found) - _MOST_FOUND),
        "roots": [
            {"node": root, "sections": list(_sections(root)), "total": sum(1 for _n in root.walk())} for root in roots
        ],
        "days": _days_of_note(on),
        "may_manage": bool(_actor(request).paths_with(MANAGE)),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Bộ máy chính quyền"), "")],
    }
    return render(request, "organisations/tree.html", context, status=422 if form.errors else 200)


@require_safe
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One organisation: what it is, its history, who it took over from and handed over to, its people and hours."""
    org = queries.current(code)
    form = DayForm(request.GET)
    on = _day(form, otherwise=_last_day(org))
    versions = list(OrganizationVersion.objects.filter(organization=org).order_by("valid"))
    version = next((v for v in versions if on in v.valid), None)
    name = version.name if version else org.name
    hours, own_hours = opening.hours_of(org, version, on)
    steps = queries.hand_overs_of(org)
    context = {
        "org": org,
        "on": on,
        "day": _written(on),
        "name": name,
        "version": version,
        "ended_on": org.valid.upper if org.valid.upper and org.valid.upper <= timezone.localdate() else None,
        "facts": _facts(org, version),
        "hours": _hours(hours),
        "own_hours": own_hours,
        "history": list(_history(org, versions, steps)),
        "heirs": [step for step in steps if step.predecessor_id == org.pk],
        "forebears": [step for step in steps if step.successor_id == org.pk],
        "children": queries.children_on(org, on),
        "positions": queries.positions_in(org, on),
        "may_manage": _actor(request).can(MANAGE, org.path) and timezone.localdate() in org.valid,
        "breadcrumbs": _trail(org, name, on),
    }
    return render(request, "organisations/organisation.html", context)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _day(form: DayForm, otherwise: date | None = None) -> date:
    form.is_valid()
    day: date | None = form.cleaned_data.get("ngay")
    return day or otherwise or timezone.localdate()


def _last_day(org: Organization) -> date:
    """The day on which to show an organisation when none is asked for: today, or its last day."""
    today = timezone.localdate()
    began: date = org.valid.lower
    ended: date | None = org.valid.upper
    if ended and ended <= today:
        return max(began, ended - timedelta(days=1))
    return max(today, began)


def _sections(root: queries.Node) -> Iterator[Section]:
    for kind, title in _SECTIONS.items():
        nodes = [child for child in root.children if child.kind == kind]
        if nodes:
            yield Section(str(title), nodes)


def _days_of_note(on: date) -> list[dict[str, object]]:
    """Quick links: today, and the days around the largest hand-over on record."""
    days = [(timezone.localdate(), _("Hôm nay"))]
    latest = Succession.objects.filter(predecessor__kind=Organization.Kind.PROVINCE).order_by("-effective_on").first()
    if latest:
        eve = latest.effective_on - timedelta(days=1)
        days += [
            (latest.effective_on, _("Ngay sau sáp nhập (%(day)s)") % {"day": _written(latest.effective_on)}),
            (eve, _("Ngay trước sáp nhập (%(day)s)") % {"day": _written(eve)}),
        ]
    return [
        {"label": label, "href": f"?{urlencode({'ngay': _written(day)})}", "current": day == on} for day, label in days
    ]


def _facts(org: Organization, version: OrganizationVersion | None) -> list[dict[str, object]]:
    rows: list[tuple[str, object]] = [
        (_("Mã định danh"), org.code),
        (_("Mã dạng cũ"), org.legacy_code or _("Không có: dạng cũ (QCVN 102:2016) không đủ chữ số cho mã này")),
        (_("Loại"), org.get_kind_display()),
        (_("Mã đơn vị hành chính"), org.commune_code),
    ]
    if version:
        unknown = _("Chưa có thông tin")
        rows += [
            (_("Địa chỉ"), version.address or unknown),
            (_("Điện thoại"), version.phone or unknown),
            (_("Thư điện tử"), version.email or unknown),
            (_("Căn cứ pháp lý"), version.legal_basis),
        ]
    return [{"key": key, "value": value} for key, value in rows if value]


def _hours(hours: opening.Hours) -> list[tuple[str, str]]:
    if not hours:
        return []
    return [
        (str(label), ", ".join(f"{opens}–{closes}" for opens, closes in hours.get(day, [])) or _("Nghỉ"))
        for day, label in WEEKDAYS.items()
    ]


def _history(
    org: Organization, versions: list[OrganizationVersion], steps: list[Succession]
) -> Iterator[dict[str, object]]:
    """Newest first, as the timeline shows it."""
    events: list[tuple[date, dict[str, object]]] = []
    before: OrganizationVersion | None = None
    for version in versions:
        title = _("Có trong dữ liệu") if before is None else _changed(before, version)
        began = version.valid.lower or date.min
        events.append((began, {"title": title, "when": began, "text": version.name, "by": version.legal_basis}))
        before = version
    taken = [step for step in steps if step.successor_id == org.pk]
    for day in sorted({step.effective_on for step in taken}):
        on_day = [step for step in taken if step.effective_on == day]
        names = ", ".join(step.predecessor.name for step in on_day[:12])
        more = "…" if len(on_day) > 12 else ""
        events.append((day, {"title": _("Tiếp nhận"), "when": day, "text": names + more, "by": on_day[0].legal_basis}))
    if org.valid.upper:
        heirs = [step for step in steps if step.predecessor_id == org.pk]
        basis = heirs[0].legal_basis if heirs else ""
        events.append((org.valid.upper, {"title": _("Kết thúc hoạt động"), "when": org.valid.upper, "by": basis}))
    yield from (event for _when, event in sorted(events, key=lambda pair: pair[0], reverse=True))


def _changed(before: OrganizationVersion, after: OrganizationVersion) -> str:
    if before.name != after.name:
        return _("Đổi tên")
    if before.parent_id != after.parent_id:
        return _("Chuyển cơ quan quản lý")
    return _("Thay đổi thông tin")


def _trail(org: Organization, name: str, on: date) -> list[tuple[str, str]]:
    query = f"?{urlencode({'ngay': _written(on)})}"
    above = [
        (found.name, reverse("organisations:show", args=[found.code]) + query)
        for found in queries.ancestors_on(org, on)
    ]
    return [(_("Bộ máy chính quyền"), reverse("organisations:tree") + query), *above, (name, "")]


def _written(day: date) -> str:
    return f"{day:%d/%m/%Y}"
