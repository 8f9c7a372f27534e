/** Running the text of a plugin's script, and saying where it failed. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { runModule, runScript } from "../../../site_src/js/sandbox/scripts.js";

const SOURCE = { plugin: "My Plugin", number: 2, line: 40 };
/** @type {any} */
const scope = globalThis;

/** A worker that finds its script broken at a line, as browsers tell it. */
class FakeWorker {
  /** @param {string} _name @param {(event: any) => void} listener */
  addEventListener(_name, listener) {
    queueMicrotask(() => listener({ lineno: 3, preventDefault: () => undefined }));
  }
  terminate() {}
}

beforeEach(() => {
  scope.__imjoyBoot = { mapImports: (/** @type {string} */ script) => script, NativeWorker: FakeWorker };
  delete scope.made;
});

test("a script is strict, and its declarations stay its own", async () => {
  await runScript("const made = 1; function helper() {} globalThis.made = made + 1;", SOURCE);
  assert.equal(scope.made, 2);
  assert.equal(scope.helper, undefined);
  await assert.rejects(runScript("undeclared = 1", SOURCE), /line 40: ReferenceError: undeclared is not defined/);
});

test("a script sees nothing of the module that runs it", async () => {
  await assert.rejects(runScript("sourceUrl", SOURCE), /ReferenceError: sourceUrl is not defined/);
});

const FAILURES = [
  ["thrown while it runs", "\n\nnoSuchThing();", "line 42: ReferenceError: noSuchThing is not defined", 42],
  ["a syntax error", "let a = ;", "line 42: SyntaxError: Unexpected token ';'", 42],
  ["a syntax error of something it reads", "\nJSON.parse('{')", /^line 41: SyntaxError: .*JSON/, 41],
  ["no error at all", "throw 'a text'", "script 2: a text", undefined],
];

for (const [name, script, message, line] of FAILURES) {
  test(`failure: ${name}`, async () => {
    await assert.rejects(runScript(String(script), SOURCE), (/** @type {any} */ error) => {
      assert.equal(error.name, "ScriptError");
      if (message instanceof RegExp) assert.match(error.message, message);
      else assert.equal(error.message, message);
      assert.equal(error.line, line);
      return true;
    });
  });
}

test("without the place of the script in its file, lines are the script's own", async () => {
  const failing = runScript("\nthrow new Error('x')", { plugin: "P", number: 1 });
  await assert.rejects(failing, /^ScriptError: script 1, line 2: x$|script 1, line 2: x/);
});

test("a module may wait and import, and its failure is told with its line", async () => {
  await runModule("await Promise.resolve(); globalThis.made = typeof this;", SOURCE);
  assert.equal(scope.made, "undefined");
  await assert.rejects(runModule("\nthrow new Error('in a module')", SOURCE), /line 41: in a module/);
});
