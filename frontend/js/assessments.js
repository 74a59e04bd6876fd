// Assessments on a phone: a list of those taken along, one of them with its items, what is not sent yet, what was answered
// differently elsewhere. Everything is kept on the phone first and sent when there is a network.
import { judge } from "./judge/scoring.js";
import { beginning, bring, refusal } from "./offline/beginning.js";
import { button, itemView, make, tag } from "./offline/items.js";
import { Refused, Server, replace, send } from "./offline/sending.js";
import * as store from "./offline/store.js";
import { learn, say } from "./offline/words.js";

const root = document.querySelector("[data-offline]");
const state = root.querySelector("[data-state]");
const view = root.querySelector("[data-view]");
const server = new Server(root.dataset.base);
let sending = false;
let trouble = null; // what kept the last sending from going through

learn(root.querySelector("template"));

const EMPTY = { value: "", note: "", photos: [], latitude: null, longitude: null };
const LONGEST = 1600; // pixels of the longer side of a photo that is kept

/** The answer that this phone goes by: its own last one, else the server's. */
function latest(taken, waiting, item) {
  const own = waiting.filter((one) => one.item === item).pop();
  return own ?? taken.data.answers.find((one) => one.item === item && one.standing === "current") ?? null;
}

/** Keep a change of an answer. One that was never tried to be sent gives way; any other stays in the row before it. */
async function keep(id, item, changes) {
  const taken = await store.get("assessments", id);
  const before = latest(taken, await store.of("answers", id), item);
  const untried = before && "tried" in before && !before.tried;
  const { value, note, photos, latitude, longitude } = { ...EMPTY, ...before, ...changes };
  const base = untried ? before.base : (before?.key ?? null);
  const kept = { key: crypto.randomUUID(), assessment: id, item, value, note, photos, latitude, longitude, base };
  await store.put("answers", { ...kept, answered_at: new Date().toISOString(), at: Date.now(), tried: false });
  if (untried) await store.drop("answers", before.key);
  await show();
  await sendAll();
}

async function keepPhotos(id, item, files) {
  const added = [];
  for (const file of files) {
    const blob = await smaller(file);
    const bytes = await blob.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const photo = { id: crypto.randomUUID(), assessment: id, item, name: file.name || "anh.jpg", blob, size: blob.size, sha256, at: Date.now() };
    await store.put("photos", photo);
    added.push(photo.id);
  }
  const taken = await store.get("assessments", id);
  const before = latest(taken, await store.of("answers", id), item);
  await keep(id, item, { photos: [...(before?.photos ?? []), ...added] });
}

/** A photo no larger than needed; as it is when it is small already or cannot be read here. */
async function smaller(file) {
  try {
    const image = await createImageBitmap(file);
    const scale = LONGEST / Math.max(image.width, image.height);
    if (scale >= 1 && file.type === "image/jpeg") return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * Math.min(scale, 1));
    canvas.height = Math.round(image.height * Math.min(scale, 1));
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return (await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85))) ?? file;
  } catch {
    return file; // the server says what it does not take
  }
}

/** Take an assessment along, or bring what was taken up to what the server has. */
async function take(id) {
  const who = await server.session();
  const data = await server.ask(`${id}/du-lieu`);
  await store.put("assessments", { id, account: who.account, at: Date.now(), data });
}

/** Send all there is; what goes wrong is shown, and tried again with the next change, the network, or the button. */
async function sendAll() {
  if (sending || !navigator.onLine) return show();
  sending = true;
  trouble = null;
  try {
    const who = await server.session();
    await bring(server, who.account);
    for (const taken of await store.all("assessments")) {
      if (taken.account !== who.account) {
        const waits = [...(await store.of("answers", taken.id)), ...(await store.of("photos", taken.id))];
        if (waits.length || taken.begun) trouble = { name: "other_account", signIn: true };
        continue;
      }
      if (await send(server, taken, show)) await take(taken.id);
    }
  } catch (error) {
    trouble = error instanceof Refused && error.status === 401 ? { name: "signed_out", signIn: true } : { name: "failed", why: error instanceof Refused ? error.message : "" };
  } finally {
    sending = false;
  }
  await show();
}

const written = (number) => {
  const short = number.includes(".") ? number.replace(/\.?0+$/, "") : number;
  return document.documentElement.lang.startsWith("en") ? short : short.replace(".", ",");
};

const asked = () => decodeURIComponent(location.hash.slice(1));

