/**
 * JSON texts that people write, read into plain values: the twin of `imjoy_offline/plugin/literals.py`.
 *
 * Beyond `JSON.parse`: one sentence per error with its line in the whole file, duplicate keys noted, limits. Called by
 * `config.js`. Both twins are held together by `tests/vectors/plugin_config.json`.
 */

/** @typedef {string | number | boolean | null | JsonValue[] | {[key: string]: JsonValue}} JsonValue */
/** @typedef {{[key: string]: JsonValue}} JsonObject */

/**
 * What is read, for the sentences: its name, the line it begins on, and how to make the error about it.
 * @typedef {object} Place
 * @property {string} what
 * @property {number} firstLine
 * @property {(problem: string, options: {line: number, hint: string}) => Error} error
 */

const DEPTH_LIMIT = 64;
const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;
const UNICODE_ESCAPE = /\\u([0-9a-fA-F]{4})/y;
const WORD = /true|false|null/y;
/** @type {Record<string, JsonValue>} */
const WORDS = { true: true, false: false, null: null };
/** @type {Record<string, string>} */
const ESCAPES = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const NAMED = 'Write it as { "name": ... }.';

/**
 * The object that `text` holds as JSON; throws `place.error` with the line in the whole file.
 * @param {string} text
 * @param {Place} place
 * @returns {{value: JsonObject, notes: string[]}}
 */
export function readJson(text, place) {
  if (!/[^ \t\r\n]/.test(text)) {
    throw place.error(`The ${place.what} is empty.`, { line: place.firstLine, hint: NAMED });
  }
  const reader = new Reader(text, place);
  const value = reader.whole();
  if (!isObject(value)) {
    const kind = Array.isArray(value) ? "a list" : "a single value";
    throw place.error(
      `The ${place.what} must hold one object with named fields, but it holds ${kind}.`,
      { line: place.firstLine, hint: NAMED },
    );
  }
  return { value, notes: reader.notes };
}

/**
 * Whether a value is an object and no list.
 * @param {unknown} value
 * @returns {value is JsonObject}
 */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads one JSON text from its beginning to its end. */
class Reader {
  /** @type {string[]} */
  notes = [];
  #at = 0;
  #text;
  #place;

  /**
   * @param {string} text
   * @param {Place} place
   */
  constructor(text, place) {
    this.#text = text;
    this.#place = place;
  }

  /**
   * The only value of the text.
   * @returns {JsonValue}
   */
  whole() {
    this.#take(SPACE);
    const value = this.#value(0);
    this.#take(SPACE);
    if (this.#at < this.#text.length) {
      throw this.#error(this.#at);
    }
    return value;
  }

