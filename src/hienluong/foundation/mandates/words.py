"""Words of this app that stand in registries."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

PAGE = _("Doanh nghiệp tôi đại diện")
PURPOSE = _("Đại diện cho doanh nghiệp")


def is_citizen(request: HttpRequest) -> bool:
    """Whether the person signed in as a citizen."""
    return getattr(request.user, "party_id", None) is not None
