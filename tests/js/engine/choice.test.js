/** Which engine is used, and that a token never goes to another. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { chooseEngine, chosenEngine, forgetEngine, tokenOf } from "../../../site_src/js/engine/choice.js";
import { readSetting, writeSetting } from "../../../site_src/js/workspace/settings.js";

const [A, B] = ["http://127.0.0.1:9000", "https://engine.example.org"];

beforeEach(() => writeSetting("engine", null));

test("the own engine is the one that nobody has to choose", () => {
  assert.equal(chosenEngine(), null);
});

test("every engine has its own token, and keeps it while another is used", () => {
  chooseEngine(A, "token-a");
  chooseEngine(B, "token-b");
  assert.deepEqual(chosenEngine(), { origin: B, token: "token-b" });
  chooseEngine(A);
  assert.deepEqual(chosenEngine(), { origin: A, token: "token-a" });
  chooseEngine(null);
  assert.equal(chosenEngine(), null);
  assert.deepEqual([tokenOf(A), tokenOf(B)], ["token-a", "token-b"]);
});

test("one that is forgotten is no longer chosen, and nothing is left of it", () => {
  chooseEngine(A, "token-a");
  forgetEngine(A);
  assert.equal(chosenEngine(), null);
  assert.equal(readSetting("engine"), null);
});

test("what somebody wrote into the storage is not taken for an engine", () => {
  for (const text of ["{", "7", "null", '{"chosen": 7}', '{"chosen": "javascript:x", "tokens": []}', '{"chosen": "http://a b"}']) {
    writeSetting("engine", text);
    assert.equal(chosenEngine(), null, text);
  }
  writeSetting("engine", JSON.stringify({ chosen: A, tokens: { [A]: 7, [B]: "b", "http://x/": "c" } }));
  assert.deepEqual(chosenEngine(), { origin: A, token: null });
  assert.equal(tokenOf("http://x/"), null);
});
