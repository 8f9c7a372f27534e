/**
 * The `ui` of a plugin's config read into the parts of a form: texts, fields, groups, and what cannot be shown.
 *
 * No DOM. Nothing here throws; an element that cannot be read is a part that says so. Called by the shell; held by
 * `tests/vectors/plugin_form.json`.
 */

import { identifier, readField } from "./form_fields.js";
import { belongsToWorkflow, fieldType, isButton, isGroup, similarKind } from "./form_kinds.js";
import { excerpt, plainText, problem } from "./form_markup.js";
import { readOptions } from "./form_options.js";
import { pieces } from "./form_pieces.js";
import { FormTextBuffer } from "./form_text.js";
import { attachWords, splitUnit } from "./form_words.js";

/** @import { FieldType } from "./form_kinds.js" */
/** @import { ElementPiece, Mark, Piece } from "./form_markup.js" */
/** @import { FormSpan } from "./form_text.js" */
/** @import { JsonObject, JsonValue } from "./literals.js" */

/** @typedef {import("./form_fields.js").FormField} FormField */
/** @typedef {{kind: "text", text: string, spans?: FormSpan[]}} FormText */
/** @typedef {{kind: "heading", text: string}} FormHeading */
/** @typedef {{kind: "rule"}} FormRule */
/** @typedef {{kind: "image", address: string, label: string}} FormImage */
/** @typedef {{kind: "button", id: string, label: string}} FormButton calls `update` of its operation */
/** @typedef {{kind: "unsupported", type: string, id: string, label: string}} FormUnsupported */
/** @typedef {{kind: "problem", text: string}} FormProblem */
/**
 * Parts that are folded together. With a `key` they are a form of their own, whose values come as one object.
 * @typedef {{kind: "group", label: string, open: boolean, parts: FormPart[], key?: string}} FormGroup
 */
/**
 * The place of another operation's form; `form_operations.js` puts it there. `similar` is a kind of field of nearly the
 * same name.
 * @typedef {{kind: "operation", operation: string, key: string, label: string, similar: string | null}} FormOperation
 */
/**
 * @typedef {FormField | FormText | FormHeading | FormRule | FormImage | FormButton | FormGroup | FormOperation
 *   | FormUnsupported | FormProblem} FormPart
 */

const FIELD_LIMIT = 1_000;
const GROUP_DEPTH = 4;

/**
 * The parts of the form in order. A text part may hold several lines; a text that became a label is no part.
 * @param {unknown} ui a string or a list of strings and of `{label: element}` objects
 * @returns {FormPart[]}
 */
export function parseForm(ui) {
  const builder = new Builder();
  builder.addAll(pieces(ui));
  return builder.finish();
}

/**
 * What the fields hold when nobody touched them, by their keys.
 * @param {readonly FormPart[]} parts
 * @returns {Record<string, JsonValue>}
 */
export function formValues(parts) {
  /** @type {[string, JsonValue][]} */
  const values = [];
  for (const part of parts) {
    if (part.kind === "field") {
      values.push([part.key, part.default]);
    } else if (part.kind === "group") {
      const inner = formValues(part.parts);
      values.push(...(part.key === undefined ? Object.entries(inner) : [pair(part.key, inner)]));
    }
  }
  return Object.fromEntries(values);
}

/**
 * @param {string} key
 * @param {JsonValue} value
 * @returns {[string, JsonValue]}
 */
function pair(key, value) {
  return [key, value];
}

/** Puts pieces together to parts. */
class Builder {
  /** @type {FormPart[]} */
  #parts = [];
  /** The parts around the groups that are being filled, and the groups. @type {{outer: FormPart[], group: FormGroup}[]} */
  #around = [];
  /** Groups that are too deep to be groups. */
  #flattened = 0;
  /** @type {Set<string>} */
  #ids = new Set();
  #text = new FormTextBuffer();
  #inHeading = false;
  /** The last field of the line that is being written. @type {FormField | null} */
  #lineField = null;

  /** @param {Iterable<Piece>} given */
  addAll(given) {
    for (const piece of given) {
      this.#add(piece);
    }
  }

  /** @returns {FormPart[]} */
  finish() {
    this.#endLine();
    this.#flush();
    while (this.#around.length > 0) {
      this.#closeGroup();
    }
    return this.#parts;
  }

