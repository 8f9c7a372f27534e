/** Forms, from the vectors. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { formValues, parseForm } from "../../../site_src/js/plugins/ui.js";
import { samples } from "./samples.js";

/** @import { FormPart } from "../../../site_src/js/plugins/ui.js" */

/** @type {{name: string, input: unknown, expected: FormPart[], values?: Record<string, unknown>}[]} */
const CASES = JSON.parse(
  readFileSync(new URL("../../vectors/plugin_form.json", import.meta.url), "utf8"),
);

for (const { name, input, expected, values } of CASES) {
  test(name, () => {
    const parts = parseForm(input);
    assert.deepEqual(parts, expected);
    if (values) {
      assert.deepEqual(formValues(parts), values);
    }
  });
}

/**
 * @param {readonly FormPart[]} parts
 * @returns {FormPart[]}
 */
function allParts(parts) {
  return parts.flatMap((part) => (part.kind === "group" ? [part, ...allParts(part.parts)] : [part]));
}

test("nothing given is no form", () => {
  assert.deepEqual(parseForm(undefined), []);
});

test("nothing makes it throw, and every field has a name and a value", () => {
  const units = [
    ..."{}[]:,'\"\\ <>&;\n",
    "id: 'a'",
    "type: 'number'",
    "type: 'choose', options: [1, 'b']",
    "type: 'group', ui: '{id: 1, type: 2}'",
    "{type: 'button'}",
    "{id: 'q', type: 'checkbox'}",
    "<details>",
    "</details>",
    "<summary>",
    "</summary>",
    "<h3>",
    "<a href='x'>",
    "{id: 'b', type: 'string'}",
    "<br>",
    "<!--",
    "<style>",
    "</b>",
    "&#x1f680;",
    "&#xd800;",
    "text ",
  ];
  for (const ui of samples(units, 4000)) {
    for (const part of allParts(parseForm(ui))) {
      if (part.kind === "field") {
        assert.ok(part.id && part.key && part.label && part.default !== null, ui);
      } else if (part.kind === "text" || part.kind === "heading" || part.kind === "problem") {
        const spans = part.kind === "text" ? part.spans : undefined;
        assert.ok(part.text, ui);
        assert.equal((spans ?? [part]).map(({ text }) => text).join(""), part.text, ui);
      } else if (part.kind !== "rule" && part.kind !== "image") {
        assert.ok(part.label, ui);
      }
    }
  }
});

test("repetition takes no more than a moment", () => {
  const limit = 2000;
  for (const unit of ["<", "{", "<!--", "{'a} ", "<a '", "{id:", "&amp", "<details>", "<h1>", "<b>a", "a\n", "\u00a0 "]) {
    const started = performance.now();
    parseForm(unit.repeat(Math.floor(190_000 / unit.length)));
    const taken = performance.now() - started;
    assert.ok(taken < limit, `${unit} took ${taken} ms`);
  }
});

test("a form of many fields takes no more than a moment", () => {
  const ui = Array.from({ length: 900 }, (_, i) => `Words ${i}: {id: 'f${i}', type: 'number', min: 0} px<br>`).join("");
  const started = performance.now();
  assert.equal(parseForm(ui).length, 900);
  assert.ok(performance.now() - started < 1000);
});

test("a choice among very many is cut, and the field says so", () => {
  const options = Array.from({ length: 6000 }, (_, i) => i);
  const [field] = parseForm([{ A: { id: "a", type: "choose", options } }]);
  assert.ok(field?.kind === "field");
  assert.equal(field.options?.length, 5000);
  assert.match(field.notes?.[0] ?? "", /6000 options; only the first 5000/);
});

test("more fields than anybody fills in are left out in words", () => {
  const ui = Array.from({ length: 1001 }, (_, i) => `{id: 'f${i}', type: 'number'}`).join("");
  const parts = parseForm(ui);
  assert.equal(parts.filter(({ kind }) => kind === "field").length, 1000);
  assert.match(JSON.stringify(parts.at(-1)), /at most 1000 fields/);
});

test("a text beyond all measure is left out in words", () => {
  const parts = parseForm(["x".repeat(200_001), "after"]);
  assert.deepEqual(
    parts.map(({ kind }) => kind),
    ["problem", "text"],
  );
});
