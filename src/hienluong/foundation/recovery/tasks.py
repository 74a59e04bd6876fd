"""Sending codes, and forgetting them."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from hienluong.foundation.actions import system
from hienluong.foundation.notifications.providers import Message, provider_of
from hienluong.foundation.people.protected import decrypt

from .models import EntryCode, MailedCode


@app.task(queue="mail", name="recovery.send_code", retry=3)
def send_code(mailed_id: int) -> None:
    """Make the code and mail it. Nothing is sent when nobody is there; the page said the same either way."""
    from .actions import make_code, may_use_codes

    asked = MailedCode.objects.select_related("account").get(pk=mailed_id)
    if asked.account is None or asked.expires_at < timezone.now() or not may_use_codes(asked.account):
        return
    code = make_code(system("Gửi mã khôi phục"), asked=asked)
    provider = provider_of("email")
    assert provider is not None, "e-mail has a provider always"
    words = _(
        "Mã: %(code)s\n\nDùng cùng một mã dự phòng để khôi phục tài khoản, trong 30 phút. Không ai, kể cả cán bộ, được "
        "hỏi bạn mã này. Nếu không phải bạn đề nghị, hãy bỏ qua thư này: một mình mã này không mở được gì."
    )
    body = words % {"code": f"{code[:4]} {code[4:]}"}
    provider.send(Message(asked.account.email, _("Mã khôi phục tài khoản"), body, f"kp-{asked.pk}"))


@app.task(queue="mail", name="recovery.send_entry_code", retry=3)
def send_entry_code(entry_id: int, sealed: str, address: str) -> None:
    """Mail a one-time code that was made at a counter, while it is good; `sealed` is the encrypted code."""
    entry = EntryCode.objects.filter(pk=entry_id, used_at__isnull=True, ended_at__isnull=True).first()
    if entry is None:
        return
    provider = provider_of("email")
    assert provider is not None, "e-mail has a provider always"
    words = _(
        "Mã một lần: %(code)s\n\nMở %(address)s, nhập mã này và số định danh của bạn, rồi tự đặt cách đăng nhập. "
        "Không ai, kể cả cán bộ, được hỏi bạn mật khẩu."
    )
    body = words % {"code": decrypt(sealed), "address": address}
    provider.send(Message(entry.account.email, _("Mã một lần để vào tài khoản"), body, f"mm-{entry.pk}"))


@app.periodic(cron="37 20 * * *")  # 03:37 in Việt Nam
@app.task(queue="default", queueing_lock="recovery.forget_codes")
def forget_codes(timestamp: int) -> None:
    """Once a day: delete mailed codes of the day before."""
    MailedCode.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1)).delete()
