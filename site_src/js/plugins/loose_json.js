/**
 * The loose JSON in which form elements are written inside a text: `{id: 'sigma', type: 'number'}`.
 *
 * Names may be bare or in single or double quotes, texts in either, with apostrophes and colons inside: a quote ends
 * a text only where the notation can go on behind it. Called by `ui.js`.
 */

/** @import { JsonObject, JsonValue } from "./literals.js" */

const DEPTH_LIMIT = 32;
const SPACE = /[ \t\r\n\f\u00a0]*/y;
const BARE_NAME = /[\w$-]+/y;
const NUMBER = /[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?(?![\w.])/y;
/** Python's words too: plugins put such texts together in Python. */
const WORD = /(?:true|false|null|True|False|None)(?![\w$-])/y;
const BEHIND_NAME = /[ \t\r\n\f\u00a0]*:/y;
/** Where a text may end; also before the next name, so that a forgotten comma is found where it is missing. */
const BEHIND_TEXT = /[ \t\r\n\f\u00a0]*(?:[,}\]]|$)|[ \t\r\n\f\u00a0]+["']?\w+["']?[ \t]*:[ \t]*["'[{0-9]/y;
/** @type {Record<string, string>} */
const ESCAPES = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
/** @type {Record<string, JsonValue>} */
const WORDS = { true: true, false: false, null: null, True: true, False: false, None: null };

/** What cannot be read, in words that continue "cannot be read: ...". */
export class LooseJsonError extends Error {
  /** @param {string} problem */
  constructor(problem) {
    super(problem);
    this.name = "LooseJsonError";
  }
}

/**
 * The object that begins with the brace at `start`, and the place behind it. Throws LooseJsonError.
 * @param {string} text
 * @param {number} start
 * @returns {{value: JsonObject, end: number}}
 */
export function readLooseObject(text, start) {
  const reader = new Reader(text, start);
  const value = reader.object(0);
  return { value, end: reader.at };
}

/** Reads one object out of a longer text. */
class Reader {
  #text;

  /**
   * @param {string} text
   * @param {number} at
   */
  constructor(text, at) {
    this.#text = text;
    this.at = at;
  }

  /**
   * @param {number} depth
   * @returns {JsonObject}
   */
  object(depth) {
    /** @type {Map<string, JsonValue>} */
    const members = new Map();
    this.#open(depth);
    while (this.#text[this.at] !== "}") {
      const name = this.#name();
      this.#take(SPACE);
      if (this.#text[this.at] !== ":") {
        throw new LooseJsonError(`there is no colon behind ${name}`);
      }
      this.at += 1;
      members.set(name, this.#value(depth + 1, name));
      this.#separator("}");
    }
    this.at += 1;
    return Object.fromEntries(members);
  }

  /**
   * @param {number} depth
   * @param {string} name
   * @returns {JsonValue[]}
   */
  #list(depth, name) {
    /** @type {JsonValue[]} */
    const items = [];
    this.#open(depth);
    while (this.#text[this.at] !== "]") {
      items.push(this.#value(depth + 1, name));
      this.#separator("]");
    }
    this.at += 1;
    return items;
  }

  /** @returns {string} */
  #name() {
    const quote = this.#text[this.at];
    const name = quote === "'" || quote === '"' ? this.#quoted(BEHIND_NAME) : this.#take(BARE_NAME);
    if (!name) {
      throw new LooseJsonError(this.#ended() ?? `${quote} stands where a name should`);
    }
    return name;
  }

  /**
   * @param {number} depth
   * @param {string} name
   * @returns {JsonValue}
   */
  #value(depth, name) {
    this.#take(SPACE);
    const character = this.#text[this.at];
    if (character === "{") {
      return this.object(depth);
    }
    if (character === "[") {
      return this.#list(depth, name);
    }
    if (character === "'" || character === '"') {
      return this.#quoted(BEHIND_TEXT);
    }
    const word = this.#take(WORD);
    if (word) {
      return WORDS[word] ?? null;
    }
    const number = Number(this.#take(NUMBER) || NaN);
    if (Number.isFinite(number)) {
      return number;
    }
    throw new LooseJsonError(this.#ended() ?? `the value of ${name} is no number and has no quotes`);
  }

  /**
   * A quoted text; its quote ends it only where `behind` matches.
   * @param {RegExp} behind
   * @returns {string}
   */
  #quoted(behind) {
    const quote = this.#text[this.at];
    const plain = quote === "'" ? /[^'\\]*/y : /[^"\\]*/y;
    let value = "";
    for (let at = this.at + 1; at < this.#text.length; at += 1) {
      const run = matches(plain, this.#text, at)?.[0] ?? "";
      value += run;
      at += run.length;
      if (this.#text[at] === quote) {
        if (matches(behind, this.#text, at + 1)) {
          this.at = at + 1;
          return value;
        }
        value += quote;
        continue;
      }
      at += 1;
      const code = /^u[0-9a-fA-F]{4}/.exec(this.#text.slice(at, at + 5))?.[0];
      if (code) {
        value += String.fromCharCode(parseInt(code.slice(1), 16));
        at += 4;
      } else {
        const escaped = this.#text[at] ?? "";
        value += ESCAPES[escaped] ?? escaped;
      }
    }
    throw new LooseJsonError(`a text that begins with ${quote} never ends`);
  }

  /** @param {number} depth */
  #open(depth) {
    if (depth > DEPTH_LIMIT) {
      throw new LooseJsonError("it is nested too deeply");
    }
    this.at += 1;
    this.#take(SPACE);
  }

  /** @param {string} close */
  #separator(close) {
    this.#take(SPACE);
    const character = this.#text[this.at];
    if (character === ",") {
      this.at += 1;
      this.#take(SPACE);
    } else if (character !== close) {
      const next = this.#take(BARE_NAME) || character;
      throw new LooseJsonError(this.#ended() ?? `a comma is missing before ${next}`);
    }
  }

  /** @returns {string | null} */
  #ended() {
    return this.at >= this.#text.length ? "it never ends" : null;
  }

  /**
   * @param {RegExp} expression
   * @returns {string}
   */
  #take(expression) {
    const found = matches(expression, this.#text, this.at)?.[0] ?? "";
    this.at += found.length;
    return found;
  }
}

/**
 * @param {RegExp} expression
 * @param {string} text
 * @param {number} at
 * @returns {RegExpExecArray | null}
 */
function matches(expression, text, at) {
  expression.lastIndex = at;
  return expression.exec(text);
}
