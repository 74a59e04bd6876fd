"""What can be done with a document, one entry a verb: who is offered it, what is asked, which action does it.

Offering is a courtesy: the action asks for the right again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from hienluong.capabilities.signing.requests import Outcome
from hienluong.foundation.actions import Actor, DomainError, NotAllowed, NotFound
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import form_page
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.signin import steps

from ... import access, competence, letterheads, rights, stamps, types
from ...actions import approvals, drafting, issuing, numbers, opinions, recalling, signing
from ...forms import outgoing as typed
from ...models import Book, Direction, Document, Opinion, State, TakenNumber
from ...rights import May
from .guard import document_for
from .writing import taken_file

Text = str | Promise
Made = Callable[..., forms.Form]


@dataclass(frozen=True)
class Case:
    """Who asks about which document."""

    actor: Actor
    document: Document
    may: May
    opinion: Opinion | None = None

    @property
    def state(self) -> str:
        """Where the document stands."""
        return self.document.state


@dataclass(frozen=True)
class Verb:
    """One thing that can be done."""

    key: str
    label: Text
    offered: Callable[[Case], bool]
    run: Callable[[Case, dict[str, Any]], object]
    done: Text
    form: Callable[[Case, Any, Any], forms.Form] = lambda case, data, files: forms.Form(data)
    variant: str = "secondary"
    warning: Text = ""
    #: Shown as a form on the document's page itself, not as a button there.
    inline: bool = False
    #: Uses a key: whoever does it proves first who they are, as on the pages of signing.
    proves: bool = False


def _plain(made: Callable[..., forms.Form], **more: Any) -> Callable[[Case, Any, Any], forms.Form]:
    return lambda case, data, files: made(data, **more)


def _people(made: Callable[..., forms.Form], name: str, permission: str) -> Callable[[Case, Any, Any], forms.Form]:
    def build(case: Case, data: Any, files: Any) -> forms.Form:
        posts = competence.members(case.document.agency, permission)
        return made(data, **{name: [post for post in posts if post.official.pk != case.actor.official_id]})

    return build


def _way(case: Case, data: Any, files: Any) -> forms.Form:
    if _is_copy(case):
        return typed.SubmitCopyForm(data)
    posts = competence.posts_in(case.document.agency, "documents.approve")
    heads = sorted(posts, key=lambda post: (post.in_agency, post.organization.pk != case.document.unit_id))
    others = [post for post in heads if post.official.pk not in (case.document.signer_id, case.actor.official_id)]
    first = next((str(post.official.pk) for post in others if post.organization.pk == case.document.unit_id), "")
    return typed.SubmitForm(data, approvers=others, initial={"step1": first})


def _number_form(case: Case, data: Any, files: Any) -> forms.Form:
    document, letterhead = case.document, letterheads.of(case.document.agency)
    key = letterhead.book_key(document.type)
    form = typed.NumberForm(data, document=document, key=key)
    book = Book.objects.filter(agency=document.agency, year=timezone.localdate().year, key=key).first()
    come = numbers.written(numbers.following(book).number if book else 1)
    code = f"{come}/{letterhead.notation(document.type, document.unit)}"
    form.fields["on"].help_text = _("Số tiếp theo: %(code)s.") % {"code": code} + f" {form.fields['on'].help_text}"
    return form


def _copy_form(case: Case, data: Any, files: Any) -> forms.Form:
    return typed.CopyForm(
        data, signers=competence.posts_in(case.document.agency, "documents.sign", "documents.approve")
    )


def _version(case: Case) -> dict[str, int]:
    newest = case.document.versions.order_by("-number").first()
    return {"version": newest.number if newest else 1}


def _is_copy(case: Case) -> bool:
    return case.document.type in types.COPIES


def _ask(case: Case, data: dict[str, Any]) -> object:
    wanted = [*typed.officials_of(data.get("colleagues", [])), *data["others"]]
    return opinions.ask(
        case.actor,
        document=case.document,
        officials=wanted,
        due_at=typed.end_of(data["due"]),
        question=data["question"],
    )


def _give(case: Case, data: dict[str, Any]) -> object:
    if case.opinion is None:
        raise NotFound(_("Không có ý kiến nào đang chờ bạn."))
    return opinions.give(case.actor, opinion=case.opinion, **data)


def _void(case: Case, data: dict[str, Any]) -> object:
    taken = TakenNumber.objects.filter(document=case.document).first()
    if taken is None:
        raise NotFound(_("Văn bản chưa có số."))
    return numbers.void(case.actor, taken=taken, reason=data["reason"][:300])


def _attach(case: Case, data: dict[str, Any]) -> object:
    rights.require_editor(case.actor, case.document)
    stamps.refuse_in_upload(data["file"])
    file = taken_file(case.actor, data["file"])
    assert file is not None
    return drafting.attach(case.actor, document=case.document, file=file, name=data["name"])


def _copy(case: Case, data: dict[str, Any]) -> object:
    return recalling.copy(
        case.actor,
        document=case.document,
        agency=case.document.agency,
        kind=data["kind"],
        signer=typed.officials_of([data["signer"]])[0],
        competence_=data["competence"],
        places_=data["places"],
        lines=data["lines"],
    )


def _on(action: Callable[..., object]) -> Callable[[Case, dict[str, Any]], object]:
    return lambda case, data: action(case.actor, document=case.document, **data)


_EDIT = (State.DRAFT, State.OPINIONS)

VERBS: tuple[Verb, ...] = (
    Verb(
        "tra-loi",
        gettext_lazy("Cho ý kiến"),
        lambda case: case.opinion is not None and case.state == State.OPINIONS,
        _give,
        gettext_lazy("Đã ghi ý kiến."),
        _plain(typed.OpinionForm),
        "primary",
        inline=True,
    ),
    Verb(
        "duyet",
        gettext_lazy("Duyệt"),
        lambda case: case.may.decide,
        _on(approvals.approve),
        gettext_lazy("Đã duyệt."),
        lambda case, data, files: typed.ApproveForm(data, initial=_version(case)),
        "primary",
        inline=True,
    ),
    Verb(
        "tra-lai",
        gettext_lazy("Trả lại để sửa"),
        lambda case: case.may.decide,
        _on(approvals.send_back),
        gettext_lazy("Đã trả lại cho người soạn thảo."),
        _plain(typed.ReasonForm),
    ),
    Verb(
        "ky",
        gettext_lazy("Ký số"),
        lambda case: case.may.sign,
        lambda case, data: signing.sign(case.actor, documents=[case.document]),
        gettext_lazy("Đã nhận lệnh ký. Chữ ký xong trong giây lát."),
        variant="primary",
        proves=True,
    ),
    Verb(
        "ky-thay",
        gettext_lazy("Nhận ký thay"),
        lambda case: case.may.stand_in,
        _on(signing.stand_in),
        gettext_lazy("Đã lập lại bản in theo thể thức ký thay. Hãy xem bản in rồi ký số."),
        variant="primary",
    ),
    Verb(
        "tu-choi-ky",
        gettext_lazy("Từ chối ký"),
        lambda case: case.may.sign,
        _on(signing.refuse),
        gettext_lazy("Đã từ chối ký; văn thư sẽ bỏ số."),
        _plain(typed.ReasonForm),
    ),
    Verb(
        "trinh",
        gettext_lazy("Trình duyệt"),
        lambda case: case.may.draft and case.state in _EDIT,
        lambda case, data: approvals.submit(
            case.actor,
            document=case.document,
            approvers=typed.officials_of(data.get("approvers", [])),
            note=data["note"],
        ),
        gettext_lazy("Đã trình."),
        _way,
        "primary",
    ),
    Verb(
        "xin-y-kien",
        gettext_lazy("Xin ý kiến"),
        lambda case: case.may.draft and case.state in _EDIT and not _is_copy(case),
        _ask,
        gettext_lazy("Đã gửi xin ý kiến."),
        _people(typed.AskForm, "members", "documents.read"),
    ),
    Verb(
        "lay-lai",
        gettext_lazy("Lấy lại để sửa"),
        lambda case: case.may.draft and case.state in (State.APPROVING, State.APPROVED),
        _on(approvals.take_back),
        gettext_lazy("Đã lấy lại dự thảo."),
    ),
    Verb(
        "cap-so",
        gettext_lazy("Cấp số"),
        lambda case: case.may.clerk and case.state == State.APPROVED,
        _on(numbers.number),
        gettext_lazy("Đã cấp số và trình ký."),
        _number_form,
        "primary",
    ),
    Verb(
        "bo-so",
        gettext_lazy("Bỏ số"),
        lambda case: case.may.clerk and case.state == State.NUMBERED,
        _void,
        gettext_lazy("Đã bỏ trống số."),
        _plain(typed.ReasonForm),
        warning=gettext_lazy("Số đã bỏ không dùng lại; sổ ghi lý do."),
    ),
    Verb(
        "dong-dau",
        gettext_lazy("Đóng dấu (ký số cơ quan)"),
        lambda case: case.may.clerk and case.state == State.SIGNED and case.document.sealed_at is None,
        lambda case, data: signing.seal(case.actor, documents=[case.document]),
        gettext_lazy("Đã nhận lệnh ký số của cơ quan. Xong trong giây lát."),
        variant="primary",
        proves=True,
    ),
    Verb(
        "phat-hanh",
        gettext_lazy("Phát hành"),
        lambda case: case.may.clerk and case.state == State.SIGNED and case.document.sealed_at is not None,
        lambda case, data: issuing.issue(
            case.actor, document=case.document, share_with=typed.officials_of(data.get("share_with", []))
        ),
        gettext_lazy("Đã phát hành, đang gửi đến nơi nhận."),
        _people(typed.IssueForm, "members", "documents.read"),
        "primary",
    ),
    Verb(
        "gui-them",
        gettext_lazy("Gửi thêm nơi nhận"),
        lambda case: case.may.clerk and case.state == State.ISSUED and case.document.direction == Direction.OUTGOING,
        lambda case, data: issuing.send_more(case.actor, document=case.document, places_=data["places"]),
        gettext_lazy("Đã gửi thêm."),
        _plain(typed.PlacesForm),
    ),
    Verb(
        "chia-se",
        gettext_lazy("Chia sẻ trong cơ quan"),
        lambda case: (case.may.clerk or case.may.draft) and case.state == State.ISSUED,
        lambda case, data: issuing.share(
            case.actor, document=case.document, officials=typed.officials_of(data["officials"])
        ),
        gettext_lazy("Đã chia sẻ."),
        _people(typed.ShareForm, "members", "documents.read"),
    ),
    Verb(
        "sao",
        gettext_lazy("Sao y, sao lục, trích sao"),
        lambda case: case.may.clerk and case.state in (State.ISSUED, State.REPLACED),
        _copy,
        gettext_lazy("Đã lập bản sao, chờ cấp số."),
        _copy_form,
    ),
    Verb(
        "thu-hoi",
        gettext_lazy("Thu hồi"),
        lambda case: (case.may.clerk or case.may.lead) and case.state in (State.ISSUED, State.REPLACED),
        _on(recalling.recall),
        gettext_lazy("Đã thu hồi; mọi nơi nhận được báo."),
        _plain(typed.ReasonForm),
        warning=gettext_lazy("Mọi nơi nhận được yêu cầu gửi lại hoặc xóa văn bản. Không hủy được việc thu hồi."),
    ),
    Verb(
        "them-nguoi",
        gettext_lazy("Mời cùng soạn thảo"),
        lambda case: case.may.draft and case.state in _EDIT,
        lambda case, data: drafting.add_drafter(
            case.actor, document=case.document, official=typed.officials_of([data["official"]])[0]
        ),
        gettext_lazy("Đã mời."),
        _people(typed.DrafterForm, "members", "documents.draft"),
    ),
    Verb(
        "dinh-kem",
        gettext_lazy("Thêm tệp kèm theo"),
        lambda case: case.may.edit,
        _attach,
        gettext_lazy("Đã thêm tệp."),
        lambda case, data, files: typed.AttachForm(data, files),
    ),
    Verb(
        "gop-y",
        gettext_lazy("Góp ý"),
        lambda case: case.may.comment,
        _on(drafting.comment),
        gettext_lazy("Đã ghi góp ý."),
        lambda case, data, files: typed.CommentForm(data, initial=_version(case)),
        inline=True,
    ),
    Verb(
        "huy",
        gettext_lazy("Hủy dự thảo"),
        lambda case: case.may.draft and case.state in (State.DRAFT, State.OPINIONS, State.APPROVING, State.APPROVED),
        _on(drafting.cancel),
        gettext_lazy("Đã hủy dự thảo."),
        _plain(typed.ReasonForm),
        "warning",
    ),
)
BY_KEY = {verb.key: verb for verb in VERBS}


def offered(actor: Actor, document: Document, may: May, opinion: Opinion | None) -> list[Verb]:
    """What this official is offered now."""
    case = Case(actor, document, may, opinion)
    return [verb for verb in VERBS if verb.offered(case)]


@require_http_methods(["GET", "POST"])
@officials.only()
def act(request: HttpRequest, document: int, verb: str) -> HttpResponse:
    """Do one of these: asks for what it takes, then does it and goes back to the document."""
    wanted = BY_KEY.get(verb)
    if wanted is None:
        raise NotFound(_("Không có việc này."))
    found = document_for(request, document, str(wanted.label))
    actor = actor_of(request)
    case = Case(actor, found, rights.may(actor, found), rights.open_opinion(actor, found))
    if request.method == "GET" and not wanted.offered(case):
        raise NotAllowed(_("Việc này lúc này không phải của bạn, hoặc văn bản đã sang bước khác."))
    if wanted.proves and not steps.confirmed(request):
        return _prove_first(request.path)
    posted = request.method == "POST"
    form = wanted.form(case, request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        done = attempt(form, lambda: (wanted.run(case, form.cleaned_data), True))
        if done is not None:
            _say(request, wanted, done[0])
            made = done[0] if isinstance(done[0], Document) else found
            return redirect("outgoing:show", document=made.pk)
    return form_page(
        request,
        form,
        title=str(wanted.label),
        submit=str(wanted.label),
        button="warning" if wanted.warning or wanted.variant == "warning" else "primary",
        back=reverse("outgoing:show", args=[found.pk]),
        crumbs=[
            (_("Văn bản đi"), reverse("outgoing:home")),
            (str(found), reverse("outgoing:show", args=[found.pk])),
        ],
        warning=wanted.warning,
        lead=f"{found.kind.name} {found.code}: {found.subject}".replace(" :", ":"),
    )


def _prove_first(back: str) -> HttpResponse:
    """Ask who is there, then come back."""
    return redirect(f"{reverse('signin:confirm')}?{urlencode({'next': back})}")


def _say(request: HttpRequest, verb: Verb, outcome: object) -> None:
    if isinstance(outcome, Outcome) and outcome.on_telephone:
        messages.success(request, _("Hãy xác nhận trên điện thoại để hoàn tất chữ ký."))
    else:
        messages.success(request, str(verb.done))


@require_http_methods(["GET", "POST"])
@officials.only()
def copy_received(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Copy a document that came in: its records office does."""
    actor = actor_of(request)
    found = access.readable(actor).select_related("agency").filter(uid=uid, direction=Direction.INCOMING).first()
    if found is None:
        raise NotFound(_("Không tìm thấy văn bản."))
    access.require_in(actor, "documents.clerk", found.agency)
    case = Case(actor, found, May())
    form = _copy_form(case, request.POST if request.method == "POST" else None, None)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _copy(case, form.cleaned_data))
        if isinstance(made, Document):
            _say(request, BY_KEY["sao"], made)
            return redirect("outgoing:show", document=made.pk)
    label = str(BY_KEY["sao"].label)
    return form_page(
        request,
        form,
        title=label,
        submit=label,
        back=reverse("documents:incoming", args=[found.uid]),
        crumbs=[(_("Văn bản đến"), reverse("documents:inbox"))],
        lead=f"{found.kind.name} {found.code}: {found.subject}",
    )


