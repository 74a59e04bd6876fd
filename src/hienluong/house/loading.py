"""While the code is loaded the collector of garbage stands still.

Loading makes some hundred thousand objects and nearly no garbage; going through them again and again takes a sixth of
the time of a start. What is loaded then stays, so it is set aside: no later collection goes through it, and what the
processes of a web server share after their fork is not written to.
"""

from __future__ import annotations

import gc


def begin() -> None:
    """Switch the collector off: the settings do so, which are read first."""
    gc.disable()


def end() -> None:
    """Set aside what is there and switch the collector on."""
    gc.freeze()
    gc.enable()


def pages() -> None:
    """Load what answers at our addresses, with its words in each language, before the first request comes.

    Django does so when it is asked for an address: a second of work, for which somebody waits in each process.
    """
    from django.conf import settings
    from django.urls import reverse
    from django.utils import translation

    begin()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            reverse("identity:sign_in")
    end()
