"""What is turned on the way, for one operation: codes between editions of shared lists, old encodings."""

from __future__ import annotations

from functools import partial

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import sent

from .. import looking, translating
from ..announce import PROVIDE
from ..forms import EncodingForm, RuleForm
from ..models import Operation, Version
from .catalogue import crumbs, entering


@require_http_methods(["GET", "POST"])
@officials.only()
def show(request: HttpRequest, code: str, major: int, name: str) -> HttpResponse:
    """The rules of one operation; a POST (`viec`) declares one, takes one away, or names the encoding of answers."""
    actor = entering(request)
    version, operation = _operation(actor, code, major, name)
    verb = request.POST.get("viec", "") if request.method == "POST" else ""
    told = operation.turning.get("encoding", "")
    rule = RuleForm(translating.pairs(), request.POST if verb == "them" else None)
    encoding = EncodingForm(request.POST if verb == "bang-ma" else None, initial={"encoding": told})
    made: object = None
    if verb == "them":
        made = sent(request, rule, partial(translating.add_rule, actor, operation=operation))
    elif verb == "bang-ma":
        made = sent(request, encoding, partial(translating.set_encoding, actor, operation=operation))
    elif verb == "bo":
        made = translating.remove_rule(actor, operation=operation, number=_number(request))
    elif request.method == "POST":
        raise InvalidInput(_("Không có việc nào như vậy."))
    if made is not None:
        messages.success(request, _("Đã ghi. Cổng kết nối làm theo trong vòng hai giây."))
        return redirect("bus:translate", code=code, major=major, name=name)
    faulty: forms.Form = rule if rule.errors else encoding
    back = reverse("bus:version", args=[code, major])
    title = f"{looking.title_of(version.service)} v{major}"
    rules = [
        {
            "place": translating.PLACES[one["in"]],
            "words": translating.words(one),
            "several": translating.SEVERAL[one["several"]],
            "missing": translating.MISSING[one["missing"]],
        }
        for one in operation.turning.get("translate", [])
    ]
    context = {
        "operation": operation,
        "title": title,
        "rules": rules,
        "rule": rule,
        "tallies": translating.tallies(operation),
        "days": translating.DAYS,
        "encoding": encoding,
        "errors": faulty,
        "breadcrumbs": [(_("Trang chủ"), "/"), *crumbs((title, back), (_("Đổi mã, bảng mã"), ""))],
    }
    return render(request, "bus/translate.html", context, status=422 if faulty.errors else 200)


def _operation(actor: Actor, code: str, major: int, name: str) -> tuple[Version, Operation]:
    service = looking.service(actor, code)
    if not actor.can(PROVIDE, service.owner.path):
        raise NotAllowed(_("Chỉ cơ quan cung cấp mới sửa được dịch vụ này."))
    version = looking.version(service, major)
    found = Operation.objects.filter(version=version, name=name.replace("\x00", "")).first() if version else None
    if version is None or found is None:
        raise NotFound(_("Không có thao tác này."))
    found.version = version
    return version, found


def _number(request: HttpRequest) -> int:
    given = request.POST.get("so", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 4 else -1
