"""The pages of the counter: open an account, give a way back, write a representative down."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import DomainError
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import limits, looks, officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.people.models import Party
from hienluong.foundation.people.protected import blind_index

from . import actions, card, checks, words
from .forms import PaperForm, RecoverForm, RegisterForm, RepresentForm

Form = TypeVar("Form", bound=PaperForm)
T = TypeVar("T")
#: Refusals of one official in an hour that say something of a person: slips of the pen, and a few who come in vain.
REFUSALS = 30


@officials.only()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What can be done for a person who stands at the counter with an identity paper."""
    place = checks.place_of(actor_of(request))
    return render(request, "counter/home.html", {"place": place, "breadcrumbs": [*_crumbs()[:-1], (_title(), "")]})


@never_cache
@officials.only()
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Open an account for a citizen, and print the code."""
    form, given = scanned(request, RegisterForm)
    if given and form.is_valid():
        more = {name: form.cleaned_data[name] for name in ("sex", "phone", "email", "address", "send")}
        call = partial(actions.register_citizen, actor_of(request), seen=form.seen(), **more)
        if issued := tried(request, form, call):
            return _sheet(request, issued)
    return paper_page(request, form, _("Mở tài khoản cho người dân"), _("Đã kiểm tra, mở tài khoản"))


@never_cache
@officials.only()
@require_http_methods(["GET", "POST"])
def recover(request: HttpRequest) -> HttpResponse:
    """Give a citizen a way back into the account, and print the code."""
    form, given = scanned(request, RecoverForm)
    if given and form.is_valid():
        more = {name: form.cleaned_data[name] for name in ("reason", "send")}
        if issued := tried(request, form, partial(actions.recover, actor_of(request), seen=form.seen(), **more)):
            return _sheet(request, issued)
    warning = _(
        "Nhìn kỹ: ảnh trên thẻ có đúng người trước mặt không. Chủ tài khoản được báo ngay trên mọi kênh, kèm liên kết để "
        "chặn. Chỉ xem bằng mắt thì mã phải chờ 24 giờ mới dùng được."
    )
    return paper_page(request, form, _("Khôi phục tài khoản tại quầy"), _("Đã kiểm tra, in mã"), warning)


@officials.only()
@require_http_methods(["GET", "POST"])
def represent(request: HttpRequest) -> HttpResponse:
    """Write the legal representative of an enterprise down."""
    form, given = scanned(request, RepresentForm)
    if given and form.is_valid():
        names = ("tax_code", "enterprise", "role", "evidence", "valid_to")
        more = {name: form.cleaned_data[name] for name in names}
        call = partial(actions.name_representative, actor_of(request), seen=form.seen(), **more)
        if made := tried(request, form, call):
            done = _("Đã ghi %(person)s là người đại diện của %(enterprise)s.")
            messages.success(request, done % {"person": made.representative, "enterprise": made.represented})
            return HttpResponseRedirect(reverse("counter:home"))
    return paper_page(request, form, _("Ghi nhận người đại diện doanh nghiệp"), _("Đã kiểm tra, ghi nhận"))


def tried(request: HttpRequest, form: PaperForm, call: Callable[[], T]) -> T | None:
    """What `call` returns, as :func:`attempt`. A refusal that says something of a person is a look at that person, who
    sees it, and there are few of them an hour: numbers of people who did not come are not tried here."""
    who = str(actor_of(request).account_id)
    if limits.so_far("counter.refused", who, seconds=3600) >= REFUSALS:
        form.add_error(None, _("Đã thử nhiều lần. Hãy chờ một giờ rồi thử lại."))
        return None

    def call_and_tell() -> T:
        try:
            return call()
        except DomainError as refused:
            if refused.code in checks.TELL:
                limits.too_many("counter.refused", who, limit=REFUSALS, seconds=3600)
                mark = blind_index(form.seen().identifier)
                person = Party.objects.filter(kind=Party.Kind.CITIZEN, identifier_hash=mark).values_list(
                    "pk", flat=True
                )
                looks.at_parties(request, list(person), ("name", "username"), str(words.PURPOSE), str(words.PAGE))
            raise

    return attempt(form, call_and_tell)


def scanned(request: HttpRequest, kind: type[Form]) -> tuple[Form, bool]:
    """The form, and whether it was sent; the button “Đọc mã QR” only fills it in from the card that was scanned."""
    checks.place_of(actor_of(request))
    if request.method != "POST":
        return kind(), False
    if "doc" not in request.POST:
        return kind(request.POST), True
    read = card.read(request.POST.get("qr", "").replace("\0", ""))
    typed = {name: request.POST.get(name, "") for name in kind.base_fields}
    if read is not None:
        return kind(initial={**typed, **PaperForm.from_card(read)}), False
    messages.warning(request, _("Chưa đọc được mã QR của thẻ. Đặt con trỏ vào ô “Mã QR trên thẻ” rồi quét lại."))
    return kind(initial=typed), False


def paper_page(request: HttpRequest, form: PaperForm, title: str, submit: str, warning: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "title": title,
        "submit": submit,
        "warning": warning,
        "breadcrumbs": [*_crumbs(), (title, "")],
    }
    return render(request, "counter/paper.html", context, status=422 if form.errors else 200)


def _sheet(request: HttpRequest, issued: actions.Issued) -> HttpResponse:
    """The sheet with the code, printed once: where and when it was given stands on it."""
    place = checks.place_of(actor_of(request))
    return render(request, "counter/code.html", {"issued": issued, "place": place, "on": timezone.localdate()})


def _title() -> str:
    return _("Tài khoản người dân, tại quầy")


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Trang chủ"), "/"), (_title(), reverse("counter:home"))]
