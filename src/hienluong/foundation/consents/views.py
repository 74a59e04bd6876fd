"""The person's page of purposes: what each means, what was decided, one button for each."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from hienluong.foundation.actions import DomainError, NotAllowed, NotFound
from hienluong.foundation.identity.frame import actor_of_request
from hienluong.foundation.identity.models import Account

from . import actions, queries
from .models import Decision


@never_cache
@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Each purpose, how I stand to it, and what I decided before."""
    account = _account(request)
    history = Decision.objects.filter(account=account).select_related("wording").order_by("-at", "-pk")
    context = {
        "standings": queries.standings(account.pk),
        "history": history[:100],
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Đồng ý của tôi"), "")],
    }
    return render(request, "consents/mine.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Agree, take back, object, or let go on: whatever the button said."""
    account, actor = _account(request), actor_of_request(request)
    version = _number(request.POST.get("version", ""))
    verbs: dict[str, tuple[Callable[[], Decision], str]] = {
        "give": (
            lambda: actions.give(actor, account=account, purpose=code, version=version),
            _("Đã ghi: bạn đồng ý. Rút lại lúc nào cũng được, ở trang này."),
        ),
        "withdraw": (
            lambda: actions.withdraw(actor, account=account, purpose=code),
            _("Đã rút. Từ bây giờ không dùng dữ liệu của bạn cho mục đích này nữa."),
        ),
        "object": (
            lambda: actions.object_to(actor, account=account, purpose=code, version=version),
            _("Đã ghi phản đối. Từ bây giờ không dùng dữ liệu của bạn cho mục đích này nữa."),
        ),
        "end": (
            lambda: actions.end_objection(actor, account=account, purpose=code),
            _("Đã thôi phản đối."),
        ),
    }
    chosen = verbs.get(request.POST.get("decision", ""))
    if chosen is None:
        raise NotFound(_("Không có lựa chọn này."))
    verb, done = chosen
    try:
        verb()
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, done)
    return HttpResponseRedirect(reverse("consents:mine"))


@never_cache
@login_required
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One decision of mine with the very words I read, to print or copy."""
    found = get_object_or_404(Decision.objects.select_related("wording"), pk=pk, account=_account(request))
    crumbs = [
        (_("Trang chủ"), "/"),
        (_("Đồng ý của tôi"), reverse("consents:mine")),
        (found.wording.content["title"], ""),
    ]
    return render(
        request, "consents/one.html", {"decision": found, "words": found.wording.content, "breadcrumbs": crumbs}
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _account(request: HttpRequest) -> Account:
    account = request.user
    assert isinstance(account, Account)
    return account
