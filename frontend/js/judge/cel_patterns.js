// Patterns of `matches()`, written for the server's engine (Rust), as patterns of the browser. What the two read
// differently is rewritten; what cannot be is left to the server.
import { Undecided } from "./undecided.js";

const WORD = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";
const CLASSES = { d: "\\p{Nd}", D: "\\P{Nd}", s: "\\p{White_Space}", S: "\\P{White_Space}" };
const SYNTAX = "^$\\.*+?()[]{}|/";
const patterns = new Map();

/** Whether `pattern` is found in `text`. */
export function found(pattern, text) {
  if (!patterns.has(pattern)) patterns.set(pattern, rewritten(pattern));
  return patterns.get(pattern).test(text);
}

function rewritten(pattern) {
  try {
    return new RegExp(new Reader(pattern).all(), "u");
  } catch (error) {
    throw error instanceof Undecided ? error : new Undecided(`pattern ${pattern}`);
  }
}

class Reader {
  constructor(pattern) {
    this.characters = [...pattern];
    this.at = 0;
  }

  all() {
    let written = "";
    while (this.at < this.characters.length) written += this.piece();
    return written;
  }

  take() {
    return this.characters[this.at++];
  }

  piece() {
    const character = this.take();
    if (character === "\\") return this.escape(false);
    if (character === "[") return this.set();
    if (character === ".") return "[^\\n]";
    if (character === "(" && this.characters[this.at] === "?") {
      if (this.characters[this.at + 1] !== ":") throw new Undecided("flags, names and looks of groups");
    }
    return character;
  }

  escape(inSet) {
    const letter = this.take();
    if (letter in CLASSES) return CLASSES[letter];
    if (letter === "w") return inSet ? WORD : `[${WORD}]`;
    if (letter === "W" && !inSet) return `[^${WORD}]`;
    if (letter === "p" || letter === "P") return this.property(letter);
    if ("nrtfv".includes(letter)) return `\\${letter}`;
    if (letter === "A" && !inSet) return "^";
    if (letter === "z" && !inSet) return "$";
    if (/[!-/:-@[-`{-~]/.test(letter) && letter !== "<" && letter !== ">") return SYNTAX.includes(letter) || (inSet && letter === "-") ? `\\${letter}` : letter;
    throw new Undecided(`escape \\${letter}`);
  }

  property(letter) {
    if (this.characters[this.at] !== "{") return `\\${letter}{${this.take()}}`;
    const end = this.characters.indexOf("}", this.at);
    if (end < 0) throw new Undecided("a property without end");
    const name = this.characters.slice(this.at + 1, end).join("");
    if (!/^[A-Za-z_]+$/.test(name)) throw new Undecided(`property ${name}`);
    this.at = end + 1;
    return `\\${letter}{${name}}`;
  }

  set() {
    let written = "[";
    if (this.characters[this.at] === "^") written += this.take();
    if (this.characters[this.at] === "]") throw new Undecided("a bracket first in a set");
    while (this.at < this.characters.length) {
      const character = this.take();
      const following = this.characters[this.at];
      if (character === "]") return `${written}]`;
      if (character === "[" || ("&-~".includes(character) && following === character)) throw new Undecided("sets of sets");
      written += character === "\\" ? this.escape(true) : character;
    }
    throw new Undecided("a set without end");
  }
}
