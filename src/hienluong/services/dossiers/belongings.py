"""What of dossiers belongs to an account or to its person, when two accounts of one person become one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.merging.belongings import Belonging, register

_DOSSIERS = _("Hồ sơ")


def register_all() -> None:
    """Hand it over."""
    register(
        Belonging("dossiers.drafts", _("Hồ sơ nháp"), "dossiers.Draft", "account_id", "account"),
        Belonging("dossiers.drafts_about", _("Hồ sơ nháp"), "dossiers.Draft", "subject_id", "party"),
        *(
            Belonging(f"dossiers.{role}", _DOSSIERS, "dossiers.Dossier", f"{role}_id", "party")
            for role in ("subject", "filer", "representative")
        ),
    )
