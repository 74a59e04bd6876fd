"""Which organisations a connected system keeps up to date over SCIM: said by who manages systems there."""

from __future__ import annotations

from functools import partial

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from hienluong.foundation.identity.frame import actor_of_request, form_page, sent
from hienluong.foundation.organisations.fields import OrganizationsField
from hienluong.foundation.sso import actions as sso
from hienluong.foundation.sso.models import System
from hienluong.ui.widgets import TextField

from .models import Directory
from .scim import directories


class DirectoryForm(forms.Form):
    """Organisations, and why."""

    use_required_attribute = False
    organizations = OrganizationsField(
        label=gettext_lazy("Cơ quan mà hệ thống được đọc và ghi danh sách cán bộ"),
        help_text=gettext_lazy("Mỗi dòng một cơ quan, mã hoặc tên đầy đủ; gồm cả đơn vị trực thuộc. Xóa hết để đóng."),
        required=False,
    )
    reason = TextField(label=gettext_lazy("Lý do, căn cứ"), max_length=300, required=False)


@login_required
@require_http_methods(["GET", "POST"])
def directory(request: HttpRequest, pk: str) -> HttpResponse:
    """Name the organisations of a system, or none."""
    actor = actor_of_request(request)
    system = get_object_or_404(System.objects.select_related("client", "owner"), pk=pk)
    actor.require(sso.MANAGE, system.owner.path)
    held = Directory.objects.filter(system=system).first()
    codes = "\n".join(held.organizations.order_by("path").values_list("code", flat=True)) if held else ""
    form = DirectoryForm(request.POST or None, initial={"organizations": codes})
    back = reverse("sso:system", args=[system.pk])
    if request.method == "POST" and form.is_valid() and held and not form.cleaned_data["organizations"]:
        directories.close_directory(actor, system=system)
        messages.success(request, _("Đã đóng danh bạ."))
        return HttpResponseRedirect(back)
    if sent(request, form, partial(directories.open_directory, actor, system=system)):
        messages.success(request, _("Đã ghi."))
        return HttpResponseRedirect(back)
    return form_page(
        request,
        form,
        title=_("Danh bạ cán bộ (SCIM)"),
        submit=_("Ghi"),
        back=back,
        crumbs=[(_("Hệ thống kết nối"), reverse("sso:systems")), (system.client.name, back)],
        lead=_("Hệ thống thêm, sửa cán bộ, chức vụ và tài khoản ở các cơ quan này, thay mặt người quản trị."),
    )
