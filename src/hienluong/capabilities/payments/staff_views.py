"""The accountant's pages: a day's money in three books, what does not agree, refunds, receiving accounts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hienluong.foundation.actions import Actor, DomainError, NotFound
from hienluong.ui import asked

from . import accounts, actions, doors, resolving, statements
from .forms import AccountForm, AssignForm, NoteForm, ReasonForm, TransactionForm
from .models import Charge, Discrepancy, Notice, Payment, ReceivingAccount, Refund, Statement, StatementLine
from .notices import REASONS
from .workbook import discrepancies_as_excel

PROVIDERS = {"cash": _lazy("Tiền mặt"), "bank": _lazy("Ngân hàng"), "gateway": _lazy("Cổng thanh toán")}


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def within(paths: tuple[str, ...], field: str) -> Q:
    """The rows whose organisation lies at or below one of these places."""
    return reduce(or_, (Q(**{f"{field}__startswith": path}) for path in paths), Q(pk__in=()))


def _refuse_strangers(request: HttpRequest) -> HttpResponse | None:
    """Who is not signed in signs in; who may reconcile nowhere is told so."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    actor = _actor(request)
    if not actor.paths_with("payments.reconcile"):
        actor.require("payments.reconcile")
    return None


def _span(day: date) -> tuple[datetime, datetime]:
    start = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    return start, start + timedelta(days=1)


def open_differences(actor: Actor) -> QuerySet[Discrepancy]:
    """What this official may deal with: of the charges at or below their posts, and money of nobody."""
    places = actor.paths_with("payments.reconcile")
    return Discrepancy.objects.filter(Q(charge=None) | within(places, "charge__organization__path"))


@require_GET
def reconcile(request: HttpRequest) -> HttpResponse:
    """One day in three books: what we hold as paid, what came as notices, what the statements say.

    An official sees the payments of the organisations below their post. Money that fits no charge belongs to nobody
    yet, so everybody who reconciles sees it.
    """
    if refused := _refuse_strangers(request):
        return refused
    actor, day = _actor(request), asked.day(request, "ngay") or timezone.localdate()
    start, end = _span(day)
    places = actor.paths_with("payments.reconcile")
    paid = Payment.objects.filter(within(places, "charge__organization__path"), paid_at__gte=start, paid_at__lt=end)
    notices = Notice.objects.filter(at__gte=start, at__lt=end)
    refunds = Refund.objects.filter(within(places, "payment__charge__organization__path"))
    rows = paid.select_related("charge__organization", "receipt", "refund").order_by("-paid_at", "-pk")
    waiting = refunds.exclude(state=Refund.State.PAID).select_related("payment__charge__organization").order_by("at")
    context = {
        "day": day,
        "books": _books(day, paid, notices),
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "open": open_differences(actor).exclude(state=Discrepancy.State.RESOLVED).count(),
        "refused": [(n, REASONS.get(n.why, n.why)) for n in notices.filter(verdict="refused").order_by("-at")[:50]],
        "refunds": [(refund, doors.has_door(refund.payment.provider)) for refund in waiting[:50]],
        "advised": _advised(places)[:50],
        "given_back": refunds.filter(settled_at__gte=start, settled_at__lt=end).aggregate(
            count=Count("pk"), total=Sum("amount")
        ),
        "may_refund": bool(actor.paths_with("payments.refund")),
        "may_set_accounts": bool(actor.paths_with("payments.accounts")),
        "can_fetch": any(doors.has_door(provider) for provider in settings.PAYMENT_DOORS),
    }
    return render(request, "payments/reconcile.html", context)


def _advised(places: tuple[str, ...]) -> QuerySet[Charge]:
    """Paid charges whose refund somebody should look at."""
    given = Refund.objects.filter(payment__charge=OuterRef("pk"))
    return (
        Charge.objects.filter(within(places, "organization__path"), ~Exists(given), state=Charge.State.PAID)
        .exclude(refund_advice="")
        .order_by("paid_at")
    )


