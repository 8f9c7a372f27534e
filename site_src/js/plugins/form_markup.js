/**
 * The markup of a form cut into plain text, line ends, marks and elements.
 *
 * No DOM: of tags only what is marked here is left, scripts, styles and comments fall away, and what a plugin writes is
 * never more than text. Called by `ui.js`.
 */

import { LooseJsonError, readLooseObject } from "./loose_json.js";

/** @import { JsonObject } from "./literals.js" */

/** @typedef {{element: JsonObject, label: string, source: string}} ElementPiece */
/**
 * Where a kind of text begins or ends; `address` is that of a link, `open` tells whether a group is shown unfolded.
 * @typedef {object} Mark
 * @property {"strong" | "emphasis" | "code" | "link" | "heading" | "group" | "summary"} mark
 * @property {boolean} on
 * @property {string} [address]
 * @property {boolean} [open]
 */
/** @typedef {{image: string, label: string}} ImagePiece */
/** @typedef {string | ElementPiece | Mark | ImagePiece | {rule: true} | {problem: string}} Piece */

const TAG = /<(\/?)([A-Za-z][A-Za-z0-9:-]*)(?:[^"'<>]|"[^"]*"|'[^']*')*>/y;
const COMMENT = /<!--[^]*?(?:-->|$)|<![^>]*(?:>|$)/y;
const LINE_ELEMENTS = new Set(
  (
    "address article aside blockquote br center dd details div dl dt fieldset figcaption figure footer form " +
    "h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section summary table tr ul"
  ).split(" "),
);
const HIDDEN_ELEMENTS = new Set(["script", "style", "template", "title", "head"]);
/** @type {Map<string, Mark["mark"]>} */
const MARKS = new Map([
  ["b", "strong"],
  ["strong", "strong"],
  ["i", "emphasis"],
  ["em", "emphasis"],
  ["u", "emphasis"],
  ["code", "code"],
  ["kbd", "code"],
  ["tt", "code"],
  ["a", "link"],
  ...["h1", "h2", "h3", "h4", "h5", "h6", "legend"].map(
    (name) => /** @type {[string, Mark["mark"]]} */ ([name, "heading"]),
  ),
  ["details", "group"],
  ["summary", "summary"],
]);
/** @type {Record<string, string>} */
const ENTITIES = {
  ...{ lt: "<", gt: ">", quot: '"', amp: "&", apos: "'", nbsp: "\u00a0" },
  ...{ micro: "\u00b5", deg: "\u00b0", times: "\u00d7", plusmn: "\u00b1", alpha: "\u03b1", beta: "\u03b2" },
  ...{ gamma: "\u03b3", lambda: "\u03bb", mu: "\u03bc", sigma: "\u03c3", hellip: "\u2026", ndash: "\u2013" },
};
const EXCERPT_LENGTH = 80;
const ELEMENT_LIMIT = 200_000;
const TEXT_LIMIT = 200_000;
const PROBLEM_LIMIT = 20;

/**
 * Cuts markup into plain text, line ends, marks and elements.
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
      const [found, end] = readTag(markup, at);
      yield* found;
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
 * What the tag or comment at `at` means, and where it ends; any other `<` is itself.
 * @param {string} markup
 * @param {number} at
 * @returns {[Piece[], number]}
 */
function readTag(markup, at) {
  COMMENT.lastIndex = at;
  const comment = COMMENT.exec(markup);
  if (comment) {
    return [[], at + comment[0].length];
  }
  TAG.lastIndex = at;
  const tag = TAG.exec(markup);
  if (!tag) {
    return [["<"], at + 1];
  }
  const name = (tag[2] ?? "").toLowerCase();
  const closes = tag[1] === "/";
  const end = at + tag[0].length;
  if (!closes && HIDDEN_ELEMENTS.has(name)) {
    const close = markup.slice(end).search(new RegExp(`</${name}[\\s>]`, "i"));
    return [[], close < 0 ? markup.length : end + close];
  }
  /** @type {Piece[]} */
  const found = [];
  if (LINE_ELEMENTS.has(name) && !(closes && name === "li")) {
    found.push("\n");
  } else if (name === "td" || name === "th") {
    found.push(" ");
  }
  const mark = MARKS.get(name);
  if (mark) {
    const piece = { mark, on: !closes, ...(closes ? {} : attributesOf(mark, tag[0])) };
    // What ends a line does so outside of the mark.
    return [closes ? [piece, ...found] : [...found, piece], end];
  }
  if (!closes && name === "hr") {
    found.push({ rule: true });
  } else if (!closes && name === "li") {
    found.push("\u2022 ");
  } else if (!closes && name === "img") {
    found.push(readImage(tag[0]));
  }
  return [found, end];
}

/**
 * @param {Mark["mark"]} mark
 * @param {string} tag
 * @returns {Partial<Mark>}
 */
function attributesOf(mark, tag) {
  if (mark === "group") {
    return { open: /\sopen(?=[\s=/>])/i.test(tag) };
  }
  return mark === "link" ? { address: attribute(tag, "href").trim() } : {};
}

/**
 * A picture that the text itself carries; of any other its words are left.
 * @param {string} tag
 * @returns {string | ImagePiece}
 */
function readImage(tag) {
  const [image, label] = [attribute(tag, "src").trim(), tidy(attribute(tag, "alt"))];
  return /^data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]/i.test(image) ? { image, label } : label;
}

/**
 * @param {string} tag
 * @param {string} name
 * @returns {string}
 */
function attribute(tag, name) {
  const [, double, single, bare] =
    new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, "i").exec(tag) ?? [];
  return decodeEntities(double ?? single ?? bare ?? "");
}

/**
 * Text as a page shows it: runs of space are one space, entities are decoded.
 * @param {string} text
 * @returns {string}
 */
function plainSpace(text) {
  return decodeEntities(text.replace(/[ \t\r\n\f]+/g, " "));
}

/**
 * @param {string} text
 * @returns {string}
 */
function decodeEntities(text) {
  return text.replace(/&(#?\w+);/g, (whole, name) => decode(whole, name));
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
