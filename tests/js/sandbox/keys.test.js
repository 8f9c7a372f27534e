/** The way out of a frame for the keyboard. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { passOnKeys } from "../../../site_src/js/sandbox/keys.js";

/**
 * What the port was told, and what became of each event.
 * @param {Partial<KeyboardEvent>[]} events
 */
function press(events) {
  /** @type {unknown[]} */
  const told = [];
  /** @type {((event: any) => void)[]} */
  const listeners = [];
  const port = /** @type {any} */ ({ postMessage: (/** @type {unknown} */ message) => told.push(message) });
  const frame = /** @type {any} */ ({
    addEventListener(/** @type {string} */ name, /** @type {(event: any) => void} */ listener, /** @type {boolean} */ first) {
      assert.deepEqual([name, first], ["keydown", true]);
      listeners.push(listener);
    },
  });
  passOnKeys(port, frame);
  const kept = events.map((event) => {
    let isKept = true;
    const more = { preventDefault: () => (isKept = false), stopImmediatePropagation: () => (isKept = false) };
    for (const listener of listeners) {
      listener({ altKey: false, metaKey: false, ctrlKey: false, shiftKey: false, isTrusted: true, ...event, ...more });
    }
    return isKept;
  });
  return { told, kept };
}

test("F6 goes to the app, with Ctrl and Shift, and the plugin does not see it", () => {
  const { told, kept } = press([{ key: "F6" }, { key: "F6", shiftKey: true }, { key: "F6", ctrlKey: true }]);
  assert.deepEqual(told, [
    { ctrl: false, shift: false },
    { ctrl: false, shift: true },
    { ctrl: true, shift: false },
  ]);
  assert.deepEqual(kept, [false, false, false]);
});

test("every other key is the plugin's, and so is an F6 that it made up itself", () => {
  const { told, kept } = press([
    { key: "F5" },
    { key: "Tab" },
    { key: "F6", altKey: true },
    { key: "F6", metaKey: true },
    { key: "F6", isTrusted: false },
  ]);
  assert.deepEqual(told, []);
  assert.deepEqual(kept, [true, true, true, true, true]);
});
