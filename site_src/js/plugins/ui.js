/**
 * The `ui` of a plugin's config read into the parts of a form: texts, fields, and what cannot be shown.
 *
 * No DOM. Nothing here throws; an element that cannot be read is a part that says so. Called by the shell; held by
 * `tests/vectors/plugin_form.json`.
 */

import { identifier, isFieldType, readField, readOptions } from "./form_fields.js";
import { excerpt, plainText, problem, scan, tidy } from "./form_markup.js";
import { isObject } from "./literals.js";

/** @import { ElementPiece, Piece } from "./form_markup.js" */
/** @import { JsonObject, JsonValue } from "./literals.js" */

/** @typedef {import("./form_fields.js").FormField} FormField */
/** @typedef {{kind: "text", text: string}} FormText */
/** @typedef {{kind: "unsupported", type: string, id: string, label: string}} FormUnsupported */
/** @typedef {{kind: "problem", text: string}} FormProblem */
/** @typedef {FormField | FormText | FormUnsupported | FormProblem} FormPart */

/**
 * The parts of the form in order. A text part may hold several lines; a text that became a label is no part.
 * @param {unknown} ui a string or a list of strings and of `{label: element}` objects
 * @returns {FormPart[]}
 */
export function parseForm(ui) {
  const builder = new Builder();
  for (const piece of pieces(ui)) {
    builder.add(piece);
  }
  return builder.finish();
}

/**
 * What the fields hold when nobody touched them, by their keys.
 * @param {FormPart[]} parts
 * @returns {Record<string, JsonValue>}
 */
export function formValues(parts) {
  return Object.fromEntries(
    parts.filter((part) => part.kind === "field").map((field) => [field.key, field.default]),
  );
}

/**
 * @param {unknown} ui
 * @returns {Iterable<Piece>}
 */
function* pieces(ui) {
  if (typeof ui === "string") {
    yield* scan(ui);
  } else if (Array.isArray(ui)) {
    for (const item of ui) {
      yield* itemPieces(item);
      yield "\n";
    }
  } else if (isObject(ui)) {
    yield { problem: "This form cannot be read: it is an object, where a text or a list should be." };
  }
}

/**
 * @param {JsonValue} item
 * @returns {Iterable<Piece>}
 */
function* itemPieces(item) {
  if (typeof item === "string") {
    yield* scan(item);
  } else if (!isObject(item)) {
    yield JSON.stringify(item);
  } else if (typeof item["type"] === "string" && typeof item["id"] === "string") {
    yield { element: item, label: "", source: JSON.stringify(item) };
  } else {
    for (const [label, value] of Object.entries(item)) {
      if (isObject(value)) {
        yield { element: value, label: plainText(label), source: JSON.stringify(value) };
      } else {
        yield* scan(`${label}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
      }
      yield "\n";
    }
  }
}

/** Puts pieces together to parts. */
class Builder {
  /** @type {FormPart[]} */
  #parts = [];
  /** @type {Set<string>} */
  #ids = new Set();
  #text = "";

  /** @param {Piece} piece */
  add(piece) {
    if (typeof piece === "string") {
      this.#text += piece;
    } else if ("problem" in piece) {
      this.#flush();
      this.#parts.push({ kind: "problem", text: piece.problem });
    } else {
      this.#addElement(piece);
    }
  }

  /** @returns {FormPart[]} */
  finish() {
    this.#flush();
    return this.#parts;
  }

  /** @param {ElementPiece} piece */
  #addElement({ element, label: given, source }) {
    const type = element["type"];
    const id = identifier(element["id"]);
    let fault = "";
    if (typeof type !== "string" || !type) {
      fault = "it has no type";
    } else if (!isFieldType(type)) {
      const label = this.#label(element, given) || id || type;
      this.#parts.push({ kind: "unsupported", type, id, label });
      return;
    } else if (!id) {
      fault = "it has no id";
    } else if (this.#ids.has(id)) {
      fault = `the id ${id} is used twice`;
    } else if (type === "choose" && readOptions(element["options"]).length === 0) {
      fault = "it has no options to choose from";
    } else {
      this.#ids.add(id);
      const label = this.#label(element, given) || id;
      this.#parts.push(readField(type, element, { id, label }));
      return;
    }
    this.#flush();
    this.#parts.push({ kind: "problem", text: problem(excerpt(source), fault) });
  }

  /**
   * The label of the element that comes now; text of its line that becomes the label is no text any more.
   * @param {JsonObject} element
   * @param {string} given
   * @returns {string}
   */
  #label(element, given) {
    const own = typeof element["label"] === "string" ? tidy(element["label"]) : "";
    if (own || given) {
      this.#flush();
      return withoutColon(own || given);
    }
    const line = this.#text.lastIndexOf("\n") + 1;
    const label = withoutColon(tidy(this.#text.slice(line)));
    this.#text = this.#text.slice(0, line);
    this.#flush();
    return label;
  }

  #flush() {
    const text = tidy(this.#text);
    if (text) {
      this.#parts.push({ kind: "text", text });
    }
    this.#text = "";
  }
}

/**
 * @param {string} label
 * @returns {string}
 */
function withoutColon(label) {
  return label.replace(/\s*[:\uff1a]$/, "");
}