def _books(day: date, paid: QuerySet[Payment], notices: QuerySet[Notice]) -> list[dict[str, Any]]:
    """One line a provider: our sum, how many notices of which kind, and the statement."""
    ours = {row["provider"]: row for row in paid.values("provider").annotate(count=Count("pk"), total=Sum("amount"))}
    told = {
        row["provider"]: row
        for row in notices.values("provider").annotate(
            applied=Count("pk", filter=Q(verdict="applied")),
            repeated=Count("pk", filter=Q(verdict="repeated")),
            suspense=Count("pk", filter=Q(verdict="suspense")),
            refused=Count("pk", filter=Q(verdict="refused")),
        )
    }
    fetched = {statement.provider: statement for statement in Statement.objects.filter(day=day)}
    names = [name for name in PROVIDERS if name in {*ours, *told, *fetched, *settings.PAYMENT_DOORS}]
    return [
        {
            "provider": name,
            "name": PROVIDERS[name],
            "ours": ours.get(name, {"count": 0, "total": 0}),
            "told": told.get(name),
            "statement": fetched.get(name),
            "door": doors.has_door(name),
        }
        for name in names
    ]


@require_POST
def fetch(request: HttpRequest) -> HttpResponse:
    """Fetch the statements of one day now."""
    if refused := _refuse_strangers(request):
        return refused
    day = asked.day_in(request.POST.get("ngay", "")) or timezone.localdate()
    if not statements.lawful_day(day):
        messages.error(request, _("Chưa có sao kê của ngày này."))
        return redirect("payments:reconcile")
    for provider in filter(doors.has_door, settings.PAYMENT_DOORS):
        said = {"name": PROVIDERS[provider]}
        try:
            got = statements.fetch(provider, day)
            messages.success(request, _("%(name)s: đã lấy sao kê, %(count)s dòng.") % {**said, "count": got.count})
        except doors.Away:
            messages.error(request, _("%(name)s: không lấy được sao kê. Hãy thử lại sau.") % said)
    return redirect(f"{reverse('payments:reconcile')}?ngay={day.isoformat()}")


@require_GET
def differences(request: HttpRequest) -> HttpResponse:
    """Everything that does not agree, open first; by kind and state, a page at a time, or as Excel."""
    if refused := _refuse_strangers(request):
        return refused
    state = asked.text(request, "trang-thai", 12) or "open"
    kind = asked.text(request, "loai", 12)
    rows = open_differences(_actor(request)).select_related("charge__organization").order_by("-day", "-pk")
    if state == "open":
        rows = rows.exclude(state=Discrepancy.State.RESOLVED)
    elif state == "resolved":
        rows = rows.filter(state=Discrepancy.State.RESOLVED)
    if kind in Discrepancy.Kind.values:
        rows = rows.filter(kind=kind)
    if request.GET.get("dang") == "xlsx":
        return discrepancies_as_excel(rows[:20_000])
    context = {
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "kinds": Discrepancy.Kind.choices,
        "kind": kind,
        "state": state,
        "names": PROVIDERS,
    }
    return render(request, "payments/differences.html", context)


