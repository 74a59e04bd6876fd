"""A register's definition as a form: the fields that one may write, on one page, judged by the form engine."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.forms.one_page import OnePage
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.foundation.actions import Actor
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization

#: Most organisations that a box offers to choose from.
MOST_PLACES = 400


def places(actor: Actor) -> dict[str, str]:
    """The organisations where `actor` may write records: code → name, at most :data:`MOST_PLACES` of them."""
    under = reach.below(actor.paths_with("registers.write"))
    today = timezone.localdate()
    found = Organization.objects.filter(under, valid__contains=today).order_by("sort_name", "name")
    return dict(found.values_list("code", "name")[:MOST_PLACES])


def form_of(spec: RegisterSpec, writable: Collection[str], responsible: Mapping[str, str], *, is_new: bool) -> OnePage:
    """The form of a record. What may not be written is not asked for; the key of a record that is there stays.

    `responsible` are the organisations that may be named as responsible: code → name.
    """
    locked = {spec.key.field} if not is_new else set()
    names = [name for name in spec.fields if name in writable and name not in locked]
    props = {name: dict(spec.fields[name]) for name in names}
    if spec.responsible in props and responsible:
        props[spec.responsible] |= {
            "enum": list(responsible),
            "x-enum-labels": dict(responsible),
            "x-widget": "select",
        }
    for name in spec.certified & set(props):
        props[name]["x-hint"] = " ".join(
            filter(None, (str(props[name].get("x-hint", "")), _of_certificate(is_new=is_new)))
        )
    required = [name for name in spec.schema_.get("required", ()) if name in props]
    schema = {**spec.schema_, "properties": props, "required": required}
    return OnePage(spec.code, spec.title, schema, names)


def _of_certificate(*, is_new: bool) -> str:
    """When a field of the certificate is written here at all: its acts write it."""
    if is_new:
        return _("Chỉ ghi cho giấy đã cấp từ trước; giấy mới thì cấp ở trang của bản ghi.")
    return _("Chỉ đổi khi đính chính điều ghi sai; gia hạn, thu hồi… thì làm ở phần giấy của bản ghi.")
