/** Requirements: which kind an entry is, and loading them one by one. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { classifyRequirement, loadRequirements } from "../../../site_src/js/sandbox/requirements.js";

const ENTRIES = [
  ["https://cdn.example/a.js", "script", "https://cdn.example/a.js"],
  ["https://cdn.example/A.JS", "script", "https://cdn.example/A.JS"],
  ["js:https://cdn.example/a", "script", "https://cdn.example/a"],
  ["https://cdn.example/a.css", "style", "https://cdn.example/a.css"],
  ["css:https://cdn.example/a", "style", "https://cdn.example/a"],
  ["https://cdn.example/a.mjs", "module", "https://cdn.example/a.mjs"],
  ["mjs:https://cdn.example/a.js", "module", "https://cdn.example/a.js"],
  ["https://cdn.example/npm/a@1", "script", "https://cdn.example/npm/a@1"],
  ["https://cdn.example/a.js?v=1", "script", "https://cdn.example/a.js?v=1"],
  ["cache:https://cdn.example/model", "cache", "https://cdn.example/model"],
  ["cache:https://cdn.example/a.js", "cache", "https://cdn.example/a.js"],
  ["js:https://cdn.example/a.css", "script", "https://cdn.example/a.css"],
  ["js: https://cdn.example/a", "script", "https://cdn.example/a"],
  ["js", "ignored", "js"],
  ["JS:something", "ignored", "JS:something"],
  ["numpy", "ignored", "numpy"],
];

for (const [entry, kind, url] of ENTRIES) {
  test(`entry: ${entry}`, () => assert.deepEqual(classifyRequirement(entry), { kind, url }));
}

/** @param {string[]} done @param {string} [failing] */
function loaders(done, failing) {
  const load = (/** @type {string} */ kind) => async (/** @type {string} */ url) => {
    done.push(`${kind} ${url} begins`);
    await Promise.resolve();
    if (url === failing) throw new Error("not there");
    done.push(`${kind} ${url} ends`);
  };
  return { script: load("script"), style: load("style"), module: load("module") };
}

test("entries are loaded one after the other", async () => {
  /** @type {string[]} */
  const done = [];
  await loadRequirements(["a.js", "b.css", "cache:x", "c.mjs"], loaders(done), assert.fail);
  assert.deepEqual(done, [
    "script a.js begins",
    "script a.js ends",
    "style b.css begins",
    "style b.css ends",
    "module c.mjs begins",
    "module c.mjs ends",
  ]);
});

test("a failure names the entry, and what comes after it is not loaded", async () => {
  /** @type {string[]} */
  const done = [];
  const loading = loadRequirements(["a.js", "js:b", "c.js"], loaders(done, "b"), assert.fail);
  await assert.rejects(loading, /the requirement "js:b" could not be loaded: not there/);
  assert.ok(!done.some((line) => line.includes("c.js")));
});

test("one text is a list of one, nothing is an empty list, and anything else is refused", async () => {
  /** @type {string[]} */
  const done = [];
  await loadRequirements("a.js", loaders(done), assert.fail);
  await loadRequirements(undefined, loaders(done), assert.fail);
  assert.equal(done.length, 2);
  await assert.rejects(
    loadRequirements(/** @type {any} */ ([5]), loaders(done), assert.fail),
    /a requirement must be a text, not 5/,
  );
});

test("an entry of no kind is left out with a warning", async () => {
  /** @type {string[]} */
  const warnings = [];
  await loadRequirements(["numpy"], loaders([]), (warning) => void warnings.push(warning));
  assert.match(warnings[0], /"numpy"/);
});

test("where modules cannot be loaded, an address is a script, and what asks for a module is left out", async () => {
  /** @type {string[]} */
  const done = [];
  /** @type {string[]} */
  const warnings = [];
  const { script, style } = loaders(done);
  const entries = ["https://cdn.example/a.mjs", "mjs:https://cdn.example/b"];
  await loadRequirements(entries, { script, style }, (warning) => void warnings.push(warning));
  assert.deepEqual(done, ["script https://cdn.example/a.mjs begins", "script https://cdn.example/a.mjs ends"]);
  assert.match(warnings[0], /"mjs:https:\/\/cdn\.example\/b"/);
});
