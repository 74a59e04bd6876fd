"""People who are signed in, and two systems, in the installation that the benchmark of sign-ins measures.

Run as a program of its own in that installation's settings; prints what the callers need to know.
"""

from __future__ import annotations

import json
import sys

from benchmarks.sign_ins.driving import BACK

#: Of all the people, at ours and at the toolkit's.
PASSWORD = "chim-bay-qua-song-2026"


def prepare(people: int) -> dict[str, object]:
    """Half of the people are officials with a post, half are citizens; all have let the system know their names."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from hienluong.foundation.actions import Actor
    from hienluong.foundation.identity.queries import actor_of
    from hienluong.foundation.sso import actions
    from tests.factories import make_account, make_citizen, make_official, make_org

    place = make_org(kind="province", name="Tỉnh đo tốc độ")
    told = {
        "owner": place,
        "purpose": "Đo tốc độ đăng nhập.",
        "contact_name": "Người đo",
        "contact_email": "do@tinh.example",
        "proof": "client_secret_basic",
    }
    root = Actor(kind="system", label="đo tốc độ")
    system, secret = actions.register(
        root, name="Hệ thống đo", scopes=["profile", "offline_access"], redirect_uris=[BACK], **told
    )
    machine, machine_secret = actions.register(
        root, name="Máy đo", scopes=["profile"], redirect_uris=[], for_itself=True, **told
    )
    sessions = []
    for number in range(people):
        official = make_official(org=place) if number % 2 else None
        account = make_account(
            f"person{number}", official=official, party=None if official else make_citizen(), password=PASSWORD
        )
        allowed = ["openid", "profile", "offline_access"]
        actions.consent(actor_of(account), account=account, client=system.client, scopes=allowed)
        session = SessionStore()
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session.create()
        sessions.append(session.session_key)
    return {
        "client": [system.client_id, secret],
        "machine": [machine.client_id, machine_secret],
        "sessions": sessions,
    }


def main() -> None:
    """Print it."""
    import django

    django.setup()
    print(json.dumps(prepare(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
