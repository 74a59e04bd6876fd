// Passkeys: the form sends what the device made. Without this script, or on an address that is only a number, nothing is offered.
import { words } from "./words.js";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

function text(buffer) {
  let signs = "";
  for (const byte of new Uint8Array(buffer)) signs += String.fromCharCode(byte);
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const described = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

/** The options of the server as the browser wants them: what is bytes there is text on the way. */
function prepared({ publicKey }) {
  const ready = { ...publicKey, challenge: bytes(publicKey.challenge) };
  if (publicKey.user) ready.user = { ...publicKey.user, id: bytes(publicKey.user.id) };
  if (publicKey.excludeCredentials) ready.excludeCredentials = described(publicKey.excludeCredentials);
  if (publicKey.allowCredentials) ready.allowCredentials = described(publicKey.allowCredentials);
  return { publicKey: ready };
}

/** What the device answered, as text. */
function answered(credential) {
  const from = credential.response;
  const response = { clientDataJSON: text(from.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (from[name]) response[name] = text(from[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function options(form) {
  if (form.dataset.hlOptions) return JSON.parse(form.dataset.hlOptions);
  const answer = await fetch(form.dataset.hlChallenge, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

async function use(form) {
  const fault = form.querySelector("[data-hl-fault]");
  fault.textContent = "";
  try {
    const wanted = prepared(await options(form));
    const creating = form.dataset.hlPasskey === "create";
    const made = await (creating ? navigator.credentials.create(wanted) : navigator.credentials.get(wanted));
    form.elements.credential.value = answered(made);
    form.submit();
  } catch (error) {
    const known = { InvalidStateError: words.passkeyHere, NotAllowedError: words.passkeyStopped };
    fault.textContent = known[error.name] ?? words.passkeyFailed;
  }
}

export function startPasskeys(scope) {
  const numbers = /^[\d.]+$|:/.test(location.hostname); // passkeys are bound to names
  if (!window.PublicKeyCredential || numbers) return;
  for (const form of scope.querySelectorAll("form[data-hl-passkey]:not([data-hl-started])")) {
    form.dataset.hlStarted = "yes";
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      use(form);
    });
  }
}
