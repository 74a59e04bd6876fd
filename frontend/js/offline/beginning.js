// Beginning an assessment on the phone, with or without network: by a form that was taken along, of a record by its key or of
// something named. It has a key of its own, so that the server begins it once however often it is sent.
import { button, make } from "./items.js";
import * as store from "./store.js";
import { say } from "./words.js";

const typed = {}; // what stands in the boxes, while the page is drawn again around them

const FRESH = 3600_000; // milliseconds for which the forms that are here are new enough

/** Bring the forms that this account assesses by; whoever assesses nothing has none. */
export async function bring(server, account) {
  const kept = await store.get("forms", account);
  if (kept && Date.now() - kept.at < FRESH) return;
  try {
    await store.put("forms", { account, at: Date.now(), ...(await server.ask("mang-theo")) });
  } catch (error) {
    if (error.status !== 403) throw error;
    await store.drop("forms", account);
  }
}

function remembering(control) {
  control.addEventListener("input", () => (typed[control.id] = control.value));
  if (control.id in typed) control.value = typed[control.id];
  return control;
}

const select = (id, choices) => remembering(make("select", { cls: "govuk-select", id }, ...choices.map(([value, words]) => make("option", { value }, words))));

function group(words, control, id = control.id) {
  return make("div", { cls: "govuk-form-group" }, make("label", { cls: "govuk-label", for: id }, words), control);
}

const text = (id) => remembering(make("input", { cls: "govuk-input govuk-input--width-20", id, autocomplete: "off" }));

/** The form that begins one; null while no scoring form was taken along. `begun(id)` opens it. */
export async function beginning(begun) {
  const [kept] = (await store.all("forms")).sort((left, right) => right.at - left.at);
  if (!kept?.forms.length) return null;
  const form = select("bat-dau-bieu", kept.forms.map((one) => [one.code, one.title]));
  const agency = select("bat-dau-co-quan", kept.agencies);
  const where = text("bat-dau-noi");
  const target = make("div", {});
  const fault = make("p", { cls: "govuk-error-message", role: "alert" });
  let fields = {};
  const chosen = () => kept.forms.find((one) => one.code === form.value);
  const ask = () => {
    const { targets } = chosen();
    fields = targets.length ? { register: select("bat-dau-csdl", targets), key: text("bat-dau-ma") } : { name: text("bat-dau-ten") };
    const words = { register: say("register"), key: say("key"), name: say("target") };
    target.replaceChildren(...Object.entries(fields).map(([name, control]) => group(words[name], control)));
  };
  const go = async () => {
    const said = Object.fromEntries(Object.entries(fields).map(([name, control]) => [name, control.value.trim()]));
    const named = said.key ?? said.name;
    if (!named) return void fault.replaceChildren(say("no_key"));
    const id = crypto.randomUUID();
    const { code, title, spec, choices } = chosen();
    const day = new Date(Date.now() + 7 * 3600_000).toISOString().slice(0, 10); // the Vietnamese day, whatever the phone is set to
    const data = { id, code: "", target: named, title, state: "draft", place: where.value, spec, choices, answers: [], photos: [] };
    const sent = { form: code, organization: Number(agency.value), place: where.value.trim(), day, ...said };
    await store.put("assessments", { id, account: kept.account, at: Date.now(), begun: sent, data });
    for (const control of [...Object.values(fields), where]) delete typed[control.id];
    return begun(id);
  };
  form.addEventListener("change", ask);
  ask();
  const inside = [make("p", { cls: "govuk-hint" }, say("begin_hint")), group(say("form"), form), group(say("agency"), agency), target, group(say("where"), where), fault];
  return make("section", { "data-begin": true }, make("h2", { cls: "govuk-heading-m" }, say("begin")), ...inside, button(say("begin"), go, false));
}

/** What the server said no to, and the key to mend; null when it did not. */
export function refusal(taken, again) {
  if (!taken.refused) return null;
  const input = text("sua-ma");
  const name = "key" in taken.begun ? "key" : "name";
  if (!(input.id in typed)) input.value = taken.begun[name];
  const mend = async () => {
    const { refused, ...rest } = await store.get("assessments", taken.id);
    await store.put("assessments", { ...rest, begun: { ...rest.begun, [name]: input.value.trim() }, data: { ...rest.data, target: input.value.trim() } });
    delete typed[input.id];
    await again();
  };
  const why = make("p", { cls: "govuk-error-message", role: "alert" }, say("begin_refused", { why: taken.refused }));
  return make("div", { "data-refused": true }, why, group(say(name === "key" ? "key" : "target"), input), button(say("again"), mend));
}