  /**
   * @param {number} depth
   * @returns {JsonValue}
   */
  #value(depth) {
    if (depth > DEPTH_LIMIT) {
      throw this.#place.error(
        `The ${this.#place.what} is nested too deeply or holds too many values.`,
        { line: this.#place.firstLine, hint: "Make it smaller or flatter." },
      );
    }
    const character = this.#text[this.#at];
    if (character === "{") {
      return this.#object(depth);
    }
    if (character === "[") {
      return this.#list(depth);
    }
    if (character === '"') {
      return this.#string();
    }
    const word = this.#take(WORD);
    if (word) {
      return WORDS[word] ?? null;
    }
    const digits = this.#take(NUMBER);
    if (!digits) {
      throw this.#error(this.#at);
    }
    const number = Number(digits);
    if (!Number.isFinite(number)) {
      throw this.#place.error(`The ${this.#place.what} holds a number that is too large.`, {
        line: this.#place.firstLine,
        hint: "Write an ordinary number.",
      });
    }
    return number;
  }

  /**
   * @param {number} depth
   * @returns {JsonObject}
   */
  #object(depth) {
    /** @type {Map<string, JsonValue>} */
    const members = new Map();
    /** @type {Set<string>} */
    const repeated = new Set();
    this.#at += 1;
    this.#take(SPACE);
    let first = true;
    while (first || this.#text[this.#at] !== "}") {
      if (!first) {
        this.#expect(",");
        this.#take(SPACE);
      } else if (this.#text[this.#at] === "}") {
        break;
      }
      first = false;
      if (this.#text[this.#at] !== '"') {
        throw this.#error(this.#at);
      }
      const key = this.#string();
      this.#take(SPACE);
      this.#expect(":");
      this.#take(SPACE);
      if (members.has(key)) {
        repeated.add(key);
      }
      members.set(key, this.#value(depth + 1));
      this.#take(SPACE);
    }
    this.#at += 1;
    for (const key of members.keys()) {
      if (repeated.has(key)) {
        this.notes.push(
          `The key "${key}" is written more than once in the ${this.#place.what}; the last one counts.`,
        );
      }
    }
    return Object.fromEntries(members);
  }

  /**
   * @param {number} depth
   * @returns {JsonValue[]}
   */
  #list(depth) {
    /** @type {JsonValue[]} */
    const items = [];
    this.#at += 1;
    this.#take(SPACE);
    while (this.#text[this.#at] !== "]") {
      if (items.length > 0) {
        this.#expect(",");
        this.#take(SPACE);
      }
      items.push(this.#value(depth + 1));
      this.#take(SPACE);
    }
    this.#at += 1;
    return items;
  }

  /** @returns {string} */
  #string() {
    const start = this.#at;
    let value = "";
    this.#at += 1;
    for (;;) {
      value += this.#take(PLAIN_TEXT);
      const character = this.#text[this.#at];
      const escaped = this.#text[this.#at + 1];
      if (character === '"') {
        this.#at += 1;
        return value.replace(/\p{Surrogate}/gu, "\ufffd");
      }
      if (character === undefined || (character === "\\" && escaped === undefined)) {
        throw this.#error(start, true);
      }
      if (character !== "\\") {
        throw this.#error(this.#at);
      }
      if (escaped === "u") {
        const code = this.#take(UNICODE_ESCAPE);
        if (!code) {
          throw this.#error(this.#at);
        }
        value += String.fromCharCode(parseInt(code.slice(2), 16));
      } else {
        const meant = ESCAPES[escaped ?? ""];
        if (meant === undefined) {
          throw this.#error(this.#at);
        }
        value += meant;
        this.#at += 2;
      }
    }
  }

  /**
   * @param {RegExp} expression
   * @returns {string}
   */
  #take(expression) {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  /** @param {string} character */
  #expect(character) {
    if (this.#text[this.#at] !== character) {
      throw this.#error(this.#at);
    }
    this.#at += 1;
  }

  /**
   * Says what a person did wrong at `position`; the wording is by the character there.
   * @param {number} position
   * @param {boolean} [unendedText]
   * @returns {Error}
   */
  #error(position, unendedText = false) {
    const text = this.#text;
    let character = String.fromCodePoint(text.codePointAt(position) ?? 0);
    const before = text.slice(0, position).replace(/[ \t\r\n]+$/, "");
    if ((character === "}" || character === "]") && before.endsWith(",")) {
      position = before.length - 1;
      character = ",";
    }
    const [detail, hint] =
      position >= text.length
        ? ["it ends too early", "Close every { with } and every [ with ]."]
        : explain(character, text.slice(position + 1), unendedText);
    const line = this.#place.firstLine + (text.slice(0, position).match(/\n/g)?.length ?? 0);
    return this.#place.error(
      `The ${this.#place.what} is not valid JSON at line ${line}: ${detail}.`,
      { line, hint },
    );
  }
}

/**
 * What is wrong, and what to do, where `character` was met.
 * @param {string} character
 * @param {string} rest
 * @param {boolean} unendedText
 * @returns {[string, string]}
 */
function explain(character, rest, unendedText) {
  if (character === "," && /^[ \t\r\n]*[}\]]/.test(rest)) {
    return ["there is a comma after the last entry", "Remove that comma."];
  }
  if (unendedText) {
    return ["a text begins there that never ends", 'Write the missing ".'];
  }
  if (character < " ") {
    return ["a text is broken off by a line end or tab", "Write \\n or \\t in place of it."];
  }
  switch (character) {
    case '"':
      return ['a " was not expected there', "Look for a comma missing before it."];
    case "'":
      return ["a text begins with '", 'JSON wants double quotes: write ".'];
    case "/":
    case "#":
      return [
        `a ${character} was not expected there`,
        "JSON knows no comments: remove them.",
      ];
    case "\\":
      return ["a text holds a backslash that means nothing", "Write it twice: \\\\."];
    default:
      return [
        `"${character}" was not expected there`,
        "Look for a missing quote, comma or colon; names and texts stand in double quotes.",
      ];
  }
}
