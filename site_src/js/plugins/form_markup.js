/**
 * The markup of a form cut into plain text, line ends and elements.
 *
 * No DOM: tags, scripts, styles and comments fall away, and what is left is never more than text. Called by `ui.js`.
 */

import { LooseJsonError, readLooseObject } from "./loose_json.js";

/** @import { JsonObject } from "./literals.js" */

/** @typedef {{element: JsonObject, label: string, source: string}} ElementPiece */
/** @typedef {string | ElementPiece | {problem: string}} Piece */

const TAG = /<(\/?)([A-Za-z][A-Za-z0-9:-]*)(?:[^"'<>]|"[^"]*"|'[^']*')*>/y;
const COMMENT = /<!--[^]*?(?:-->|$)|<![^>]*(?:>|$)/y;
const LINE_ELEMENTS = new Set(
  (
    "address article aside blockquote br center dd details div dl dt fieldset figcaption figure footer form " +
    "h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section summary table tr ul"
  ).split(" "),
);
const HIDDEN_ELEMENTS = new Set(["script", "style", "template", "title", "head"]);
/** @type {Record<string, string>} */
const ENTITIES = { lt: "<", gt: ">", quot: '"', amp: "&", apos: "'", nbsp: "\u00a0" };
const EXCERPT_LENGTH = 80;
const ELEMENT_LIMIT = 20_000;
const TEXT_LIMIT = 200_000;
const PROBLEM_LIMIT = 20;

/**
 * Cuts markup into plain text, line ends and elements.
 * @param {string} markup
 * @returns {Iterable<Piece>}
 */
export function* scan(markup) {
  if (markup.length > TEXT_LIMIT) {
    yield { problem: `A text of this form is longer than ${TEXT_LIMIT} characters, so it is left out.` };
    return;
  }
  const special = /[<{]/g;
  let problems = 0;
  let at = 0;
  while (at < markup.length) {
    special.lastIndex = at;
    const next = special.exec(markup)?.index ?? markup.length;
    if (next > at) {
      yield plainSpace(markup.slice(at, next));
      at = next;
    } else if (markup[at] === "{") {
      const [piece, end] = readElement(markup, at);
      yield piece;
      at = end;
      problems += "problem" in piece ? 1 : 0;
      if (problems >= PROBLEM_LIMIT) {
        yield { problem: "The rest of this text is left out, since too much of it cannot be read." };
        return;
      }
    } else {
      const [text, end] = skipMarkup(markup, at);
      yield text;
      at = end;
    }
  }
}

/**
 * The element that begins with the brace at `at`; when it cannot be read, everything to its closing brace is left out.
 * @param {string} markup
 * @param {number} at
 * @returns {[ElementPiece | {problem: string}, number]}
 */
function readElement(markup, at) {
  try {
    const { value, end } = readLooseObject(markup.slice(0, at + ELEMENT_LIMIT), at);
    return [{ element: value, label: "", source: markup.slice(at, end) }, end];
  } catch (error) {
    if (!(error instanceof LooseJsonError)) {
      throw error;
    }
    let depth = 0;
    let end = at;
    do {
      depth += { "{": 1, "}": -1 }[markup[end] ?? ""] ?? 0;
      end += 1;
    } while (depth > 0 && end < markup.length);
    return [{ problem: problem(excerpt(markup.slice(at, end)), error.message) }, end];
  }
}

/**
 * What the tag or comment at `at` is in a plain text, and where it ends; any other `<` is itself.
 * @param {string} markup
 * @param {number} at
 * @returns {[string, number]}
 */
function skipMarkup(markup, at) {
  COMMENT.lastIndex = at;
  const comment = COMMENT.exec(markup);
  if (comment) {
    return ["", at + comment[0].length];
  }
  TAG.lastIndex = at;
  const tag = TAG.exec(markup);
  if (!tag) {
    return ["<", at + 1];
  }
  const name = (tag[2] ?? "").toLowerCase();
  const end = at + tag[0].length;
  if (!tag[1] && HIDDEN_ELEMENTS.has(name)) {
    const close = markup.slice(end).search(new RegExp(`</${name}[\\s>]`, "i"));
    return ["", close < 0 ? markup.length : end + close];
  }
  if (LINE_ELEMENTS.has(name)) {
    return ["\n", end];
  }
  return [name === "td" || name === "th" ? " " : "", end];
}

/**
 * Text as a page shows it: runs of space are one space, entities are decoded.
 * @param {string} text
 * @returns {string}
 */
function plainSpace(text) {
  return text.replace(/[ \t\r\n\f]+/g, " ").replace(/&(#?\w+);/g, (whole, name) => decode(whole, name));
}

/**
 * @param {string} whole
 * @param {string} name
 * @returns {string}
 */
function decode(whole, name) {
  const code = /^#x[0-9a-f]{1,6}$/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1));
  if (name.startsWith("#") && code > 0 && code <= 0x10ffff) {
    return String.fromCodePoint(code);
  }
  return Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] ?? whole) : whole;
}

/**
 * @param {string} markup
 * @returns {string}
 */
export function plainText(markup) {
  let text = "";
  for (const piece of scan(markup.replaceAll("{", "&#123;"))) {
    text += typeof piece === "string" ? piece : "";
  }
  return tidy(text);
}

/**
 * Lines without space at their ends; empty lines at the beginning and end are left out.
 * @param {string} text
 * @returns {string}
 */
export function tidy(text) {
  return text
    .replace(/ +/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/**
 * @param {string} text
 * @returns {string}
 */
export function excerpt(text) {
  const short = text.replace(/\s+/g, " ");
  return short.length > EXCERPT_LENGTH ? `${short.slice(0, EXCERPT_LENGTH)}...` : short;
}

/**
 * @param {string} what
 * @param {string} why
 * @returns {string}
 */
export function problem(what, why) {
  return `A part of this form cannot be read: ${what} (${why}).`;
}
