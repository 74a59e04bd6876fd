"""Officials and their posts, for whoever appoints or manages accounts where they serve."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import Actor, NotAllowed
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.models import Official, Position
from hienluong.ui import asked

from . import people_queries as people
from .actions import may_manage, may_open_for
from .frame import actor_of_request, form_page, found_page, sent
from .models import Account, Role
from .people_forms import AppointForm, ChangeOfficialForm, ChangePostForm, EndForm, NewOfficialForm


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Officials within one's reach, found by name or code (``?q=``)."""
    actor = _administrator(request)
    return found_page(
        request,
        "identity/officials.html",
        partial(people.officials_within, actor),
        _("Cán bộ, công chức"),
        today=timezone.localdate(),
        may_appoint=bool(actor.paths_with(organisations.APPOINT)),
    )


@login_required
@require_safe
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One official: posts, powers lent and borrowed, the account."""
    actor = _administrator(request)
    official = within(actor, code)
    posts = people.posts_of(official)
    account = Account.objects.filter(official=official).first()
    names = dict(Role.objects.values_list("code", "name"))
    context = {
        "official": official,
        "posts": [
            (
                post,
                names.get(post.position.role, post.position.role),
                actor.can(organisations.APPOINT, post.position.organization.path),
            )
            for post in posts
        ],
        "lent": [
            (each, people.last_day(each.valid.upper), _may_revoke(actor, each.position))
            for each in people.delegations_of(official)
        ],
        "account": account,
        "may_manage": may_manage(actor, account) if account else may_open_for(actor, official),
        "may_appoint": bool(actor.paths_with(organisations.APPOINT)) and official.pk != actor.official_id,
        "may_delegate": any(_may_revoke(actor, post.position) for post in posts if post.state != "over"),
        "today": timezone.localdate(),
        "breadcrumbs": [(_("Trang chủ"), "/"), *_crumbs(), (official.full_name, "")],
    }
    return render(request, "identity/official.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Put an official on record with a first post."""
    actor = _appointer(request)
    initial = {"organization": asked.text(request, "co-quan", 35), "valid_from": timezone.localdate()}
    form = NewOfficialForm(request.POST or None, initial=initial)
    if official := sent(request, form, partial(_with_first_post, actor)):
        messages.success(request, _("Đã ghi %(name)s.") % {"name": official.full_name})
        return HttpResponseRedirect(reverse("identity:official", args=[official.code]))
    title = _("Thêm cán bộ, công chức")
    back = reverse("identity:officials")
    return form_page(request, form, title=title, submit=_("Ghi cán bộ"), back=back, crumbs=_crumbs())


def _with_first_post(actor: Actor, **given: Any) -> Official:
    with transaction.atomic():
        person = {key: given[key] for key in ("code", "full_name", "email", "phone", "organization")}
        official = organisations.add_official(actor, **person)
        post = {key: given[key] for key in ("organization", "title", "role", "valid_from")}
        organisations.appoint(actor, official=official, **post)
    return official


@login_required
@require_http_methods(["GET", "POST"])
def appoint(request: HttpRequest, code: str) -> HttpResponse:
    """Give an official a post."""
    actor = _appointer(request)
    official = within(actor, code)
    form = AppointForm(request.POST or None, initial={"valid_from": timezone.localdate()})
    back = reverse("identity:official", args=[official.code])
    if sent(request, form, partial(organisations.appoint, actor, official=official)):
        messages.success(request, _("Đã bổ nhiệm."))
        return HttpResponseRedirect(back)
    title = _("Bổ nhiệm %(name)s") % {"name": official.full_name}
    return form_page(request, form, title=title, submit=_("Bổ nhiệm"), back=back, crumbs=_crumbs())


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Put right how an official is called and reached."""
    actor = _appointer(request)
    official = within(actor, code)
    initial = {"full_name": official.full_name, "email": official.email, "phone": official.phone}
    form = ChangeOfficialForm(request.POST or None, initial=initial)
    back = reverse("identity:official", args=[official.code])
    if sent(request, form, partial(organisations.change_official, actor, official=official)):
        messages.success(request, _("Đã ghi."))
        return HttpResponseRedirect(back)
    title = _("Sửa thông tin của %(name)s") % {"name": official.full_name}
    return form_page(request, form, title=title, submit=_("Ghi"), back=back, crumbs=_crumbs())


@login_required
@require_http_methods(["GET", "POST"])
def change_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Put right the title of a post, its last day, or whether it is the main one."""
    actor = _appointer(request)
    position = get_object_or_404(Position.objects.select_related("organization", "official"), pk=pk)
    actor.require(organisations.APPOINT, position.organization.path)
    last = people.last_day(position.valid.upper)
    initial = {"title": position.title, "valid_to": last, "is_primary": position.is_primary}
    form = ChangePostForm(request.POST or None, initial=initial)
    back = reverse("identity:official", args=[position.official.code])
    if sent(request, form, partial(organisations.change_post, actor, position=position)):
        messages.success(request, _("Đã ghi."))
        return HttpResponseRedirect(back)
    facts = [
        {"key": _("Cán bộ"), "value": position.official.full_name},
        {"key": _("Cơ quan"), "value": position.organization.name},
    ]
    title = _("Sửa chức vụ")
    return form_page(request, form, title=title, submit=_("Ghi"), back=back, crumbs=_crumbs(), facts=facts)


@login_required
@require_http_methods(["GET", "POST"])
def end_post(request: HttpRequest, pk: int) -> HttpResponse:
    """End a post on a day; what was lent of it ends too."""
    actor = _appointer(request)
    position = get_object_or_404(Position.objects.select_related("organization", "official"), pk=pk)
    actor.require(organisations.APPOINT, position.organization.path)
    form = EndForm(request.POST or None)
    back = reverse("identity:official", args=[position.official.code])
    if sent(request, form, partial(organisations.end_position, actor, position=position)):
        messages.success(request, _("Đã ghi ngày kết thúc."))
        return HttpResponseRedirect(back)
    facts = [
        {"key": _("Cán bộ"), "value": position.official.full_name},
        {"key": _("Chức vụ"), "value": f"{position.title}, {position.organization.name}"},
    ]
    return form_page(
        request,
        form,
        title=_("Kết thúc chức vụ"),
        submit=_("Kết thúc"),
        back=back,
        crumbs=_crumbs(),
        facts=facts,
        button="warning",
        warning=_("Mọi quyền của chức vụ này, kể cả phần đã ủy quyền, hết sau ngày đó."),
    )


def within(actor: Actor, code: str) -> Official:
    """The official with this code, if they serve within the actor's reach; NotAllowed when they do not."""
    official = get_object_or_404(Official, code=code)
    if not people.officials_within(actor).filter(pk=official.pk).exists():
        raise NotAllowed(_("Cán bộ này không thuộc phạm vi quản lý của bạn."))
    return official


def _may_revoke(actor: Actor, position: Position) -> bool:
    own = actor.official_id is not None and actor.official_id == position.official_id
    return own or actor.can(organisations.DELEGATE, position.organization.path)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Cán bộ, công chức"), reverse("identity:officials"))]


def _administrator(request: HttpRequest) -> Actor:
    actor = actor_of_request(request)
    if not people.may_administer(actor):
        raise NotAllowed(
            _("Bạn không có quyền quản lý cán bộ, tài khoản."), reasons=actor.decide(organisations.APPOINT).reasons
        )
    return actor


def _appointer(request: HttpRequest) -> Actor:
    actor = actor_of_request(request)
    actor.require_somewhere(organisations.APPOINT, _("Bạn không có quyền bổ nhiệm."))
    return actor
