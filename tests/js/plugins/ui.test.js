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

test("nothing given is no form", () => {
  assert.deepEqual(parseForm(undefined), []);
});

test("nothing makes it throw, and every field has a name and a value", () => {
  const units = [
    ..."{}[]:,'\"\\ <>&;\n",
    "id: 'a'",
    "type: 'number'",
    "type: 'choose', options: [1, 'b']",
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
    for (const part of parseForm(ui)) {
      if (part.kind === "field") {
        assert.ok(part.id && part.key && part.label && part.default !== null, ui);
      } else {
        assert.ok(part.kind === "unsupported" ? part.type : part.text, ui);
      }
    }
  }
});

test("repetition takes no more than a moment", () => {
  const limit = 2000;
  for (const unit of ["<", "{", "<!--", "{'a} ", "<a '", "{id:", "&amp"]) {
    const started = performance.now();
    parseForm(unit.repeat(Math.floor(190_000 / unit.length)));
    const taken = performance.now() - started;
    assert.ok(taken < limit, `${unit} took ${taken} ms`);
  }
});

test("a text beyond all measure is left out in words", () => {
  const parts = parseForm(["x".repeat(200_001), "after"]);
  assert.deepEqual(
    parts.map(({ kind }) => kind),
    ["problem", "text"],
  );
});