/** Draw the page again; the box one is in stays under one's fingers. */
async function show() {
  const taken = await store.get("assessments", asked() || "-");
  const begun = (await store.all("assessments")).filter((one) => one.begun);
  const waiting = { answers: await store.all("answers"), photos: await store.all("photos"), begun };
  const focus = place();
  const parts = taken ? await sheet(taken) : await list(waiting);
  view.replaceChildren(...parts);
  back(focus);
  announce(waiting);
}

function place() {
  const active = document.activeElement;
  const item = active?.closest?.("[data-item]");
  if (!item) return active?.id && view.contains(active) ? { id: active.id } : null;
  const box = active.matches("textarea, input:not([type=radio]):not([type=file])") ? active : null;
  return { item: item.dataset.item, number: [...item.querySelectorAll("input, textarea, button")].indexOf(active), typed: box?.value, changed: box?.value !== box?.defaultValue };
}

function back(focus) {
  if (focus?.id) return document.getElementById(focus.id)?.focus({ preventScroll: true });
  const item = focus && view.querySelector(`[data-item="${CSS.escape(focus.item)}"]`);
  const control = item?.querySelectorAll("input, textarea, button")[focus.number];
  if (!control) return undefined;
  control.closest("details")?.setAttribute("open", "");
  if (focus.typed !== undefined && control.type !== "file") control.value = focus.typed;
  return control.focus({ preventScroll: true });
}

function announce({ answers, photos, begun }) {
  const words = [navigator.onLine ? say("online") : say("offline")];
  const waits = answers.length + photos.length + begun.length;
  if (begun.length) words.push(say("waiting_begun", { count: begun.length }));
  if (answers.length + photos.length) words.push(say("waiting", { answers: answers.length, photos: photos.length }));
  if (!waits) words.push(say("nothing"));
  const inside = [make("p", { cls: "govuk-body" }, sending ? say("sending") : words.join(" "))];
  if (trouble && !sending) {
    inside.push(make("p", { cls: "govuk-body" }, make("strong", {}, say(trouble.name, trouble))));
    if (trouble.signIn) {
      const next = encodeURIComponent(location.pathname + location.hash);
      inside.push(make("p", { cls: "govuk-body" }, make("a", { cls: "govuk-link", href: `${root.dataset.signIn}?next=${next}` }, say("sign_in"))));
    }
  }
  for (const one of [...answers, ...photos].filter((each) => each.refused)) {
    inside.push(make("p", { cls: "govuk-body" }, say("refused", { why: one.refused })));
  }
  if (waits && navigator.onLine && !sending) inside.push(button(say("send"), sendAll));
  state.replaceChildren(...inside);
}

async function list({ answers, photos }) {
  const taken = await store.all("assessments");
  const begin = await beginning((id) => ((location.hash = id), sendAll()));
  if (!taken.length) return [make("p", { cls: "govuk-body" }, say("empty")), ...(begin ? [begin] : [])];
  const rows = taken.map((one) => {
    const waits = [...answers, ...photos].filter((each) => each.assessment === one.id).length;
    const row = make("li", {}, make("a", { cls: "govuk-link", href: `#${one.id}` }, one.data.target), " ", waits ? tag(say("unsent"), "yellow") : null);
    row.append(make("p", { cls: "govuk-body-s hl-muted" }, `${one.data.title} · ${one.data.code || say("not_begun")}`));
    if (!waits) row.append(button(say("drop"), () => store.drop("assessments", one.id).then(show)));
    return row;
  });
  return [make("ul", { cls: "govuk-list hl-rows" }, ...rows), ...(begin ? [begin] : [])];
}

