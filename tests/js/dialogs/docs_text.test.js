/** The part of Markdown that plugins' documentation uses. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseDocs, parseSpans } from "../../../site_src/js/dialogs/docs_text.js";

test("headings, paragraphs, lists and code are told apart", () => {
  const text =
    "# Title #\nOne line\nand its end\n\n- a\n  goes on\n* b\n\n1. first\n2) second\n\n```js\nx < 1\n\n# no\n```\nend";
  assert.deepEqual(
    parseDocs(text).map((block) => {
      if (block.kind === "code") return block.text;
      if (block.kind === "list")
        return [block.ordered, ...block.items.map((spans) => spans.map((s) => s.text).join(""))];
      return [block.kind, block.spans.map((s) => s.text).join("")];
    }),
    [
      ["heading", "Title"],
      ["paragraph", "One line and its end"],
      [false, "a goes on", "b"],
      [true, "first", "second"],
      "x < 1\n\n# no",
      ["paragraph", "end"],
    ],
  );
});

test("spans within a line", () => {
  assert.deepEqual(parseSpans("a **b** `c*d*` *e* [f](http://g) h"), [
    { kind: "plain", text: "a " },
    { kind: "strong", text: "b" },
    { kind: "plain", text: " " },
    { kind: "code", text: "c*d*" },
    { kind: "plain", text: " " },
    { kind: "emphasis", text: "e" },
    { kind: "plain", text: " " },
    { kind: "link", text: "f", address: "http://g" },
    { kind: "plain", text: " h" },
  ]);
});

test("nothing in it is ever taken for HTML, and lone marks stay as they are", () => {
  assert.deepEqual(parseDocs("<img src=x onerror=alert(1)> 2 * 3 * 4"), [
    { kind: "paragraph", spans: [{ kind: "plain", text: "<img src=x onerror=alert(1)> 2 * 3 * 4" }] },
  ]);
});

test("a fence that is never closed takes the rest, and no text gives no blocks", () => {
  assert.deepEqual(parseDocs("```\nrest"), [{ kind: "code", text: "rest" }]);
  assert.deepEqual(parseDocs("\n\n"), []);
});
