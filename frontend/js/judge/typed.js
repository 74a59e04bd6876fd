// What was typed becomes data, as foundation/schemas/cleaning.py does: whole numbers are BigInt, fractions Number; what
// cannot be understood stays as it was typed, and no answer is null. A field says its `type`, `widget`, `kind`, `format`;
// one of several boxes says so of each of them in `parts`.
import { day } from "./cel_functions.js";
import { spelled } from "./identifiers.js";
import { spelledOut } from "./numbers.js";
import { Undecided } from "./undecided.js";

/** Longest text of one field, in characters; most items of a list; numbers beyond are no amounts. */
export const MAX_TEXT = 20_000;
export const MAX_ITEMS = 500;
export const MAX_NUMBER = 10 ** 15;

const INVISIBLE = /[\u202a-\u202e\u2066-\u2069\ufeff\u200b]/g;
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Cs}\p{Cn}\p{Co}]/gu;
const ASCII = /^[\x00-\x7f]*$/;
const TRUE = new Set(["true", "on", "1", "yes", "có", "đồng ý"]);
const FALSE = new Set(["false", "off", "0", "no", "không"]);

const oneLine = (value) => value.split(/\s+/).filter(Boolean).join(" ");

/** What was typed, as the server takes it from the post: without control characters. */
export function storable(value) {
  return value.replaceAll("\r\n", "\n").replaceAll("\r", "\n").normalize("NFC").replace(/(?![\n\t])\p{Cc}/gu, "");
}

/** One Unicode form, trimmed, without control and invisible characters; line breaks stay when `lines`. */
export function text(value, lines = false) {
  let whole = value.replace(/\p{Cs}/gu, "?").replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  whole = whole.normalize("NFC").replace(INVISIBLE, "").replace(CONTROLS, " ");
  return lines ? whole.trim().split("\n").map(oneLine).join("\n") : oneLine(whole);
}

/** An answer as its field wants it: from a text, a truth, a list of texts, or a computed value. */
export function coerce(value, field) {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "bigint") return isNumber(field) ? value : wholeAsText(value, field);
  if (typeof value === "number") return fraction(value, field);
  if (Array.isArray(value)) {
    if (field.type !== "array") throw new Undecided("a list for one answer");
    return list(value, field);
  }
  if (field.parts && typeof value === "object") return parts(value, field);
  if (typeof value !== "string") throw new Undecided("no text"); // what only the server can read
  return fromText(value, field);
}

const isNumber = ({ type }) => type === "integer" || type === "number";

function wholeAsText(value, field) {
  if (value >= MAX_NUMBER || value <= -MAX_NUMBER) throw new Undecided("a large number as a text");
  return fromText(String(value), field);
}

/** A computed fraction. */
function fraction(value, field) {
  if (!Number.isFinite(value)) return null;
  if (field.type === "integer" && Number.isInteger(value) && Math.abs(value) <= MAX_NUMBER) return BigInt(value);
  if (!isNumber(field)) throw new Undecided("a fraction as a text");
  return value;
}

function fromText(raw, field) {
  if (raw.length > MAX_TEXT) throw new Undecided("a very long text");
  const value = text(raw, field.widget === "textarea");
  if (!value) return null;
  switch (field.type) {
    case "integer":
    case "number":
      return number(value, field.type);
    case "boolean":
      return TRUE.has(value.toLowerCase()) || (FALSE.has(value.toLowerCase()) ? false : value);
    case "array":
      return list(value.split("\n").filter(Boolean), field);
    case "object":
      throw new Undecided("an answer of several parts");
  }
  if (field.kind) {
    const written = spelled(field.kind, value);
    if (written !== value) return written;
  }
  if (field.format === "date" || field.widget === "date") return isoDate(value);
  if (field.widget === "phone") return phone(value);
  if (field.widget === "personal-id") {
    const digits = value.replace(/[ .-]/g, "");
    return /^\p{Nd}+$/u.test(digits) ? digits : value;
  }
  return field.widget === "email" || field.format === "email" ? value.replaceAll(" ", "") : value;
}

function number(value, type) {
  const plain = value.replace(/\s*(đồng|đ|₫|vnd|vnđ)\s*$/i, "").trim();
  if (plain.length > 40 || !ASCII.test(plain)) return value;
  if (/^[+-]?\d+$/.test(plain)) return BigInt(plain.replace(/^\+/, ""));
  if (type === "integer") return /^[+-]?[1-9]\d{0,2}([. ,]\d{3})+$/.test(plain) ? BigInt(plain.replace(/[^\d-]/g, "")) : value;
  const digits = spelledOut(plain);
  if (digits === null) return value;
  return digits.includes(".") ? Number(digits) : BigInt(digits.replace(/^\+/, ""));
}

function isoDate(value) {
  const parts = ASCII.test(value) && /^(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})$/.exec(value);
  if (!parts) return value;
  const iso = `${parts[3]}-${parts[2].padStart(2, "0")}-${parts[1].padStart(2, "0")}`;
  return day(iso) === null ? value : iso;
}

function phone(value) {
  const digits = value.replace(/[ .()-]/g, "");
  if (!/^\p{Nd}+$/u.test(digits.replace(/^\+/, ""))) return value;
  for (const prefix of ["+84", "0084"]) if (digits.startsWith(prefix)) return `0${digits.slice(prefix.length).replace(/^0+/, "")}`;
  return digits.startsWith("84") && digits.length === 11 ? `0${digits.slice(2)}` : digits;
}

/** An answer of several boxes: what each of them says. */
function parts(value, field) {
  const told = Object.entries(field.parts).filter(([name]) => Object.hasOwn(value, name));
  const found = told.map(([name, part]) => [name, coerce(value[name], part)]);
  return Object.fromEntries(found.filter(([, part]) => part !== null));
}

function list(values, field) {
  const items = values.slice(0, MAX_ITEMS + 1).map((value) => coerce(value, field.items ?? { type: "string" }));
  return items.filter((item) => item !== null);
}
