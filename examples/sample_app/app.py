"""A web application of another agency: signs people in with the province's account, calls its API, signs them out.

ISSUER=https://dichvucong.tinh.example CLIENT_ID=… CLIENT_SECRET=… python app.py 9000
"""

import hashlib
import html
import os
import secrets
import sys
from base64 import urlsafe_b64encode
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt

ISSUER = os.environ["ISSUER"]
CLIENT_ID, CLIENT_SECRET = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
PORT = int(sys.argv[1])
BASE = f"http://127.0.0.1:{PORT}"

http = httpx.Client(timeout=10, trust_env=False)
PROVIDER = http.get(f"{ISSUER}/.well-known/openid-configuration").raise_for_status().json()
assert PROVIDER["issuer"] == ISSUER, "another provider answers at this address"
KEYS = jwt.PyJWKClient(PROVIDER["jwks_uri"])  # fetches the keys once, and again for one it does not know
SESSIONS = {}  # a real application keeps these in its database


class App(BaseHTTPRequestHandler):
    """Four pages: the start, the way to the province, the way back, the way out."""

    def do_GET(self):
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("app")
        self.session_id = cookie.value if cookie else ""
        pages = {"/": self.start, "/login": self.login, "/callback": self.callback, "/logout": self.logout}
        page = pages.get(address.path)
        return page(query) if page else self.answer(404, "Not found")

    def start(self, query):
        """Who is signed in, and what the province's API says to them."""
        session = SESSIONS.get(self.session_id, {})
        if "who" not in session:
            return self.answer(200, '<p>Nobody is signed in.</p><a href="/login">Sign in</a>')
        headers = {"Authorization": f"Bearer {session['access_token']}"}
        answer = http.get(f"{ISSUER}/api/v1/registers", headers=headers)
        said = f"{answer.status_code}, {len(answer.json())} registers" if answer.is_success else str(answer.status_code)
        name = html.escape(session["who"]["name"])
        return self.answer(200, f'<p>Signed in: {name}</p><p>API: {said}</p><a href="/logout">Sign out</a>')

    def login(self, query):
        """Send the person to the province. State, nonce and verifier are new each time and stay on this side."""
        verifier = secrets.token_urlsafe(48)
        asked = {"state": secrets.token_urlsafe(16), "nonce": secrets.token_urlsafe(16), "verifier": verifier}
        self.session_id = secrets.token_urlsafe(32)
        SESSIONS[self.session_id] = {"asked": asked}
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        params = {
            "client_id": CLIENT_ID,
            "redirect_uri": f"{BASE}/callback",
            "response_type": "code",
            "scope": "openid profile api.read",
            "state": asked["state"],
            "nonce": asked["nonce"],
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return self.go(f"{PROVIDER['authorization_endpoint']}?{urlencode(params)}")

    def callback(self, query):
        """The person is back. What was not asked for by this browser, or not answered by this provider, is refused."""
        asked = SESSIONS.pop(self.session_id, {}).get("asked")
        if not asked or query.get("state") != asked["state"] or query.get("iss") != ISSUER:
            return self.answer(400, "This answer was not asked for.")
        if "error" in query:
            return self.answer(403, f"Not signed in: {html.escape(query['error'])}")
        form = {
            "grant_type": "authorization_code",
            "code": query.get("code", ""),
            "redirect_uri": f"{BASE}/callback",
            "code_verifier": asked["verifier"],
        }
        answer = http.post(PROVIDER["token_endpoint"], data=form, auth=(CLIENT_ID, CLIENT_SECRET))
        if not answer.is_success:
            return self.answer(502, f"No tokens: {html.escape(answer.text)}")
        tokens = answer.json()
        claims = jwt.decode(
            tokens["id_token"],
            KEYS.get_signing_key_from_jwt(tokens["id_token"]).key,
            algorithms=["RS256"],
            audience=CLIENT_ID,
            issuer=ISSUER,
        )
        if claims.get("nonce") != asked["nonce"]:
            return self.answer(400, "This ID token was made for another sign-in.")
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        who = http.get(PROVIDER["userinfo_endpoint"], headers=headers).raise_for_status().json()
        if who["sub"] != claims["sub"]:  # the person is known by `sub`, never by a name or a mail address
            return self.answer(400, "This userinfo is somebody else's.")
        self.session_id = secrets.token_urlsafe(32)  # a new one: whoever knew the old one is not signed in with it
        kept = {name: tokens[name] for name in ("id_token", "access_token")}
        SESSIONS[self.session_id] = {"who": who, **kept}
        return self.go("/")

    def logout(self, query):
        """End the session here, then at the province, which ends it at all other systems."""
        session = SESSIONS.pop(self.session_id, {})
        if "id_token" not in session:
            return self.go("/")
        params = {"id_token_hint": session["id_token"], "post_logout_redirect_uri": f"{BASE}/"}
        return self.go(f"{PROVIDER['end_session_endpoint']}?{urlencode(params)}")

    def answer(self, status, body):
        """A page."""
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>Sample</title>{body}".encode())

    def go(self, address):
        """To another page, with this browser's session."""
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Set-Cookie", f"app={self.session_id}; HttpOnly; SameSite=Lax; Path=/")
        self.end_headers()

    def log_message(self, *args):
        """Nothing: codes stand in addresses, and addresses must not stand in logs."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", PORT), App)
    print(f"ready at {BASE}", flush=True)
    server.serve_forever()
