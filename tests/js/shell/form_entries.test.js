/** From what is typed to what the plugin gets. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseForm } from "../../../site_src/js/plugins/ui.js";
import { configOf, entriesOf, findFault, findFaults, readEntry } from "../../../site_src/js/shell/form_entries.js";

/** @import { FormField } from "../../../site_src/js/plugins/form_fields.js" */

const FORM = parseForm([
  { Width: { id: "w", type: "number", min: 1, max: 10, placeholder: 4 } },
  { Title: { id: "t", type: "string", placeholder: "cells" } },
  { Channels: { id: "c", type: "choose", options: [1, 3, { label: "four", value: 4 }], placeholder: 3 } },
]);
const [width, title, channels] = /** @type {FormField[]} */ (FORM.filter(({ kind }) => kind === "field"));

test("an untouched form gives its defaults, in the types that the plugin declared", () => {
  assert.deepEqual(configOf(FORM, entriesOf(FORM)), { w: 4, t: "cells", c: 3 });
});

test("a number is a text while it is typed and a number for the plugin", () => {
  const entries = entriesOf(FORM, { w: readEntry(/** @type {FormField} */ (width), "7.") });
  assert.equal(entries.w, "7.");
  assert.deepEqual(configOf(FORM, entries), { w: 7, t: "cells", c: 3 });
});

test("a choice keeps the type of its option, and a text is a text", () => {
  assert.equal(readEntry(/** @type {FormField} */ (channels), "2"), 4);
  assert.equal(readEntry(/** @type {FormField} */ (title), "a\u00a0b"), "a b");
});

test("faults are said in words, with the bounds that there are", () => {
  const field = /** @type {FormField} */ (width);
  assert.equal(findFault(field, "5"), null);
  assert.equal(findFault(field, ""), "Give a number");
  assert.equal(findFault(field, "5x"), "Give a number");
  assert.equal(findFault(field, "11"), "Give a number from 1 to 10");
  const { min, max, ...free } = field;
  assert.equal(findFault({ ...free, min }, "0"), "Give a number of at least 1");
  assert.equal(findFault({ ...free, max }, "11"), "Give a number of at most 10");
  assert.equal(findFault(free, "-1e9"), null);
  assert.equal(findFault(/** @type {FormField} */ (title), ""), null);
});

test("the fields that keep a form from being used are named", () => {
  assert.deepEqual(findFaults(FORM, entriesOf(FORM)), []);
  assert.deepEqual(
    findFaults(FORM, entriesOf(FORM, { w: "0" })).map(({ label }) => label),
    ["Width"],
  );
});
