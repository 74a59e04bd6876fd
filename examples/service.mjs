// A system that reads data of another agency through the gateway; told of an event, it reads them anew.
// ISSUER=https://dichvucong.tinh.example GATEWAY=https://truc.tinh.example CLIENT_ID=… CLIENT_SECRET=… \
//   AGREEMENT=TTDV-2026-0001 PURPOSE="Giải quyết hồ sơ" node service.mjs /lgsp/gia-dat/v1/parcels/17
// With ADDRESS=https://he-thong.example/nhan PORT=8080 beside: called for each event (webhook), it asks then.
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { isFromProvince, json } from "./events.mjs"; // checks the signature (RFC 9421)

const { ISSUER, GATEWAY, CLIENT_ID, CLIENT_SECRET, AGREEMENT, PURPOSE, PORT } = process.env;
const PATIENCE = Number(process.env.PATIENCE ?? 60); // seconds that one call may wait for another try
const TRIES = 5;

class Refused extends Error {} // by the gateway or the provider, for good: trying again as it is does not help

let token = { value: "", until: 0 };

async function accessToken() {
  if (Date.now() < token.until) return token.value;
  const provider = await json(await fetch(`${ISSUER}/.well-known/openid-configuration`));
  const told = await json(
    await fetch(provider.token_endpoint, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${CLIENT_ID}:${CLIENT_SECRET}`)}` },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: "api.read" }),
    }),
  );
  token = { value: told.access_token, until: Date.now() + (told.expires_in - 30) * 1000 };
  return token.value;
}

async function asked(path, method, body) {
  const headers = {
    authorization: `Bearer ${await accessToken()}`,
    "x-agreement": AGREEMENT,
    "x-purpose": Buffer.from(PURPOSE).toString("latin1"), // UTF-8, byte by byte
  };
  if (body !== undefined) headers["content-type"] = "application/json";
  return fetch(`${GATEWAY}${path}`, {
    method,
    headers,
    body: body && JSON.stringify(body),
    redirect: "error", // the gateway never sends elsewhere; the token is for nobody else
    signal: AbortSignal.timeout(30_000),
  });
}

// What was refused is told as problem+json (RFC 9457): its code is stable, its title is for people.
async function problem(response) {
  const told = await response.json().catch(() => ({}));
  return `${response.status} ${told.code ?? "-"}: ${told.detail ?? told.title ?? response.statusText}`;
}

async function call(path, { method = "GET", body } = {}) {
  const repeatable = method === "GET";
  let renewed = false;
  for (let tries = 1; ; tries++) {
    let why, pause;
    try {
      const response = await asked(path, method, body);
      if (response.ok) return response.status === 204 ? null : await response.json();
      why = new Refused(await problem(response));
      pause = Number(response.headers.get("retry-after")) || 0;
      if (response.status === 401 && !renewed) {
        renewed = true; // it may have expired on the way, or the keys have turned: once more with a new one
        token = { value: "", until: 0 };
        continue;
      }
      const passing = response.status === 429 || (repeatable && [502, 503, 504].includes(response.status));
      if (!passing) throw why; // 400, 401, 403, 404, 413 …: the same call is answered so again
    } catch (fault) {
      if (fault instanceof Refused || !repeatable) throw fault; // what writes may have been done: look before you repeat
      why ??= fault; // not there, or too slow
    }
    // longer each time, and not all systems at the same moment
    const seconds = Math.max(pause ?? 0, 0.25 * 2 ** tries * (0.5 + Math.random()));
    if (tries >= TRIES || seconds > PATIENCE) throw why;
    await wait(seconds * 1000);
  }
}

function serve(path) {
  const seen = new Set(); // keep it with your data
  createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    if (!(await isFromProvince(request, body).catch(() => false))) return response.writeHead(401).end();
    const event = JSON.parse(body);
    if (seen.has(event.id)) return response.writeHead(204).end();
    try {
      console.log(event.type, JSON.stringify(await call(path)));
      seen.add(event.id);
      response.writeHead(204).end();
    } catch (fault) {
      console.error(fault.message);
      response.writeHead(503).end(); // it comes again
    }
  }).listen(Number(PORT), "127.0.0.1");
}

const path = process.argv[2];
if (PORT) serve(path);
else
  try {
    console.log(JSON.stringify(await call(path)));
  } catch (fault) {
    console.error(fault.message);
    process.exitCode = 1;
  }
