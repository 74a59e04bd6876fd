// The verdict on one page of a form, as capabilities/forms/engine.py gives it: which questions are asked, what is
// wrong. Works on the sheet that capabilities/forms/browser.py wrote into the page. Whatever this judge does not know
// it leaves to the server: a question then stays as it is shown, and no fault is told.
import { UNKNOWN, computed, evaluate, holds } from "./cel.js";
import { isSound } from "./identifiers.js";
import { prepare } from "./schema.js";
import { FORMATS } from "./formats.js";
import { MAX_ITEMS, MAX_NUMBER, coerce } from "./typed.js";
import { Undecided } from "./undecided.js";

const MOST_FAULTS = 3;
const WIDGET_PATTERNS = { phone: /^0[0-9]{9}$/, "personal-id": /^[0-9]{12}$/ };

/** What `act` gives, or `otherwise` when this judge does not know. */
function known(act, otherwise) {
  try {
    return act();
  } catch (error) {
    if (error instanceof Undecided) return otherwise;
    throw error;
  }
}

/** A value as JSON has it: no whole numbers of their own, fractions or not. */
function plain(value) {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  return value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)])) : value;
}

/** A value of the sheet as the expressions want it: `{"double": 12}` is a fraction, other numbers are whole. */
function given(value) {
  if (typeof value === "number") return BigInt(value);
  if (Array.isArray(value)) return value.map(given);
  return value !== null && typeof value === "object" ? Number(value.double) : value;
}

export class PageJudge {
  #judges = new Map();
  #demands = [];

  constructor(sheet) {
    this.sheet = sheet;
    this.known = Object.fromEntries(Object.entries(sheet.known).map(([name, value]) => [name, given(value)]));
    this.#demands = sheet.demands.map((demand) => known(() => prepare(demand.schema), null));
    for (const field of sheet.fields) {
      if (field.schema) this.#judges.set(field.name, known(() => prepare(field.schema, { formats: FORMATS }), null));
    }
  }

  /**
   * Go through the page, given what is typed: which questions are asked (true, false, or null for whatever is shown
   * now), and the values of those: no answer is null, what only the server knows is UNKNOWN.
   */
  walk(typed) {
    const soFar = { ...this.known, today: this.sheet.today };
    const asked = {};
    const values = {};
    for (const field of this.sheet.fields) {
      const { name, when } = field;
      asked[name] = when === undefined ? (field.fixed ?? null) : known(() => holds(when, soFar), null);
      values[name] = known(() => this.#value(field, typed[name], soFar), UNKNOWN);
      if (asked[name] === true) soFar[name] = values[name];
      else if (asked[name] === null && values[name] !== null) soFar[name] = UNKNOWN;
    }
    return { asked, values };
  }

  #value(field, raw, soFar) {
    if (field.value !== undefined) return given(field.value);
    const value = coerce(field.computed ? computed(field.computed, soFar, field.type) : raw, field);
    return Array.isArray(value) && !value.length ? null : value;
  }

  /** What is wrong, by field: a list of messages, empty when nothing is, null when only the server knows. */
  faults(typed, shown) {
    const data = this.walk(typed).values;
    const found = {};
    const asked = this.sheet.fields.filter((field) => shown.has(field.name));
    for (const field of asked) found[field.name] = known(() => this.#faultsOf(field, data[field.name]), null);
    const wrong = new Set(asked.map((field) => field.name).filter((name) => found[name]?.length && data[name] !== null));
    for (const { name, computed_from: from = [] } of asked) {
      if (from.some((other) => wrong.has(other))) {
        wrong.add(name);
        found[name] = []; // it says nothing while what it is made of is wrong
      } else if (from.some((other) => found[other] === null)) found[name] = null;
    }
    const open = new Set(asked.map((field) => field.name).filter((name) => found[name] === null));
    this.#demand(asked, data, found, open, wrong);
    const sound = { ...this.known, today: this.sheet.today };
    for (const { name } of asked) {
      if (!open.has(name) && !wrong.has(name) && !found[name]?.length && data[name] !== null) sound[name] = data[name];
    }
    for (const rule of this.sheet.rules) {
      if (!shown.has(rule.field) || rule.reads.some((name) => open.has(name)) || rule.reads.some((name) => !(name in sound))) continue;
      if (known(() => evaluate(rule.when, sound), null) === false) found[rule.field]?.push(rule.message);
    }
    for (const [name, messages] of Object.entries(found)) if (messages) found[name] = [...new Set(messages)].slice(0, MOST_FAULTS);
    return found;
  }

  /** Demands on the answers together: what they ask for and is not there is missing. Nothing follows from what is wrong. */
  #demand(asked, data, found, open, wrong) {
    const there = { ...this.known };
    for (const field of asked) {
      const value = data[field.name];
      if (value !== null && !open.has(field.name) && !known(() => this.#sizeFault(field, value), "")) there[field.name] = value;
    }
    const answers = Object.fromEntries(Object.entries(there).map(([name, value]) => [name, plain(value)]));
    for (const [number, demand] of this.sheet.demands.entries()) {
      if (demand.reads.some((name) => wrong.has(name))) continue;
      const unsure = demand.reads.some((name) => open.has(name));
      const faults = unsure ? null : known(() => this.#demands[number]?.(answers) ?? null, null);
      for (const field of asked.filter(({ name }) => demand.asks.includes(name) && !open.has(name) && data[name] === null)) {
        if (faults === null) found[field.name] = found[field.name].length ? found[field.name] : null;
        else if (faults.some((fault) => fault.keyword === "required" && fault.limit === field.name)) found[field.name]?.push(field.missing);
      }
    }
  }

  #faultsOf(field, value) {
    if (value === null) return field.required ? [field.missing] : [];
    if (value === UNKNOWN || !field.schema) throw new Undecided(field.name);
    const size = this.#sizeFault(field, value);
    if (size) return [size];
    const judge = this.#judges.get(field.name);
    if (!judge) throw new Undecided(field.name);
    const found = judge(plain(value)).map((fault) => {
      const message = fault.path.length ? undefined : field.messages?.[fault.keyword]; // of several parts: the server's words
      if (message === undefined) throw new Undecided(`${field.name}: ${fault.keyword}`);
      return message;
    });
    if (!found.length && field.messages && field.kind && !isSound(field.kind, value)) found.push(field.messages.kind);
    return found;
  }

  #sizeFault(field, value) {
    if (Array.isArray(value) && value.length > MAX_ITEMS) return field.messages["size:maxItems"];
    const isNumber = typeof value === "bigint" || typeof value === "number";
    if (isNumber && (value > MAX_NUMBER || value < -MAX_NUMBER)) return field.messages[value > 0 ? "size:maximum" : "size:minimum"];
    const pattern = field.schema.pattern === undefined && field.type === "string" && WIDGET_PATTERNS[field.widget];
    return pattern && !(typeof value === "string" && pattern.test(value)) ? field.messages["size:pattern"] : "";
  }
}
