/** From what is entered to what the plugin gets. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  configOf,
  entriesOf,
  findFault,
  findFaults,
  isChanged,
  keptEntries,
  withEntry,
} from "../../../site_src/js/forms/entries.js";
import { withOperations } from "../../../site_src/js/plugins/form_operations.js";
import { parseForm } from "../../../site_src/js/plugins/ui.js";

/** @import { FormField, FormPart } from "../../../site_src/js/plugins/ui.js" */

const FORM = parseForm([
  { Width: { id: "w", type: "number", min: 1, max: 10, placeholder: 4 } },
  { Title: { id: "t", type: "string", placeholder: "cells" } },
  { Channels: { id: "c", type: "choose", options: [1, 3, { label: "four", value: 4 }], placeholder: 3 } },
]);

/**
 * The only field of a form.
 * @param {string} ui
 * @returns {FormField}
 */
function fieldOf(ui) {
  const [field] = parseForm(ui).filter((part) => part.kind === "field");
  assert.ok(field);
  return field;
}

test("an untouched form gives its defaults, in the types that the plugin declared", () => {
  assert.deepEqual(configOf(FORM, entriesOf(FORM)), { w: 4, t: "cells", c: 3 });
});

test("a number is a text while it is typed and a number for the plugin", () => {
  const entries = entriesOf(FORM, { w: "7." });
  assert.equal(entries.w, "7.");
  assert.deepEqual(configOf(FORM, entries), { w: 7, t: "cells", c: 3 });
});

test("every kind of field gives its type", () => {
  const form = parseForm([
    { A: { id: "slider", type: "slider", min: 0, max: 1 } },
    { A: { id: "tick", type: "checkbox" } },
    { A: { id: "some", type: "multichoose", options: [1, 2, 3] } },
    { A: { id: "colour", type: "color" } },
    { A: { id: "lines", type: "textarea" } },
    { A: { id: "day", type: "date" } },
    { A: { id: "one", type: "radio", options: [true, false] } },
  ]);
  const entered = {
    ...{ slider: "0.25", tick: true, some: [3, 1], colour: "rgb(1,2,3)", lines: "a\nb", day: "2024-02-29", one: false },
  };
  assert.deepEqual(configOf(form, entriesOf(form, entered)), { ...entered, slider: 0.25, some: [1, 3] });
});

test("what was entered before counts only where the field still takes it", () => {
  const entered = { w: { x: 1 }, t: 5, c: 2, gone: "x" };
  assert.deepEqual(configOf(FORM, entriesOf(FORM, entered)), { w: 4, t: "cells", c: 3 });
  const other = parseForm([
    { A: { id: "a", type: "checkbox" } },
    { A: { id: "b", type: "multichoose", options: ["x", "y"] } },
    { A: { id: "c", type: "color", placeholder: "red" } },
    { A: { id: "d", type: "choose", options: [1, "1"] } },
    { A: { id: "e", type: "choose", options: [{ label: "pair", value: [1, 2] }] } },
  ]);
  const kept = entriesOf(other, { a: "yes", b: ["y", "gone"], c: "red; }", d: "1", e: [1, 2] });
  assert.deepEqual(kept, { a: false, b: ["y"], c: "rgb(255,0,0)", d: "1", e: [1, 2] });
});

test("fields that are not to be changed give what their plugin wants", () => {
  const form = parseForm("{id: 'a', type: 'number', readonly: true}{id: 'b', type: 'string', hide: true, default: 'x'}");
  assert.deepEqual(configOf(form, entriesOf(form, { a: "9", b: "y" })), { a: 3, b: "x" });
  assert.deepEqual(findFaults(parseForm("{id: 'a', type: 'string', required: true, hide: true}"), { a: "" }), []);
});

test("faults of numbers are said in words, with the bounds that there are", () => {
  const field = fieldOf("{id: 'w', type: 'number', min: 1, max: 10}");
  assert.equal(findFault(field, "5"), null);
  assert.equal(findFault(field, ""), "Give a number");
  assert.equal(findFault(field, "5x"), "Give a number");
  assert.equal(findFault(field, "11"), "Give a number from 1 to 10");
  const { min, max, ...free } = field;
  assert.equal(findFault({ ...free, min }, "0"), "Give a number of at least 1");
  assert.equal(findFault({ ...free, max }, "11"), "Give a number of at most 10");
  assert.equal(findFault(free, "-1e9"), null);
  const whole = fieldOf("{id: 'n', type: 'int', min: 0}");
  assert.equal(findFault(whole, "2.5"), "Give a whole number");
  assert.equal(findFault(whole, "-1"), "Give a whole number of at least 0");
  assert.equal(findFault(whole, "2"), null);
  assert.equal(findFault(fieldOf("{id: 's', type: 'slider', max: 5}"), "6"), "Give a number from 0 to 5");
});

