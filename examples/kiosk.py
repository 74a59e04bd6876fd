"""A counter or kiosk that somebody signs in with their own phone (RFC 8628): no password is typed on a shared machine.

ISSUER=https://dichvucong.tinh.example CLIENT_ID=… CLIENT_SECRET=… python kiosk.py
"""

import os
import time

import httpx

issuer = os.environ["ISSUER"]
proof = (os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"])
http = httpx.Client(timeout=10, trust_env=False)
provider = http.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
begun = http.post(provider["device_authorization_endpoint"], data={"scope": "openid profile"}, auth=proof)
given = begun.raise_for_status().json()
# A real kiosk also draws verification_uri_complete as a QR code.
print(f"Mở {given['verification_uri']} trên điện thoại và nhập mã {given['user_code']}", flush=True)

wait, until = given["interval"], time.monotonic() + given["expires_in"]
while time.monotonic() < until:
    time.sleep(wait)
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": given["device_code"]}
    answer = http.post(provider["token_endpoint"], data=form, auth=proof)
    if answer.is_success:
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        who = http.get(provider["userinfo_endpoint"], headers=headers).raise_for_status().json()
        print(f"Xin chào {who['name']}", flush=True)
        break
    error = answer.json()["error"]
    if error == "slow_down":
        wait += 5
    elif error != "authorization_pending":
        raise SystemExit(f"Không đăng nhập được: {error}")
else:
    raise SystemExit("Hết thời gian chờ.")
