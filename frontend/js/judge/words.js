// A value as a person reads it, as foundation/schemas/display.py writes it.
import { day } from "./cel_functions.js";
import { Undecided } from "./undecided.js";

const grouped = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ".");

/** A value in words; `field` says its `widget`, and in `words` what values are called. */
export function inWords(value, field) {
  if (value === null) return "";
  const called = field.words?.[String(value)];
  if (called !== undefined) return called;
  switch (typeof value) {
    case "bigint":
      if (field.widget === "money") return `${grouped(value)} đồng`;
      return value < 10_000n ? String(value) : grouped(value);
    case "number":
      return fraction(value);
    case "string":
      return field.widget === "date" ? date(value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => inWords(item, { ...field.items, words: field.words })).join(", ");
  throw new Undecided("no words for it");
}

/** Six digits that count, and a comma. */
function fraction(value) {
  if (value !== 0 && !(Math.abs(value) >= 1e-4 && Math.abs(value) < 999_999.5)) throw new Undecided("an exponent");
  return Object.is(value, -0) ? "-0" : String(Number(value.toPrecision(6))).replace(".", ",");
}

function date(text) {
  const moment = day(text);
  return moment === null ? text : new Date(moment).toISOString().slice(0, 10).split("-").reverse().join("/");
}
