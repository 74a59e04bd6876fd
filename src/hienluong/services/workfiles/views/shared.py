"""What the pages of work files share: of which agencies, crumbs, a form about one file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, NotAllowed
from hienluong.foundation.identity.frame import actor_of_request, form_page, sent
from hienluong.foundation.organisations.models import Organization
from hienluong.services.documents import access as documents

from .. import access
from ..models import WorkFile


def agencies_of(actor: Actor, permission: str) -> list[Organization]:
    """The agencies in which the actor may do this, by name; NotAllowed when there is none."""
    ids = documents.agencies_with(actor, permission)
    if not ids:
        raise NotAllowed(_("Bạn không có quyền thực hiện việc này."), permission=permission)
    return list(Organization.objects.filter(pk__in=ids).order_by("sort_name", "pk"))


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """From the list of files on; home is put before by the frame."""
    return [(_("Hồ sơ công việc"), reverse("workfiles:files")), *more]


def whole_crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The same with home."""
    return [(_("Trang chủ"), "/"), *crumbs(*more)]


def found(request: HttpRequest, code: str) -> tuple[Actor, WorkFile]:
    """Who asks, and the file with this code."""
    actor = actor_of_request(request)
    return actor, access.found_for(actor, code)


def about(
    request: HttpRequest,
    work_file: WorkFile,
    form: forms.Form,
    verb: Callable[..., Any],
    *,
    title: str,
    submit: str,
    done: str,
    **more: Any,
) -> HttpResponse:
    """A form about one file, then back to it."""
    if sent(request, form, verb) is not None:
        messages.success(request, done)
        return redirect("workfiles:file", code=work_file.code)
    back = reverse("workfiles:file", args=[work_file.code])
    return form_page(
        request, form, title=title, submit=submit, back=back, crumbs=crumbs((work_file.code, back)), **more
    )