  /** @param {Piece} piece */
  #add(piece) {
    if (piece === "\n") {
      this.#endLine();
      this.#text.add(piece);
    } else if (typeof piece === "string") {
      this.#text.add(piece);
    } else if ("mark" in piece) {
      this.#mark(piece);
    } else if ("element" in piece) {
      this.#addElement(piece);
    } else {
      this.#endLine();
      this.#flush();
      if ("problem" in piece) {
        this.#parts.push({ kind: "problem", text: piece.problem });
      } else if ("rule" in piece) {
        this.#parts.push({ kind: "rule" });
      } else {
        this.#parts.push({ kind: "image", address: piece.image, label: piece.label });
      }
    }
  }

  /** @param {Mark} mark */
  #mark(mark) {
    if (mark.mark === "heading") {
      this.#endLine();
      this.#flush();
      this.#inHeading = mark.on;
    } else if (mark.mark === "group") {
      this.#endLine();
      this.#flush();
      if (mark.on) {
        this.#openGroup("", mark.open ?? false);
      } else {
        this.#closeGroup();
      }
    } else if (mark.mark === "summary") {
      const group = this.#around.at(-1)?.group;
      if (!mark.on && group && this.#parts.length === 0) {
        group.label = this.#text.flush()?.text ?? "";
      }
    } else {
      this.#text.mark(mark);
    }
  }

  /**
   * @param {string} label
   * @param {boolean} open
   */
  #openGroup(label, open) {
    if (this.#around.length >= GROUP_DEPTH) {
      this.#flattened += 1;
      return;
    }
    /** @type {FormGroup} */
    const group = { kind: "group", label, open, parts: [] };
    this.#around.push({ outer: this.#parts, group });
    this.#parts = group.parts;
  }

  #closeGroup() {
    if (this.#flattened > 0) {
      this.#flattened -= 1;
      return;
    }
    const closed = this.#around.pop();
    if (!closed) {
      return;
    }
    this.#parts = closed.outer;
    if (closed.group.parts.length > 0) {
      closed.group.label ||= "More";
      this.#parts.push(closed.group);
    }
  }

  /** @param {ElementPiece} piece */
  #addElement(piece) {
    const { element, label: given, source } = piece;
    const type = typeof element["type"] === "string" ? element["type"].trim() : "";
    const id = identifier(element["id"]);
    const fault = this.#fault(type, id, element);
    if (fault) {
      this.#endLine();
      this.#flush();
      this.#parts.push({ kind: "problem", text: problem(excerpt(source), fault) });
      return;
    }
    const kind = fieldKind(type, element);
    if (kind) {
      this.#addField(kind, piece, id, type);
      return;
    }
    const label = this.#label(element, given);
    if (isGroup(type)) {
      this.#openGroup(label || id, element["open"] !== false);
      this.addAll(pieces(element["ui"] ?? element["fields"] ?? element["elements"]));
      this.#endLine();
      this.#flush();
      this.#closeGroup();
    } else if (isButton(type)) {
      this.#parts.push({ kind: "button", id, label: label || id || "Update" });
    } else if (belongsToWorkflow(type)) {
      this.#parts.push({ kind: "unsupported", type, id, label: label || id || type });
    } else {
      this.#ids.add(id);
      const key = identifier(element["dataID"]) || id;
      const similar = similarKind(type);
      this.#parts.push({ kind: "operation", operation: type, key, label: label || type, similar });
    }
  }

  /**
   * @param {FieldType} kind
   * @param {ElementPiece} piece
   * @param {string} id
   * @param {string} written
   */
  #addField(kind, { element, label: given }, id, written) {
    const label = this.#label(element, given) || id;
    const field = readField(kind, element, { id, label, written, count: this.#ids.size });
    this.#ids.add(id);
    this.#parts.push(field);
    this.#lineField = field;
  }

  /**
   * Why an element cannot be a part of a form, in words that continue "cannot be read: ..."; null where it can.
   * @param {string} type
   * @param {string} id
   * @param {JsonObject} element
   * @returns {string | null}
   */
  #fault(type, id, element) {
    if (!type) {
      return "it has no type";
    }
    if (isGroup(type) || isButton(type) || belongsToWorkflow(type)) {
      return null;
    }
    const kind = fieldKind(type, element);
    if (!id) {
      const similar = similarKind(type);
      return kind ? "it has no id" : `“${type}” is no kind of field${similar ? `; did it mean “${similar}”?` : ""}`;
    }
    if (this.#ids.has(id)) {
      return `the id ${id} is used twice`;
    }
    if (this.#ids.size >= FIELD_LIMIT) {
      return `a form has at most ${FIELD_LIMIT} fields`;
    }
    const isChoice = kind === "choose" || kind === "radio" || kind === "multichoose";
    return isChoice && readOptions(element["options"]).length === 0 ? "it has no options to choose from" : null;
  }

  /**
   * The label of the element that comes now; text that becomes the label is no text any more.
   * @param {JsonObject} element
   * @param {string} given
   * @returns {string}
   */
  #label(element, given) {
    const written = element["label"] ?? element["title"];
    const own = (typeof written === "string" ? plainText(written) : "") || given;
    const before = this.#lineField;
    if (before && !own) {
      const { words, rest } = splitUnit(before, this.#text.takeLine());
      attachWords(before, words);
      this.#text.add(rest);
    }
    if (own) {
      this.#endLine();
    }
    this.#lineField = null;
    const [text, label] = own ? ["", own] : splitSentences(this.#text.takeLine() || this.#text.takeLeadingLine());
    this.#text.add(text);
    this.#flush();
    return label.replace(/\s*[:\uff1a]$/, "");
  }

  /** What stands behind a field on its line belongs to it: its unit, or a word about it. */
  #endLine() {
    const field = this.#lineField;
    this.#lineField = null;
    if (!field || this.#text.hasLinkInLine) {
      return;
    }
    const words = this.#text.takeLine();
    const left = attachWords(field, words);
    this.#text.add(left);
  }

  #flush() {
    const finished = this.#text.flush();
    if (!finished) {
      return;
    }
    this.#parts.push(this.#inHeading ? { kind: "heading", text: finished.text } : { kind: "text", ...finished });
  }
}

/**
 * @param {string} type
 * @param {JsonObject} element
 * @returns {FieldType | null}
 */
function fieldKind(type, element) {
  const kind = fieldType(type);
  return kind === "choose" && element["multiple"] === true ? "multichoose" : kind;
}

/**
 * Sentences before a label, and the label: a whole paragraph would be none.
 * @param {string} words
 * @returns {[string, string]}
 */
function splitSentences(words) {
  const at = words.length > 80 ? words.search(/(?<=[.!?]) (?!.*[.!?] )/) : -1;
  return at < 0 ? ["", words] : [words.slice(0, at), words.slice(at + 1)];
}
