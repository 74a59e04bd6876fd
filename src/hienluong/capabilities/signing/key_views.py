"""`/lam-viec/ky-so/khoa`: one's own key and picture; `/quan-tri/khoa-ky-so`: those of everybody one looks after."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity.frame import actor_of_request, form_page, found_page
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.foundation.organisations.reach import below
from hienluong.foundation.signin import steps
from hienluong.ui.widgets import TextField

from . import enrolling, pictures
from .models import Look, SigningKey
from .providers import Remote, provider_of, sources


class RemoteForm(forms.Form):
    """A key at a service that signs from afar: which service, and who one is there."""

    source = forms.ChoiceField(label=gettext_lazy("Dịch vụ ký từ xa"))
    user = TextField(
        label=gettext_lazy("Mã người dùng ở dịch vụ đó"),
        max_length=60,
        help_text=gettext_lazy("Thường là số căn cước hoặc mã cán bộ mà nhà cung cấp ghi trong hợp đồng."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["source"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = sources(SigningKey.Provider.CSC)


class EnrolForm(forms.Form):
    """Any key, for anybody whom one looks after."""

    holder = TextField(
        label=gettext_lazy("Mã cán bộ hoặc mã cơ quan"),
        max_length=35,
        help_text=gettext_lazy("Ví dụ CB000012, hoặc H50.31 cho con dấu của cơ quan."),
    )
    place = forms.ChoiceField(label=gettext_lazy("Khóa nằm ở đâu"))
    credential = TextField(
        label=gettext_lazy("Tên khóa trong thiết bị, hoặc mã người dùng ở dịch vụ ký từ xa"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Để trống với chứng thư trình diễn."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        kinds = SigningKey.Provider
        field.choices = [
            *((f"{kinds.PKCS11}:{key}", name) for key, name in sources(kinds.PKCS11)),
            *((f"{kinds.CSC}:{key}", name) for key, name in sources(kinds.CSC)),
            (f"{kinds.PKCS12}:", kinds.PKCS12.label),
        ]


class RetireForm(forms.Form):
    """Why a key is no longer used."""

    reason = TextField(label=gettext_lazy("Lý do"), max_length=300)


class PictureForm(forms.Form):
    """A picture of a signature or a seal."""

    file = forms.FileField(
        label=gettext_lazy("Tệp hình"),
        help_text=gettext_lazy(
            "PNG nền trong suốt, tối đa 1 MB: chữ ký màu xanh, con dấu màu đỏ, đúng kích thước thật khi in."
        ),
        widget=forms.FileInput({"accept": "image/png"}),
    )


@never_cache
@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's own key and picture."""
    official = _official(request)
    keys = SigningKey.objects.filter(official=official).select_related("official", "organization")
    context = {
        "keys": list(keys.order_by("state", "-enrolled_at")[:20]),
        "picture": pictures.address_of(official, Look.LEADER),
        "services": sources(SigningKey.Provider.CSC),
        "breadcrumbs": [*_crumbs(), (_("Khóa ký số của tôi"), "")],
    }
    return render(request, "signing/keys.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def enrol_own(request: HttpRequest) -> HttpResponse:
    """Take on one's own key at a service that signs from afar."""
    official, actor = _official(request), actor_of_request(request)
    if not steps.confirmed(request):
        return _prove_first(request)
    form = RemoteForm(request.POST if request.method == "POST" else None, initial={"user": official.code})
    if request.method == "POST" and form.is_valid():
        source, user = form.cleaned_data["source"], form.cleaned_data["user"]
        if attempt(form, lambda: _enrol_remote(actor, official, source, user, "user")) is not None:
            messages.success(request, _("Đã đăng ký khóa. Mỗi lần ký bạn xác nhận trên điện thoại."))
            return HttpResponseRedirect(reverse("signing:keys"))
    return form_page(
        request,
        form,
        title=_("Đăng ký khóa ký từ xa"),
        submit=_("Đăng ký"),
        back=reverse("signing:keys"),
        crumbs=[(_("Khóa ký số của tôi"), reverse("signing:keys"))],
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def retire(request: HttpRequest, number: int) -> HttpResponse:
    """Sign no longer with a key."""
    actor = actor_of_request(request)
    key = enrolling.own_key(actor, number)
    if not steps.confirmed(request):
        return _prove_first(request)
    own = key.official_id is not None and key.official_id == actor.official_id
    back = reverse("signing:keys" if own else "signing:all_keys")
    form = RetireForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: enrolling.retire(actor, key=key, reason=reason)):
            messages.success(request, _("Khóa này không ký được nữa. Văn bản đã ký vẫn còn nguyên giá trị."))
            return HttpResponseRedirect(back)
    return form_page(
        request,
        form,
        title=_("Thôi dùng khóa"),
        submit=_("Thôi dùng"),
        back=back,
        lead=f"{key.holder_name}: {key.get_provider_display()}, {key.serial}",
        button="warning",
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def picture(request: HttpRequest, code: str = "") -> HttpResponse:
    """Put the picture of one's own signature, or that of the seal of an organisation whose keys one looks after."""
    actor = actor_of_request(request)
    holder = _organization(actor, code) if code else _official(request)
    back = reverse("signing:all_keys" if code else "signing:keys")
    sent = request.method == "POST"
    form = PictureForm(request.POST, request.FILES) if sent else PictureForm()
    if sent and form.is_valid():
        upload = form.cleaned_data["file"]
        if attempt(form, lambda: pictures.put(actor, holder=holder, upload=upload)):
            messages.success(request, _("Đã lưu hình. Chữ ký từ nay hiện hình này."))
            return HttpResponseRedirect(back)
    title = _("Hình con dấu") if code else _("Hình chữ ký")
    return form_page(request, form, title=title, submit=_("Lưu"), back=back, lead=str(holder))


@never_cache
@login_required
@require_safe
def all_keys(request: HttpRequest) -> HttpResponse:
    """The keys of everybody whom one looks after."""
    actor = actor_of_request(request)
    actor.require_somewhere(enrolling.MANAGE, _("Bạn không quản lý khóa ký số của ai."))
    return found_page(
        request, "signing/all_keys.html", lambda words: _keys(actor, words), _("Khóa ký số của cán bộ, cơ quan")
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Take on a key for an official or an organisation."""
    actor = actor_of_request(request)
    actor.require_somewhere(enrolling.MANAGE, _("Bạn không quản lý khóa ký số của ai."))
    if not steps.confirmed(request):
        return _prove_first(request)
    form = EnrolForm(request.POST if request.method == "POST" else None)
    done = None
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: _enrol_any(actor, form.cleaned_data))
    if done is not None:
        messages.success(request, _("Đã đăng ký khóa."))
        return HttpResponseRedirect(reverse("signing:all_keys"))
    return form_page(
        request,
        form,
        title=_("Đăng ký khóa ký số"),
        submit=_("Đăng ký"),
        back=reverse("signing:all_keys"),
        crumbs=[(_("Khóa ký số của cán bộ, cơ quan"), reverse("signing:all_keys"))],
    )


def _prove_first(request: HttpRequest) -> HttpResponse:
    """Ask who is there, then come back to this page."""
    return HttpResponseRedirect(f"{reverse('signin:confirm')}?{urlencode({'next': request.path})}")


def _enrol_any(actor: Actor, told: dict[str, Any]) -> SigningKey:
    kind, _colon, source = told["place"].partition(":")
    code = told["holder"]
    holder = Official.objects.filter(code=code).first() or Organization.objects.filter(code=code).first()
    if holder is None or not enrolling.may_manage(actor, holder):
        raise InvalidInput(_("Không có cán bộ, cơ quan này trong phạm vi của bạn."), field="holder")
    if kind == SigningKey.Provider.CSC:
        return _enrol_remote(actor, holder, source, told["credential"], "credential")
    if kind == SigningKey.Provider.PKCS11 and not told["credential"]:
        raise InvalidInput(_("Hãy điền tên khóa trong thiết bị."), field="credential")
    return enrolling.enrol(actor, holder=holder, provider=kind, source=source, credential=told["credential"])


def _enrol_remote(actor: Actor, holder: Official | Organization, source: str, user: str, field: str) -> SigningKey:
    """The newest credential that the service has for this user."""
    provider = provider_of(SigningKey.Provider.CSC, source)
    assert isinstance(provider, Remote)
    numbers = provider.owned_by(user) if user else []
    if not numbers:
        raise InvalidInput(_("Dịch vụ không có chứng thư nào của người dùng này."), field=field)
    try:
        return enrolling.enrol(
            actor, holder=holder, provider=SigningKey.Provider.CSC, source=source, credential=numbers[0]
        )
    except InvalidInput as error:
        raise InvalidInput(error.message, field=field, code=error.code) from error


def _keys(actor: Actor, words: str) -> QuerySet[SigningKey]:
    paths = actor.paths_with(enrolling.MANAGE)
    reach = below(paths, "organization__path", "official__positions__organization__path")
    found = SigningKey.objects.filter(reach).select_related("official", "organization").distinct()
    if words:
        found = found.filter(
            Q(official__full_name__icontains=words)
            | Q(organization__name__icontains=words)
            | Q(official__code=words)
            | Q(organization__code=words)
            | Q(serial__icontains=words)
        )
    return found.order_by("state", "valid_until", "pk")


def _official(request: HttpRequest) -> Official:
    actor = actor_of_request(request)
    found = Official.objects.filter(pk=actor.official_id).first() if actor.official_id else None
    if found is None:
        raise NotAllowed(_("Trang này dành cho cán bộ ký văn bản."))
    return found


def _organization(actor: Actor, code: str) -> Organization:
    found = Organization.objects.filter(code=code).first()
    if found is None or not enrolling.may_manage(actor, found):
        raise Http404
    return found


def _crumbs() -> list[tuple[Any, str]]:
    return [(_("Trang chủ"), "/"), (_("Ký số"), reverse("signing:waiting"))]
