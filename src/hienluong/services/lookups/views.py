"""The person's page of looks at their data, asking about one; the officials' page of questions, answering one."""

from __future__ import annotations

from functools import partial

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import Actor, NotAllowed, NotFound
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.identity import looks, officials
from hienluong.foundation.identity.frame import form_page, page_of, sent
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.merging import leading
from hienluong.foundation.organisations import reach
from hienluong.foundation.people.models import Party
from hienluong.ui import asked
from hienluong.ui.widgets import TextField

from . import actions, presentation
from .models import Question

PER_PAGE = 30


class QuestionForm(forms.Form):
    """What the person wants to know."""

    text = TextField(label=gettext_lazy("Bạn muốn hỏi gì?"), max_length=1000, widget=forms.Textarea({"rows": 5}))


class AnswerForm(forms.Form):
    """What the organisation answers."""

    text = TextField(label=gettext_lazy("Trả lời"), max_length=2000, widget=forms.Textarea({"rows": 6}))


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """Who looked at my data, or at that of somebody whom I represent today: who, when, which fields, why, under which
    agreement."""
    own = _party(request)
    shown = asked.number(request, actions.PARTY, 1, 10**18) or own
    if not actor_of(request).acts_for(shown):
        raise NotFound(_("Bạn không đại diện cho người, tổ chức này."))
    reads = PersonalDataRead.objects.filter(party_id__in=leading.records_of(shown)).order_by("-at", "-pk")
    page = page_of(request, reads, PER_PAGE)
    others = Party.objects.filter(pk__in=actor_of(request).represented).order_by("name", "pk")
    choices = [
        {"label": _("Của tôi"), "href": _address(own, own), "current": shown == own},
        *({"label": one.name, "href": _address(one.pk, own), "current": shown == one.pk} for one in others),
    ]
    name = "" if shown == own else next((one.name for one in others if one.pk == shown), "")
    context = {
        "page": page,
        "days": presentation.by_day(list(page.object_list)),
        "choices": choices if len(choices) > 1 else [],
        "represented": name,
    }
    return render(request, "lookups/mine.html", context)


def _address(party: int, own: int) -> str:
    """Where the looks at somebody's data are."""
    return reverse("lookups:mine") + ("" if party == own else f"?{actions.PARTY}={party}")


@require_http_methods(["GET", "POST"])
@login_required
def ask(request: HttpRequest, read: int) -> HttpResponse:
    """Ask the organisation that looked about one look."""
    own = _party(request)
    found = PersonalDataRead.objects.filter(pk=min(read, 2**63 - 1), organization_id__isnull=False).first()
    person = leading.record_of(found.party_id) if found else 0
    if found is None or not actor_of(request).acts_for(person):
        raise NotFound(_("Không có lần xem này."))
    form = QuestionForm(request.POST or None)
    if sent(request, form, partial(actions.ask, actor_of(request), read=found)):
        messages.success(request, _("Đã gửi câu hỏi. Khi có trả lời, bạn nhận được thông báo."))
        return redirect(_address(person, own))
    back, look = _address(person, own), presentation.one(found)
    return form_page(
        request,
        form,
        title=_("Hỏi về lần xem này"),
        submit=_("Gửi câu hỏi"),
        back=back,
        crumbs=[(_("Ai đã xem dữ liệu của tôi"), back)],
        facts=_facts(look),
    )


@require_safe
@officials.only()
def questions(request: HttpRequest) -> HttpResponse:
    """The questions to the organisations for which one answers: the unanswered first, the oldest first."""
    found = _answerable(actor_of(request)).order_by("answered_at", "asked_at", "pk")
    page = page_of(request, found, PER_PAGE)
    parties = {question.party_id for question in page.object_list}
    looks.at_parties(request, parties, ("name",), _("Trả lời người dân về lần xem dữ liệu"), _("Câu hỏi về dữ liệu"))
    return render(request, "lookups/questions.html", {"page": page})


@require_http_methods(["GET", "POST"])
@officials.only()
def answer(request: HttpRequest, question: int) -> HttpResponse:
    """Answer one question."""
    actor = actor_of(request)
    found = _answerable(actor).filter(pk=min(question, 2**63 - 1)).first()
    if found is None:
        raise NotFound(_("Không có câu hỏi này."))
    form = AnswerForm(request.POST or None, initial={"text": found.answer})
    if sent(request, form, partial(actions.answer, actor, question=found)):
        messages.success(request, _("Đã trả lời."))
        return redirect("lookups:questions")
    back = reverse("lookups:questions")
    return form_page(
        request,
        form,
        title=_("Trả lời người dân"),
        submit=_("Gửi trả lời"),
        back=back,
        crumbs=[(_("Người dân hỏi về dữ liệu"), back)],
        facts=[*_facts(presentation.one(found.read)), {"key": _("Câu hỏi"), "value": found.text}],
    )


def _facts(look: presentation.Look) -> list[dict[str, object]]:
    facts: list[dict[str, object]] = [
        {"key": _("Ai xem"), "value": ", ".join(filter(None, (look.read.actor_label, look.place)))},
        {"key": _("Xem gì"), "value": look.fields or "—"},
        {"key": _("Để làm gì"), "value": look.read.purpose},
    ]
    if look.read.agreement:
        facts.append({"key": _("Thỏa thuận chia sẻ"), "value": look.read.agreement})
    return facts


def _answerable(actor: Actor) -> QuerySet[Question]:
    paths = actor.require_somewhere(actions.ANSWER, _("Bạn không có quyền trả lời người dân về dữ liệu."))
    here = reach.below(paths, "organization__path")
    return Question.objects.filter(here).select_related("organization", "party", "read")


def _party(request: HttpRequest) -> int:
    party = actor_of(request).party_id
    if party is None:
        raise NotAllowed(_("Trang này dành cho công dân, doanh nghiệp."))
    return party