test("what must be filled is said in the words of its kind", () => {
  const faultOf = (/** @type {string} */ rest, /** @type {unknown} */ entry) =>
    findFault(fieldOf(`{id: 'a', required: true, ${rest}}`), entry);
  assert.equal(faultOf("type: 'string'", " "), "Fill this in");
  assert.equal(faultOf("type: 'string'", "x"), null);
  assert.equal(faultOf("type: 'checkbox'", false), "Tick this to go on");
  assert.equal(faultOf("type: 'multichoose', options: [1]", []), "Choose at least one");
  assert.equal(faultOf("type: 'choose', options: ['', 'a']", ""), "Choose one");
  assert.equal(faultOf("type: 'date'", ""), "Give a date");
  assert.equal(findFault(fieldOf("{id: 'a', type: 'string', maxlength: 3}"), "abcd"), "Give at most 3 characters");
  assert.equal(findFault(fieldOf("{id: 'a', type: 'string'}"), ""), null);
});

test("the fields that keep a form from being used are named in their order", () => {
  assert.deepEqual(findFaults(FORM, entriesOf(FORM)), []);
  assert.deepEqual(
    findFaults(FORM, entriesOf(FORM, { w: "0" })).map(({ field, path, fault }) => [field.label, path, fault]),
    [["Width", ["w"], "Give a number from 1 to 10"]],
  );
});

test("a form is changed when something in it is not as at first", () => {
  const changed = (/** @type {Record<string, unknown>} */ entered) => isChanged(FORM, entriesOf(FORM, entered));
  assert.ok(!changed({}));
  assert.ok(!changed({ w: "4", t: "cells" }));
  assert.ok(changed({ w: "5" }));
  assert.ok(changed({ w: "" }));
  assert.ok(changed({ c: 4 }));
});

test("secrets are not kept", () => {
  const form = parseForm("{id: 'a', type: 'password'}{id: 'b', type: 'string'}{id: 'c', type: 'string'}");
  assert.deepEqual(keptEntries(form, { a: "secret", b: "x", gone: 1 }), { b: "x" });
});

test("the form of another operation has its values in an object of its own", () => {
  /** @type {Record<string, readonly FormPart[]>} */
  const operations = {
    "Other/denoise": parseForm("<details><summary>S</summary>Sigma {id: 's', type: 'number', max: 9}</details>"),
    Self: parseForm("{id: 'x', type: 'Self'}"),
  };
  const find = (/** @type {string} */ name) => operations[name] ?? null;
  const form = withOperations(parseForm("{id: 'd', type: 'Other/denoise'} N {id: 'n', type: 'number'}"), find);
  assert.deepEqual(configOf(form, entriesOf(form)), { d: { s: 3 }, n: 3 });
  const entered = withEntry(withEntry({}, ["d", "s"], "8"), ["n"], "5");
  assert.deepEqual(entered, { d: { s: "8" }, n: "5" });
  assert.deepEqual(configOf(form, entriesOf(form, entered)), { d: { s: 8 }, n: 5 });
  assert.deepEqual(
    findFaults(form, entriesOf(form, { d: { s: "10" } })).map(({ path }) => path),
    [["d", "s"]],
  );
  assert.deepEqual(entriesOf(form, { d: "text" }), { d: { s: 3 }, n: 3 });
  assert.deepEqual(keptEntries(form, entered), entered);

  const [missing] = withOperations(parseForm("{id: 'a', type: 'numbr'}"), find);
  assert.equal(missing?.kind, "problem");
  assert.match(missing?.kind === "problem" ? missing.text : "", /“numbr” is no kind of field.*mean “number”\?/);
  const own = operations.Self;
  assert.ok(own);
  const [circle] = withOperations(own, find, ["Self"]);
  assert.match(circle?.kind === "problem" ? circle.text : "", /would contain itself/);
});

test("a form without other operations stays the same list", () => {
  assert.equal(
    withOperations(FORM, () => null),
    FORM,
  );
});

test("keys named like a part of every object are keys", () => {
  const form = parseForm("{id: '__proto__', type: 'number'}{id: 'constructor', type: 'string'}");
  const entered = withEntry(withEntry({}, ["__proto__"], "7"), ["constructor"], "x");
  const config = configOf(form, entriesOf(form, entered));
  assert.deepEqual(Object.entries(config), [
    ["__proto__", 7],
    ["constructor", "x"],
  ]);
  assert.deepEqual(Object.entries(configOf(form, entriesOf(form))), [
    ["__proto__", 3],
    ["constructor", ""],
  ]);
});