@require_POST
@officials.only()
def batch(request: HttpRequest, verb: str) -> HttpResponse:
    """Sign or seal the documents that were ticked in a list, with one confirmation."""
    doing = {"ky": signing.sign, "dong-dau": signing.seal}.get(verb)
    if doing is None:
        raise NotFound(_("Không có việc này."))
    if not steps.confirmed(request):
        return _prove_first(reverse("outgoing:tray", args=[verb]))
    actor = actor_of(request)
    keys = {int(key) for key in request.POST.getlist("document") if key.isascii() and key.isdigit() and len(key) < 19}
    chosen = list(access.readable(actor).filter(pk__in=keys).select_related("agency", "signer"))
    try:
        outcome = doing(actor, documents=chosen)
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        _say(request, BY_KEY[verb], outcome)
    return redirect("outgoing:tray", tray=verb)


@require_POST
@officials.only()
def small(request: HttpRequest, document: int, verb: str, pk: int) -> HttpResponse:
    """What is done with one thing of a document by one press: settle a remark, withdraw an opinion, take a file out."""
    found = document_for(request, document)
    actor, pk = actor_of(request), min(pk, 2**63 - 1)
    try:
        if verb == "xong-gop-y" and (remark := found.comments.filter(pk=pk).first()):
            drafting.settle(actor, comment=remark)
        elif verb == "thoi-hoi" and (opinion := found.opinions.filter(pk=pk).first()):
            opinions.withdraw(actor, opinion=opinion)
        elif verb == "bo-tep":
            drafting.detach(actor, document=found, file_id=pk)
        else:
            raise NotFound(_("Không có việc này."))
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("outgoing:show", document=found.pk)
