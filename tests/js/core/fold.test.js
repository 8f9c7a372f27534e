/** Long texts in one line. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { fold } from "../../../site_src/js/core/fold.js";

test("a short text is shown as it is", () => {
  assert.deepEqual(fold("one"), { head: "one", rest: "", count: 0 });
  assert.deepEqual(fold("one\ntwo\n"), { head: "one\ntwo", rest: "", count: 0 });
  assert.deepEqual(fold(""), { head: "", rest: "", count: 0 });
});

test("of a long one the first line is shown, and the rest counted", () => {
  assert.deepEqual(fold("one\n  two\nthree\n\n"), { head: "one", rest: "  two\nthree", count: 2 });
});

test("a traceback also shows what has happened, which is its last line", () => {
  const traceback = "Traceback (most recent call last):\n  File x, line 3\n    f()\nValueError: no light\n";
  assert.equal(fold(traceback).head, "Traceback (most recent call last): … ValueError: no light");
  const called = fold(`run() failed:\n${traceback}`);
  assert.equal(called.head, "run() failed: … ValueError: no light");
  assert.equal(called.count, 4);
  assert.ok(called.rest.startsWith("Traceback"));
});
