// What the keywords of JSON Schema compare: types, equality, sizes, multiples, patterns.
import { Undecided } from "./undecided.js";

export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export function typeIs(type, value) {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

export function equal(one, other) {
  if (one === other) return true;
  if (Array.isArray(one)) return Array.isArray(other) && one.length === other.length && one.every((item, number) => equal(item, other[number]));
  if (!isObject(one) || !isObject(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => Object.hasOwn(other, name) && equal(one[name], other[name]));
}

/** A finite number as a whole number and the power of ten that it is multiplied by: exact, as it is written. */
function decimal(number) {
  const [digits, exponent = "0"] = String(number).split("e");
  const [whole, fraction = ""] = digits.split(".");
  return [BigInt(whole + fraction), Number(exponent) - fraction.length];
}

export function isMultiple(value, step) {
  const [count, power] = decimal(value);
  const [size, other] = decimal(step);
  const least = Math.min(power, other);
  return (count * 10n ** BigInt(power - least)) % (size * 10n ** BigInt(other - least)) === 0n;
}

const patterns = new Map();

export function pattern(text) {
  if (!patterns.has(text)) {
    try {
      patterns.set(text, new RegExp(text, "u"));
    } catch {
      throw new Undecided(`pattern ${text}`);
    }
  }
  return patterns.get(text);
}

function unique(items) {
  return items.every((item, number) => items.slice(number + 1).every((other) => !equal(item, other)));
}

const length = (text) => [...text].length;

/** By type of value: keyword → whether a value satisfies it. */
export const KEYWORDS = {
  number: {
    minimum: (value, limit) => value >= limit,
    maximum: (value, limit) => value <= limit,
    exclusiveMinimum: (value, limit) => value > limit,
    exclusiveMaximum: (value, limit) => value < limit,
    multipleOf: isMultiple,
  },
  string: {
    minLength: (value, limit) => length(value) >= limit,
    maxLength: (value, limit) => length(value) <= limit,
    pattern: (value, text) => pattern(text).test(value),
  },
  array: {
    minItems: (value, limit) => value.length >= limit,
    maxItems: (value, limit) => value.length <= limit,
    uniqueItems: (value, wanted) => !wanted || unique(value),
  },
  object: {
    minProperties: (value, limit) => Object.keys(value).length >= limit,
    maxProperties: (value, limit) => Object.keys(value).length <= limit,
  },
};
