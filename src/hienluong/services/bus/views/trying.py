"""`/dich-vu-du-lieu/…/thu`: an engineer of a connected system tries an operation with test data."""

from __future__ import annotations

import json
import logging
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import DomainError, NotAllowed, NotFound
from hienluong.foundation.identity import limits
from hienluong.foundation.sso.models import Engineer
from hienluong.ui import asked
from hienluong.ui.widgets import TextField

from .. import describing, looking, trying
from ..models import Operation, Version

#: Calls of one person in so many seconds.
MOST_CALLS, WINDOW = 20, 60
logger = logging.getLogger(__name__)


def is_engineer(request: HttpRequest) -> bool:
    """Whether somebody looks after a system that is in use."""
    if not request.user.is_authenticated:
        return False
    return Engineer.objects.filter(account=request.user.pk, system__disabled_at=None).exists()


class TryForm(forms.Form):
    """The parameters of an operation, and its body."""

    use_required_attribute = False

    def __init__(self, wanted: list[trying.Parameter], body: str | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = wanted
        for place, one in enumerate(wanted):
            where = gettext_lazy("trên đường dẫn") if one.place == "path" else gettext_lazy("sau dấu ?")
            self.fields[f"p{place}"] = TextField(
                label=one.name,
                help_text=f"{one.words} ({where})" if one.words else where,
                required=one.required,
                max_length=trying.MOST_VALUE,
                initial=one.example,
                widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off"}),
            )
        if body is not None:
            self.fields["body"] = TextField(
                label=gettext_lazy("Nội dung gửi (JSON)"),
                required=False,
                strip=False,
                max_length=trying.MOST_SENT,
                initial=body,
                widget=forms.Textarea({"rows": 8, "spellcheck": "false", "class": "hl-source"}),
            )

    @property
    def values(self) -> dict[tuple[str, str], str]:
        """What was typed, by place and name."""
        return {(one.place, one.name): self.cleaned_data[f"p{place}"] for place, one in enumerate(self.wanted)}


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def try_out(request: HttpRequest, code: str, major: int) -> HttpResponse:
    """The form of an operation (`thao-tac`), and what was answered."""
    if not is_engineer(request):
        raise NotAllowed(_("Chỉ kỹ sư đã được ghi của một hệ thống kết nối mới thử được ở đây."))
    service = looking.service(None, code)
    version = looking.version(service, major)
    assert version is not None, "one that was named is there, or not found"
    if version.state == Version.State.RETIRED:
        raise NotFound(_("Phiên bản này đã ngừng: không thử được nữa."))
    operations = list(version.operations.all())
    wanted = asked.text(request, "thao-tac", 80)
    chosen = next((one for one in operations if one.name == wanted), operations[0])
    document = describing.load(looking.openapi(version, operations))
    has_body = chosen.method not in ("GET", "HEAD", "OPTIONS") and chosen.request_schema is not None
    body = trying.example_body(document, chosen) if has_body else None
    form = TryForm(trying.parameters(document, chosen), body, request.POST if request.method == "POST" else None)
    sandbox = bool(trying.sandbox_of(version))
    answer, fault = None, ""
    if request.method == "POST" and form.is_valid():
        answer, fault = _tried(request, version, chosen, form, document, sandbox=sandbox)
    context = {
        "title": looking.title_of(service),
        "version": version,
        "chosen": chosen,
        "form": form,
        "sandbox": sandbox,
        "answer": answer,
        "turned": bool(chosen.turning),
        "fault": fault,
        "choices": [
            {
                "label": one.title or one.name,
                "href": f"{reverse('bus:try_out', args=[code, major])}?thao-tac={one.name}",
                "current": one.pk == chosen.pk,
            }
            for one in operations
        ],
        "breadcrumbs": [
            (_("Trang chủ"), "/"),
            (_("Dịch vụ dữ liệu"), reverse("bus:portal")),
            (looking.title_of(service), reverse("bus:portal_version", args=[code, major])),
            (_("Chạy thử"), ""),
        ],
    }
    return render(request, "bus/try_out.html", context, status=422 if form.errors else 502 if fault else 200)


def _tried(
    request: HttpRequest,
    version: Version,
    operation: Operation,
    form: TryForm,
    document: dict[str, Any],
    *,
    sandbox: bool,
) -> tuple[trying.Answer | None, str]:
    if limits.too_many("bus.try", str(request.user.pk), limit=MOST_CALLS, seconds=WINDOW):
        form.add_error(None, _("Bạn thử nhiều quá. Hãy đợi một phút."))
        return None, ""
    body = form.cleaned_data.get("body", "")
    try:
        if not sandbox:
            trying.check(operation, form.values, body)
            return trying.made_up(document, operation), ""
        answer = trying.call(version, operation, form.values, body)
    except trying.NoAnswer as problem:
        logger.info("sandbox of %s: no answer", version)
        return None, str(problem)
    except DomainError as problem:
        form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        return None, ""
    logger.info("sandbox of %s: %s %s", version, operation.name, answer.status)
    return answer, ""


def schemas_of(operation: Operation) -> list[dict[str, str]]:
    """The messages of an operation as JSON Schema, for its page."""
    told = ((_("Câu hỏi"), operation.request_schema), (_("Câu trả lời"), operation.response_schema))
    return [
        {"title": title, "text": json.dumps(schema, ensure_ascii=False, indent=1)[: trying.MOST_SHOWN]}
        for title, schema in told
        if schema is not None
    ]
