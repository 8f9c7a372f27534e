/** What the address of the app asks for. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readLink, withoutToken } from "../../../site_src/js/shell/link.js";

/** @param {string} fragment */
function read(fragment) {
  const { route, parameters } = readLink(fragment);
  return { route, ...Object.fromEntries(parameters) };
}

test("no fragment, a bare route, and a route with an empty query", () => {
  assert.deepEqual(read(""), { route: "" });
  assert.deepEqual(read("#/app"), { route: "/app" });
  assert.deepEqual(read("#/app?"), { route: "/app" });
});

test("known parameters are read in any order, unknown ones are not", () => {
  assert.deepEqual(read("#/app?token=abc&w=lab%201"), { route: "/app", token: "abc", w: "lab 1" });
  assert.deepEqual(read("#/app?w=lab&token=abc"), { route: "/app", token: "abc", w: "lab" });
  assert.deepEqual(read("#/app?other=1"), { route: "/app" });
});

test("an address of a plugin keeps its own question mark and ampersands", () => {
  const plugin = "https://example.org/a.imjoy.html?x=1&y=2";
  assert.deepEqual(read(`#/app?plugin=${plugin}&token=t`), { route: "/app", plugin, token: "t" });
});

test("of two values the first counts, and a malformed escape stays as it is", () => {
  assert.deepEqual(read("#/app?token=a&token=b"), { route: "/app", token: "a" });
  assert.deepEqual(read("#/app?w=100%"), { route: "/app", w: "100%" });
});

test("the token leaves the address, and nothing else does", () => {
  assert.equal(withoutToken("#/app?token=abc"), "#/app");
  assert.equal(withoutToken("#/app?w=a%20b&token=abc&plugin=p?q=1&r=2"), "#/app?w=a%20b&plugin=p?q=1&r=2");
  assert.equal(withoutToken("#/app?w=lab"), "#/app?w=lab");
  assert.equal(withoutToken(""), "");
});
