"""The name of a browser and its system, for people; rough, and nothing depends on it."""

from __future__ import annotations

from django.utils.translation import gettext as _

#: Words in the order in which they decide: browsers name those they descend from.
_BROWSERS = (
    ("coc_coc", "Cốc Cốc"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def described(agent: str) -> str:
    """``Chrome trên Android``."""
    browser = next((name for word, name in _BROWSERS if word in agent), _("Trình duyệt lạ"))
    system = next((name for word, name in _SYSTEMS if word in agent), "")
    return _("%(browser)s trên %(system)s") % {"browser": browser, "system": system} if system else browser
