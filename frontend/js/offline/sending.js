// Sends what the phone keeps: answers in the order in which they were given, then photos in parts. Whatever breaks off is
// taken up again: an answer has a key, so that sent twice it is saved once; a photo goes on from where the server stands.
import * as store from "./store.js";

const PART = 256 * 1024;

/** The server said no, in its words; `status` 401 is: nobody is signed in. */
export class Refused extends Error {
  constructor(status, words, code) {
    super(words);
    this.status = status;
    this.code = code;
  }
}

export class Server {
  constructor(base) {
    this.base = base;
    this.token = "";
  }

  /** Ask for JSON; a network that is not there is a TypeError, as fetch says it. */
  async ask(path, body, binary = false) {
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["X-CSRFToken"] = this.token;
    if (body !== undefined) headers["Content-Type"] = binary ? "application/octet-stream" : "application/json";
    const sent = body === undefined || binary ? body : JSON.stringify(body);
    const answer = await fetch(this.base + path, { method: body === undefined ? "GET" : "POST", headers, body: sent, credentials: "same-origin", cache: "no-store" });
    const told = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : {};
    if (!answer.ok) throw new Refused(answer.status, told.title ?? String(answer.status), told.code ?? "");
    return told;
  }

  /** Who is signed in; afterwards writing is possible. */
  async session() {
    const told = await this.ask("phien");
    this.token = told.csrf;
    return told;
  }
}

/** Whether sending it again could help: the network, a busy server, a session. */
const passes = (error) => !(error instanceof Refused) || error.status >= 500 || error.status === 401 || error.status === 403 || error.status === 429;

/** Begin on the server what was begun here; whether it is there now. What the server refuses for good is marked and kept. */
async function arrive(server, taken) {
  if (!taken.begun) return true;
  if (taken.refused) return false;
  try {
    const { code } = await server.ask("bat-dau-tren-may", { id: taken.id, ...taken.begun });
    const { begun, ...there } = await store.get("assessments", taken.id);
    await store.put("assessments", { ...there, data: { ...there.data, code } });
    return true;
  } catch (error) {
    if (passes(error)) throw error;
    await store.put("assessments", { ...(await store.get("assessments", taken.id)), refused: error.message });
    return false;
  }
}

/** Send all of one assessment; whether the server has it. What it refuses for good is marked and kept; what may pass is thrown. */
export async function send(server, taken, changed) {
  const is_there = await arrive(server, taken);
  changed();
  if (!is_there) return false;
  for (const answer of await store.of("answers", taken.id)) {
    if (answer.refused) continue;
    const { assessment, at, refused, tried, ...given } = answer;
    await store.put("answers", { ...answer, tried: true });
    await attempt("answers", answer, async () => {
      const told = await server.ask(`${taken.id}/tra-loi`, given);
      await replace(taken.id, given.item, told.answers);
      await store.drop("answers", answer.key);
    });
    changed();
  }
  for (const photo of await store.of("photos", taken.id)) {
    if (photo.refused) continue;
    await attempt("photos", photo, () => sendPhoto(server, taken, photo));
    changed();
  }
  return true;
}

async function attempt(name, one, act) {
  try {
    await act();
  } catch (error) {
    if (passes(error)) throw error;
    await store.put(name, { ...one, tried: true, refused: error.message });
  }
}

async function sendPhoto(server, taken, photo) {
  const address = `${taken.id}/anh/${photo.id}`;
  const { item, name, size, sha256 } = photo;
  let told = await server.ask(address, { item, name, size, sha256 });
  for (let restarts = 0; !told.whole; ) {
    const part = await photo.blob.slice(told.received, told.received + PART).arrayBuffer();
    const before = told.received;
    told = await server.ask(`${address}/phan?tu=${before}`, part, true);
    if (!told.whole && told.received <= before && (restarts += 1) > 3) throw new Refused(422, name);
  }
  const here = await store.get("assessments", taken.id);
  await store.put("assessments", { ...here, data: { ...here.data, photos: [...here.data.photos, photo.id] } });
  await store.drop("photos", photo.id);
}

/** Put what the server says stands for an item in the place of what stood there. */
export async function replace(assessment, item, answers) {
  const taken = await store.get("assessments", assessment);
  const others = taken.data.answers.filter((one) => one.item !== item);
  await store.put("assessments", { ...taken, data: { ...taken.data, answers: [...others, ...answers] } });
}
