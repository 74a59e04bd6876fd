"""A small program in the gateway's port for certificates: is the one that was shown the one that the token is bound to?"""

from __future__ import annotations

from typing import Any

from .handover import BOUND

#: RFC 8705, 3.1: the token has the digest of the certificate in base64. Where it is that of the certificate which was shown
#: in TLS, the header that Envoy made of it is taken away; a rule behind it refuses whoever still has that header.
SHOWN = f"""
local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
local function base64(hex)
  local made = {{}}
  for at = 1, #hex, 6 do
    local part = string.sub(hex, at, at + 5)
    local number = tonumber(part .. string.rep("0", 6 - #part), 16)
    for place = 3, 3 - #part / 2, -1 do
      local six = math.floor(number / 64 ^ place) % 64 + 1
      made[#made + 1] = string.sub(letters, six, six)
    end
  end
  return table.concat(made)
end
function envoy_on_request(call)
  local bound = call:headers():get("{BOUND}")
  if bound == nil then return end
  local tls = call:streamInfo():downstreamSslConnection()
  if tls == nil then return end
  local shown = tls:sha256PeerCertificateDigest()
  if shown ~= nil and #shown == 64 and base64(shown) == bound then call:headers():remove("{BOUND}") end
end
"""


def filters() -> list[dict[str, Any]]:
    """The filter that runs it, behind the one that checks tokens."""
    program = {"inline_string": SHOWN}
    kind = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"
    return [{"name": "shown", "typed_config": {"@type": kind, "default_source_code": program}}]
