// Operators of the expression language over values: whole numbers (BigInt, 64 bits), fractions (Number), texts, lists.
import { Undecided } from "./undecided.js";

/** An expression that has no value: the server gives none either. */
export class Failure extends Error {}

const isWhole = (value) => typeof value === "bigint";
const isFraction = (value) => typeof value === "number";
const isText = (value) => typeof value === "string";
const isMap = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const LARGEST = 2n ** 63n;

function bounded(value) {
  if (value >= LARGEST || value < -LARGEST) throw new Failure();
  return value;
}

/** An operation on two whole numbers or two fractions; nothing else has it. */
function arithmetic(whole, fraction) {
  return (one, other) => {
    if (isWhole(one) && isWhole(other)) return bounded(whole(one, other));
    if (isFraction(one) && isFraction(other) && fraction) return fraction(one, other);
    throw new Failure();
  };
}

function notZero(value) {
  if (value === 0n) throw new Failure();
  return value;
}

const sum = arithmetic((a, b) => a + b, (a, b) => a + b);

export function add(one, other) {
  if (isText(one) && isText(other)) return one + other;
  if (Array.isArray(one) && Array.isArray(other)) return [...one, ...other];
  if (Array.isArray(one) && isMap(other)) throw new Undecided("a list and a map");
  return sum(one, other);
}

export const subtract = arithmetic((a, b) => a - b, (a, b) => a - b);
export const multiply = arithmetic((a, b) => a * b, (a, b) => a * b);
export const divide = arithmetic((a, b) => a / notZero(b), (a, b) => a / b);
export const remainder = arithmetic((a, b) => a % notZero(b), null);

export function negative(value) {
  if (isWhole(value) || isFraction(value)) return -value;
  if (typeof value === "boolean") throw new Undecided("minus of a truth");
  throw new Failure();
}

export function equals(one, other) {
  if ((isWhole(one) && isFraction(other)) || (isFraction(one) && isWhole(other))) return Number(one) === Number(other);
  if (Array.isArray(one)) return Array.isArray(other) && one.length === other.length && one.every((item, number) => equals(item, other[number]));
  if (isMap(one)) {
    const names = Object.keys(one);
    return isMap(other) && names.length === Object.keys(other).length && names.every((name) => Object.hasOwn(other, name) && equals(one[name], other[name]));
  }
  return one === other;
}

/** Below, equal or above: -1, 0, 1. Texts by their characters, as UTF-8 sorts them. */
export function compare(one, other) {
  const numbers = (isWhole(one) || isFraction(one)) && (isWhole(other) || isFraction(other));
  if (isText(one) && isText(other)) return byCharacter(one, other);
  if (!numbers && !(typeof one === "boolean" && typeof other === "boolean")) throw new Failure();
  const [left, right] = isFraction(one) || isFraction(other) ? [Number(one), Number(other)] : [one, other];
  if (left !== left || right !== right) throw new Failure();
  return left < right ? -1 : left > right ? 1 : 0;
}

function byCharacter(one, other) {
  const [left, right] = [[...one], [...other]];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = left[at].codePointAt(0) - right[at].codePointAt(0);
    if (difference) return Math.sign(difference);
  }
  return Math.sign(left.length - right.length);
}

export function position(target, index) {
  if (Array.isArray(target) && isWhole(index)) {
    if (index < 0n || index >= BigInt(target.length)) throw new Failure();
    return target[Number(index)];
  }
  if (isMap(target) && isText(index)) {
    if (!Object.hasOwn(target, index)) throw new Failure();
    return target[index];
  }
  if (isMap(target)) throw new Undecided("a key that is no text");
  throw new Failure();
}
