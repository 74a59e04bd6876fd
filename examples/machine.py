"""A system that works for itself: gets an access token with its own password and calls the province's API.

ISSUER=https://dichvucong.tinh.example CLIENT_ID=… CLIENT_SECRET=… python machine.py
"""

import os

import httpx

issuer = os.environ["ISSUER"]
http = httpx.Client(timeout=10, trust_env=False)
provider = http.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
answer = http.post(
    provider["token_endpoint"],
    data={"grant_type": "client_credentials", "scope": "api.read"},
    auth=(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]),
).raise_for_status()
token = answer.json()  # good for expires_in seconds: keep it and use it until then
registers = http.get(f"{issuer}/api/v1/registers", headers={"Authorization": f"Bearer {token['access_token']}"})
print(registers.status_code, len(registers.raise_for_status().json()), "registers", token["expires_in"], "seconds")
