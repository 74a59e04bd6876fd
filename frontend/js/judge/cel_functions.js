// The functions that our expressions may call; a dot before the name: called on a value. `data.today` is the day.
import { Failure } from "./cel_values.js";
import { found } from "./cel_patterns.js";
import { Undecided } from "./undecided.js";

const WHOLE = /^[+-]?\d+$/;
const FRACTION = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const DAY = 86_400_000;

function text(value) {
  if (typeof value !== "string") throw new Failure();
  return value;
}

/** A function of exactly so many arguments. */
function of(count, body) {
  return (given, data) => {
    if (given.length !== count) throw new Failure();
    return body(...given, data);
  };
}

/** Of a text the server's engine counts the bytes of UTF-8, not the letters. */
function size(value) {
  if (typeof value === "string") return BigInt(new TextEncoder().encode(value).length);
  if (Array.isArray(value)) return BigInt(value.length);
  if (value !== null && typeof value === "object") return BigInt(Object.keys(value).length);
  throw new Failure();
}

function int(value) {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") {
    if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) throw new Undecided("a fraction beyond whole numbers");
    return BigInt(Math.trunc(value));
  }
  if (!WHOLE.test(text(value))) throw new Failure();
  const number = BigInt(value.replace(/^\+/, ""));
  if (number >= 2n ** 63n || number < -(2n ** 63n)) throw new Failure();
  return number;
}

function double(value) {
  if (typeof value === "bigint" || typeof value === "number") return Number(value);
  if (FRACTION.test(text(value))) return Number(value);
  if (/^[+-]?(inf|infinity|nan)$/i.test(value)) throw new Undecided("no common number");
  throw new Failure();
}

function string(value) {
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "number") throw new Failure();
  if (value !== 0 && !(Math.abs(value) >= 1e-6 && Math.abs(value) < 1e21)) throw new Undecided("a number written with an exponent");
  return Object.is(value, -0) ? "-0" : String(value);
}

function contains(value, part) {
  if (Array.isArray(value)) throw new Undecided("contains() of a list");
  return text(value).includes(text(part));
}

/** The day of an ISO text, in milliseconds; null when it is none. Week dates are left to the server. */
export function day(value) {
  const written = typeof value === "string" ? value : typeof value === "bigint" ? String(value) : "";
  if (/^\d{4}-?W/.test(written)) throw new Undecided("a date by weeks");
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(written) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(written);
  if (!parts) return null;
  const [year, month, date] = parts.slice(1).map(Number);
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, date);
  const real = year > 0 && moment.getUTCFullYear() === year && moment.getUTCMonth() === month - 1 && moment.getUTCDate() === date;
  return real ? moment.getTime() : null;
}

function age(born, { today }) {
  const [birth, now] = [day(born), day(today)];
  if (birth === null) return -1n;
  const [first, last] = [new Date(birth), new Date(now)];
  const before = last.getUTCMonth() - first.getUTCMonth() || last.getUTCDate() - first.getUTCDate();
  return BigInt(last.getUTCFullYear() - first.getUTCFullYear() - (before < 0 ? 1 : 0));
}

function daysBetween(first, second) {
  const [start, end] = [day(first), day(second)];
  return start === null || end === null ? 0n : BigInt((end - start) / DAY);
}

export const FUNCTIONS = {
  age: of(1, age),
  days_between: of(2, daysBetween),
  size: of(1, size),
  ".size": of(1, size),
  int: of(1, int),
  double: of(1, double),
  string: of(1, string),
  ".contains": of(2, contains),
  ".startsWith": of(2, (value, part) => text(value).startsWith(text(part))),
  ".endsWith": of(2, (value, part) => text(value).endsWith(text(part))),
  ".matches": of(2, (value, pattern) => found(text(pattern), text(value))),
};