@require_http_methods(["GET", "POST"])
def difference(request: HttpRequest, pk: int) -> HttpResponse:
    """One difference: the three books side by side, and what may be done about it."""
    if refused := _refuse_strangers(request):
        return refused
    actor, one = _actor(request), resolving.find(_actor(request), pk)
    verb = request.POST.get("viec", "")
    forms: dict[str, Form] = {
        "gan": AssignForm(
            request.POST if verb == "gan" else None,
            prefix="gan",
            initial={"reference": one.charge.reference if one.charge else ""},
        ),
        "tra": NoteForm(request.POST if verb == "tra" else None, prefix="tra"),
        "giai-trinh": NoteForm(request.POST if verb == "giai-trinh" else None, prefix="giai-trinh"),
    }
    if request.method == "POST" and verb in forms and forms[verb].is_valid():
        try:
            _do(actor, one, verb, forms[verb].cleaned_data)
        except DomainError as error:
            field = error.field if error.field in forms[verb].fields else None
            forms[verb].add_error(field, str(error.message))
        else:
            messages.success(request, _("Đã ghi."))
            return redirect("payments:difference", pk=one.pk)
    bad = any(form.errors for form in forms.values())
    context = {
        "one": one,
        "name": PROVIDERS.get(one.provider, one.provider),
        "line": StatementLine.objects.filter(provider=one.provider, transaction=one.transaction).first(),
        "notices": Notice.objects.filter(provider=one.provider, provider_ref=one.transaction).order_by("pk")[:20],
        "payment": Payment.objects.select_related("charge")
        .filter(provider=one.provider, provider_ref=one.transaction)
        .first(),
        "assign": forms["gan"],
        "back": forms["tra"],
        "explain": forms["giai-trinh"],
        "loose": one.kind in resolving.LOOSE_MONEY,
        "may_refund": bool(actor.paths_with("payments.refund")),
    }
    return render(request, "payments/difference.html", context, status=422 if bad else 200)


def _do(actor: Actor, one: Discrepancy, verb: str, typed: dict[str, Any]) -> None:
    if verb == "gan":
        resolving.assign(actor, discrepancy=one, reference=typed["reference"], note=typed["note"])
    elif verb == "tra":
        resolving.send_back(actor, discrepancy=one, note=typed["note"])
    else:
        resolving.explain(actor, discrepancy=one, note=typed["note"])


def _refundable(request: HttpRequest, reference: str) -> Charge:
    charge = Charge.objects.select_related("organization").filter(reference=reference).first()
    if charge is None or not _actor(request).can("payments.refund", charge.organization.path):
        raise NotFound(_("Không tìm thấy khoản thu."))
    return charge


@require_http_methods(["GET", "POST"])
def refund(request: HttpRequest, reference: str) -> HttpResponse:
    """Decide to give the money of one charge back, with a reason; again, when it failed."""
    charge = _refundable(request, reference)
    known = charge.refund.reason if charge.refund else charge.refund_advice
    form = ReasonForm(request.POST if request.method == "POST" else None, initial={"reason": known})
    if request.method == "POST" and form.is_valid():
        try:
            given = actions.refund(_actor(request), charge=charge, reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            paid = given.state == Refund.State.PAID
            messages.success(request, _("Đã ghi hoàn trả.") if paid else _("Đã yêu cầu hoàn trả."))
            return redirect("payments:reconcile")
    return render(request, "payments/refund.html", {"charge": charge, "form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def refunded(request: HttpRequest, reference: str) -> HttpResponse:
    """Write down under which transaction the money went back, for a bank that cannot be asked."""
    charge = _refundable(request, reference)
    given = charge.refund
    if given is None:
        raise NotFound(_("Không tìm thấy khoản hoàn trả."))
    form = TransactionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.settle_refund(_actor(request), refund=given, provider_ref=form.cleaned_data["transaction"])
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("Đã ghi hoàn trả."))
            return redirect("payments:reconcile")
    context = {"charge": charge, "form": form, "refund": given}
    return render(request, "payments/refunded.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def receiving(request: HttpRequest) -> HttpResponse:
    """Where each organisation's charges are paid to, and from which day."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    actor = _actor(request)
    places = actor.paths_with("payments.accounts")
    if not places:
        actor.require("payments.accounts")
    form = AccountForm(request.POST if request.method == "POST" else None, initial={"valid_from": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            accounts.set_account(actor, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            messages.success(request, _("Đã ghi tài khoản nhận tiền."))
            return redirect("payments:accounts")
    rows = (
        ReceivingAccount.objects.filter(within(places, "organization__path"))
        .select_related("organization")
        .order_by("organization__path", "-valid")
    )
    context = {
        "form": form,
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "treasury": accounts.treasury(),
    }
    return render(request, "payments/accounts.html", context, status=422 if form.errors else 200)
