/** The words of anything that was thrown. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ImJoyError, PluginStartError, ProtocolError, isErrorLike, wordsOf } from "../../../site_src/js/core/errors.js";
import { protocol } from "../../../site_src/js/rpc/protocol.js";
import * as errors from "../../../site_src/js/core/errors.js";

const THROWN = [
  [new Error("plain"), "plain"],
  [new TypeError("wrong"), "TypeError: wrong"],
  [new ImJoyError("ours"), "ours"],
  [Object.assign(new TypeError("not mirrored"), { code: "missing" }), "not mirrored"],
  [new DOMException("gone", "AbortError"), "AbortError: gone"],
  [new RangeError(""), "RangeError"],
  ["a text", "a text"],
  [undefined, "something that is no error was thrown (undefined)"],
  [null, "something that is no error was thrown (null)"],
  [{ a: 1 }, "something that is no error was thrown (an object)"],
  [7, "something that is no error was thrown (number 7)"],
];

for (const [thrown, words] of THROWN) test(`words: ${words}`, () => assert.equal(wordsOf(thrown), words));

test("errors of another realm are errors", async () => {
  const { createContext, runInContext } = await import("node:vm");
  assert.ok(isErrorLike(runInContext("new TypeError('x')", createContext({}))));
  assert.ok(!isErrorLike({ message: "x" }));
});

test("every error has its own name, and a code; those that travel have one of the protocol's table", () => {
  const made = new PluginStartError("Viewer", "script", "line 3: no", { line: 3 });
  assert.deepEqual(
    [made.name, made.message, made.line, made.code],
    ["PluginStartError", "Viewer: line 3: no", 3, "start"],
  );
  assert.equal(new ProtocolError("x").tooLarge, false);
  for (const Class of [
    errors.EncodeError,
    errors.DecodeError,
    errors.NotAvailableError,
    errors.NoSuchObjectError,
    errors.ClosedError,
    errors.CancelledError,
  ]) {
    assert.ok(Object.hasOwn(protocol.error_codes, new Class("x").code), Class.name);
  }
});
