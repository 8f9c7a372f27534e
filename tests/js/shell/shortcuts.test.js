/** Keyboard shortcuts as they are pressed and shown. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ariaShortcuts, isApple, isPressed, keysOf } from "../../../site_src/js/shell/shortcuts.js";

const none = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };

test("a shortcut is its key with exactly its modifiers", () => {
  const press = { ...none, key: "P", ctrlKey: true, shiftKey: true };
  assert.ok(isPressed("Mod+Shift+P", press, false));
  assert.ok(isPressed("Mod+Shift+P", { ...press, key: "p" }, false));
  assert.ok(!isPressed("Mod+Shift+P", { ...press, shiftKey: false }, false));
  assert.ok(!isPressed("Mod+Shift+P", { ...press, altKey: true }, false));
  assert.ok(!isPressed("Mod+Shift+P", { ...press, key: "o" }, false));
  assert.ok(isPressed("F6", { ...none, key: "F6" }, false));
  assert.ok(!isPressed("F6", { ...none, key: "F6", shiftKey: true }, false));
});

test("Mod is Command on computers of Apple and Ctrl on others", () => {
  const press = { ...none, key: "p", metaKey: true, shiftKey: true };
  assert.ok(isPressed("Mod+Shift+P", press, true));
  assert.ok(!isPressed("Mod+Shift+P", press, false));
  assert.ok(!isPressed("Mod+Shift+P", { ...press, metaKey: false, ctrlKey: true }, true));
  assert.deepEqual(["MacIntel", "iPad", "Win32", "Linux x86_64"].map(isApple), [true, true, false, false]);
});

test("keys are shown by their names, and told to programs by theirs", () => {
  assert.deepEqual(keysOf("Mod+Shift+P", false), ["Ctrl", "Shift", "P"]);
  assert.deepEqual(keysOf("Mod+Shift+P", true), ["⌘", "⇧", "P"]);
  assert.deepEqual(keysOf("ArrowDown", true), ["↓"]);
  assert.equal(ariaShortcuts(["Mod+Shift+P", "F1"], false), "Control+Shift+P F1");
  assert.equal(ariaShortcuts(["Mod+Shift+P"], true), "Meta+Shift+P");
});
