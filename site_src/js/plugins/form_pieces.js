/**
 * The `ui` of a plugin in all its shapes, brought to one row of pieces: texts, marks, line ends and elements.
 *
 * Called by `ui.js`.
 */

import { plainText, scan } from "./form_markup.js";
import { isObject } from "./literals.js";

/** @import { Piece } from "./form_markup.js" */
/** @import { JsonObject, JsonValue } from "./literals.js" */

/**
 * @param {unknown} ui a string or a list of strings and of `{label: element}` objects
 * @returns {Iterable<Piece>}
 */
export function* pieces(ui) {
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
  } else if (typeof item["type"] === "string" && (typeof item["id"] === "string" || !hasElement(item))) {
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

/**
 * Whether an object is a list of labels, of which one happens to be `type`.
 * @param {JsonObject} item
 * @returns {boolean}
 */
function hasElement(item) {
  return Object.values(item).some((value) => isObject(value) && "type" in value);
}
