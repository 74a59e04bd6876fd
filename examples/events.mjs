// A system that is told of events: takes them (pull), or is called for each (webhook) and checks that it is the province.
// ISSUER=https://dichvucong.tinh.example CLIENT_ID=… CLIENT_SECRET=… SUBSCRIPTION=DKSK-2026-0001 node events.mjs
// ISSUER=https://dichvucong.tinh.example ADDRESS=https://he-thong.example/nhan PORT=8080 node events.mjs
import { createHash, createPublicKey, verify } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, SUBSCRIPTION, ADDRESS, PORT } = process.env;
const seen = new Set(); // keep it with your data: what came before comes again, marked, with the same id

function take(event) {
  if (seen.has(event.id)) return;
  console.log(event.type, JSON.stringify(event.data)); // do your work here; events of one partitionkey come in order
  seen.add(event.id);
}

export async function json(response) {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  return response.json();
}

async function pull() {
  const provider = await json(await fetch(`${ISSUER}/.well-known/openid-configuration`));
  const token = await json(
    await fetch(provider.token_endpoint, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${CLIENT_ID}:${CLIENT_SECRET}`)}` },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: "api.read" }),
    }),
  );
  const headers = { authorization: `Bearer ${token.access_token}` };
  for (let after = ""; ; ) {
    const address = `${ISSUER}/api/v1/events/subscriptions/${SUBSCRIPTION}/events${after && `?after=${after}`}`;
    const page = await json(await fetch(address, { headers }));
    page.items.forEach(take);
    after = String(page.after); // keep it with your data, once the events are worked through
    if (!page.more) return;
  }
}

// RFC 9421: the digest is that of the body, and the signature covers method, address, content type and digest.
export async function isFromProvince(request, body) {
  const header = (name) => request.headers[name] ?? "";
  const digest = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
  const [, parameters] = /^hienluong=(.+)$/.exec(header("signature-input")) ?? [];
  const [, signature] = /^hienluong=:(.+):$/.exec(header("signature")) ?? [];
  const covered = '("@method" "@target-uri" "content-type" "content-digest");';
  if (header("content-digest") !== digest || !signature || !parameters?.startsWith(covered)) return false;
  const told = Object.fromEntries([...parameters.matchAll(/;(\w+)="?([^";]+)"?/g)].map(([, name, value]) => [name, value]));
  if (told.tag !== "hienluong-webhook" || Math.abs(Date.now() / 1000 - Number(told.created)) > 300) return false;
  const { keys } = await json(await fetch(`${ISSUER}/api/v1/events/keys`)); // keep them for an hour
  const jwk = keys.find((key) => key.kid === told.keyid);
  const base = [
    `"@method": ${request.method}`,
    `"@target-uri": ${ADDRESS}`, // your own address as you registered it, not what the request says
    `"content-type": ${header("content-type")}`,
    `"content-digest": ${digest}`,
    `"@signature-params": ${parameters}`,
  ].join("\n");
  return Boolean(jwk) && verify(null, Buffer.from(base), createPublicKey({ key: jwk, format: "jwk" }), Buffer.from(signature, "base64"));
}

function serve() {
  createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    const good = await isFromProvince(request, body).catch(() => false);
    if (good) take(JSON.parse(body));
    response.writeHead(good ? 204 : 401).end(); // 2xx only when the event is safe with you: else it comes again
  }).listen(Number(PORT), "127.0.0.1");
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await (PORT ? serve() : pull());