async function sheet(taken) {
  const { data } = taken;
  const waiting = await store.of("answers", taken.id);
  const answers = {};
  for (const node of items(data.spec.tree)) {
    const answer = latest(taken, waiting, node.code);
    if (answer) answers[node.code] = { ...answer, photos: answer.photos.length, place: answer.latitude !== null };
  }
  const verdict = judge(data.spec, answers);
  const parts = [
    make("p", { cls: "govuk-body" }, make("a", { cls: "govuk-back-link", href: "#" }, say("back"))),
    make("h2", { cls: "govuk-heading-m" }, data.target),
    make("p", { cls: "govuk-body-s hl-muted" }, `${data.title} · ${data.code || say("not_begun")}`),
    ...[refusal(taken, sendAll)].filter(Boolean),
    make("p", { cls: "govuk-body", "data-score": true }, say("score", { score: written(verdict.score), max: written(verdict.max), missing: verdict.missing.length })),
  ];
  if (data.state !== "draft") return [...parts, make("p", { cls: "govuk-body" }, say("not_draft"))];
  for (const node of items(data.spec.tree)) {
    const standing = data.answers.filter((one) => one.item === node.code);
    if (standing.some((one) => one.standing === "rival")) parts.push(dispute(taken, node, standing));
  }
  rows(data.spec.tree, "", (node, number) => {
    if (node.items.length) return parts.push(make("h3", { cls: "govuk-heading-s" }, `${number}. ${node.title}`));
    const answer = { ...EMPTY, ...latest(taken, waiting, node.code) };
    const unsent = waiting.some((one) => one.item === node.code);
    const save = (changes) => guarded(() => keep(taken.id, node.code, changes));
    const add = (files) => guarded(() => keepPhotos(taken.id, node.code, files));
    return parts.push(itemView(node, number, data.choices[node.code], answer, { unsent, save, add, locate: () => locate(save) }));
  });
  return parts;
}

/** Both answers side by side; whichever is chosen, the other stays in the history. */
function dispute(taken, node, standing) {
  const labels = Object.fromEntries(taken.data.choices[node.code]);
  const one = (answer) => {
    const inside = [make("p", { cls: "govuk-body" }, make("strong", {}, labels[answer.value] ?? (answer.value || say("no_answer"))))];
    if (answer.note) inside.push(make("p", { cls: "govuk-body-s" }, answer.note));
    if (answer.photos.length) inside.push(make("p", { cls: "govuk-body-s" }, say("photos", { count: answer.photos.length })));
    inside.push(make("p", { cls: "govuk-body-s hl-muted" }, `${answer.label}, ${new Date(answer.answered_at).toLocaleString("vi-VN")}`));
    inside.push(button(say("choose"), () => choose(taken, node.code, answer.key, standing)));
    return make("div", { cls: "hl-answer" }, ...inside);
  };
  const title = make("h3", { cls: "govuk-heading-s" }, say("conflict", { title: node.title }));
  return make("section", { cls: "hl-dispute", "data-dispute": node.code }, title, make("div", { cls: "hl-side-by-side" }, ...standing.map(one)));
}

async function choose(taken, item, key, standing) {
  try {
    await server.session();
    const told = await server.ask(`${taken.id}/chon-mot`, { item, key, seen: standing.map((one) => one.key) });
    await replace(taken.id, item, told.answers);
    trouble = null;
  } catch (error) {
    trouble = error instanceof Refused && error.status === 401 ? { name: "signed_out", signIn: true } : { name: "failed", why: error instanceof Refused ? error.message : "" };
  }
  await sendAll();
}

function locate(save) {
  const failed = () => void (trouble = { name: "no_place" }, show());
  if (!navigator.geolocation) return failed();
  return navigator.geolocation.getCurrentPosition(({ coords }) => save({ latitude: coords.latitude.toFixed(6), longitude: coords.longitude.toFixed(6) }), failed, { enableHighAccuracy: true, timeout: 20000 });
}

/** What cannot be kept is said at once: it is not on the phone. */
async function guarded(act) {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    trouble = { name: "full" };
    await show();
  }
}

function* items(node) {
  if (!node.items.length) yield node;
  for (const inner of node.items) yield* items(inner);
}

function rows(node, number, each) {
  for (const [position, inner] of node.items.entries()) {
    const its = number ? `${number}.${position + 1}` : String(position + 1);
    each(inner, its);
    rows(inner, its, each);
  }
}

async function start() {
  if ("serviceWorker" in navigator) await navigator.serviceWorker.register(root.dataset.worker, { scope: root.dataset.base });
  await navigator.storage?.persist?.();
}

async function open() {
  const [, wanted] = /^mang-theo=([0-9a-f-]{36})$/.exec(asked()) ?? [];
  if (wanted) {
    history.replaceState(null, "", `#${wanted}`);
    if (!(await store.get("assessments", wanted))) {
      try {
        await take(wanted);
      } catch (error) {
        trouble = error instanceof Refused && error.status === 401 ? { name: "signed_out", signIn: true } : { name: "failed", why: error instanceof Refused ? error.message : "" };
      }
    }
  }
  await show();
  await sendAll();
}

addEventListener("hashchange", open);
addEventListener("online", sendAll);
addEventListener("offline", show);
addEventListener("focus", () => trouble && sendAll()); // perhaps signed in elsewhere meanwhile
start().catch(() => {}).finally(open);
