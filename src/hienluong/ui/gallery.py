"""Every component on one page, in both themes and both languages: for designers, for engineers, and for the tests."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from .widgets import DatePartsField, MoneyField


class SampleForm(forms.Form):
    """One field of each kind."""

    full_name = forms.CharField(
        label=gettext_lazy("Họ, chữ đệm và tên"), help_text=gettext_lazy("Viết như trong giấy khai sinh.")
    )
    born_on = DatePartsField(
        label=gettext_lazy("Ngày sinh"), help_text=gettext_lazy("Ví dụ 23 11 1990."), error_messages={}
    )
    way = forms.ChoiceField(
        label=gettext_lazy("Nhận kết quả ở đâu?"),
        widget=forms.RadioSelect,
        choices=[
            ("counter", gettext_lazy("Tại bộ phận một cửa")),
            ("post", gettext_lazy("Qua bưu chính")),
            ("online", gettext_lazy("Bản điện tử")),
        ],
    )
    papers = forms.MultipleChoiceField(
        label=gettext_lazy("Giấy tờ nộp kèm"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("birth", gettext_lazy("Giấy chứng sinh")), ("marriage", gettext_lazy("Giấy chứng nhận kết hôn"))],
    )
    commune = forms.ChoiceField(
        label=gettext_lazy("Xã, phường"),
        choices=[("", gettext_lazy("Chọn xã, phường")), ("dh", "Phường Đông Hà"), ("vl", "Xã Vĩnh Linh")],
    )
    fee = MoneyField(label=gettext_lazy("Số tiền"))
    note = forms.CharField(
        label=gettext_lazy("Nội dung đề nghị"), required=False, max_length=500, widget=forms.Textarea
    )
    scan = forms.FileField(
        label=gettext_lazy("Bản chụp giấy tờ"),
        required=False,
        help_text=gettext_lazy("PDF hoặc ảnh, không quá 25 MB."),
        widget=forms.FileInput,
    )
    secret = forms.CharField(label=gettext_lazy("Mật khẩu"), widget=forms.PasswordInput)
    agreed = forms.BooleanField(label=gettext_lazy("Tôi cam đoan những điều khai trên là đúng."))


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The gallery in the public layout."""
    return render(request, "ui/gallery.html", _samples())


@require_safe
def show_home(request: HttpRequest) -> HttpResponse:
    """Parts of the citizens' pages."""
    return render(request, "ui/gallery_home.html", _samples())


@require_safe
def show_staff(request: HttpRequest) -> HttpResponse:
    """The layout of officials, with a sample navigation of its own."""
    return render(request, "ui/gallery_staff.html", {**_samples(), "navigation_face": "gallery"})


@require_safe
def show_print(request: HttpRequest) -> HttpResponse:
    """The layout for paper."""
    return render(request, "ui/gallery_print.html", _samples())


def _samples() -> dict[str, object]:
    now = timezone.now()
    return {
        "form": SampleForm(initial={"born_on": now.date().replace(year=1990, day=2), "fee": 1_500_000}),
        "faulty_form": SampleForm(
            {
                "faulty-full_name": "",
                "faulty-born_on_day": "31",
                "faulty-born_on_month": "2",
                "faulty-born_on_year": "2026",
                "faulty-fee": "một triệu",
            },
            prefix="faulty",
        ),
        "page_obj": Paginator(range(1978), 20).page(5),
        "now": now,
        "soon": now + timedelta(days=3, hours=2),
        "today": timezone.localdate(),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Dịch vụ công"), "/thiet-ke"), (_("Các thành phần giao diện"), "")],
        "rows": [
            {"key": _("Mã hồ sơ"), "value": "H50.08-261123-0001"},
            {
                "key": _("Người nộp"),
                "value": "Nguyễn Thị Hiền Lương",
                "action_href": "/thiet-ke",
                "action_text": _("Sửa"),
            },
            {"key": _("Nơi tiếp nhận"), "value": "Trung tâm Phục vụ hành chính công phường Đông Hà"},
        ],
        "events": [
            {"title": _("Đang thẩm định"), "when": now, "by": _("Phòng Tư pháp"), "current": True},
            {"title": _("Đã tiếp nhận"), "when": now - timedelta(hours=5), "by": _("Bộ phận một cửa")},
            {
                "title": _("Đã nộp hồ sơ"),
                "when": now - timedelta(days=1),
                "text": _("Nộp trực tuyến, kèm 2 giấy tờ."),
            },
        ],
        "tasks": [
            {"title": _("Người nộp"), "href": "/thiet-ke", "status": _("Đã xong")},
            {
                "title": _("Giấy tờ kèm theo"),
                "href": "/thiet-ke",
                "hint": _("Còn thiếu 1 giấy tờ."),
                "status": _("Chưa xong"),
                "colour": "blue",
            },
            {"title": _("Nộp lệ phí"), "status": _("Chưa làm được"), "colour": "grey"},
        ],
        "colours": ["grey", "blue", "teal", "green", "yellow", "orange", "red", "purple", "magenta"],
        "tabs": [("tab-papers", _("Giấy tờ")), ("tab-history", _("Lịch sử"))],
        "dossiers": [
            ("H50.08-261123-0001", _("Đăng ký khai sinh"), 0, _("Đang xử lý"), "blue"),
            ("H50.08-261123-0002", _("Cấp giấy phép xây dựng nhà ở riêng lẻ"), 75_000, _("Quá hạn"), "red"),
            ("H50.08-261123-0003", _("Đăng ký thành lập hộ kinh doanh"), 100_000, _("Đã có kết quả"), "green"),
        ],
    }
