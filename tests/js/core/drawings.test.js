/** Which picture stands for a plugin. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseIcon } from "../../../site_src/js/core/drawings.js";

/** @param {string} icon */
const choose = (icon) => chooseIcon({ name: "Cell Counter", icon });

test("names of the icon font are drawn, also under other names for the same", () => {
  assert.deepEqual(choose("extension"), { kind: "drawing", value: "extension" });
  assert.deepEqual(choose("image"), { kind: "drawing", value: "photo" });
});

test("a name that is not drawn, or none, gives the initials", () => {
  assert.deepEqual(choose("rocket_launch"), { kind: "initials", value: "CC" });
  assert.deepEqual(choose(""), { kind: "initials", value: "CC" });
  assert.deepEqual(choose("constructor"), { kind: "initials", value: "CC" });
  assert.deepEqual(chooseIcon({ name: " ", icon: null }), { kind: "initials", value: "?" });
});

test("an emoji is shown as it is", () => {
  assert.deepEqual(choose("🔬"), { kind: "sign", value: "🔬" });
});

test("pictures come from the config itself or from this server, never from outside", () => {
  assert.equal(choose("data:image/png;base64,AA==").kind, "picture");
  assert.equal(choose("/app/static/icon.svg").kind, "picture");
  for (const outside of [
    "https://example.org/i.png",
    "//example.org/i.png",
    "javascript:alert(1)",
    "data:text/html,x",
  ]) {
    assert.equal(choose(outside).kind, "initials", outside);
  }
});
