/** The manifest says of every plugin what the plugin says of itself. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { readOwnPlugin } from "./repository.js";

const FOLDER = new URL("../../../plugin_repository/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("manifest.imjoy.json", FOLDER), "utf-8"));

test("it lists every plugin file of the folder, and no other", () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".imjoy.html"));
  assert.deepEqual(manifest.plugins.map((/** @type {any} */ entry) => entry.uri).sort(), files.sort());
});

for (const { uri, ...entry } of manifest.plugins) {
  test(`${entry.name}: the entry is the plugin's own config, which is read without a note`, () => {
    const { config, form } = readOwnPlugin(entry.name);
    assert.deepEqual(entry, config.raw);
    assert.deepEqual(config.notes, []);
    assert.ok(form.every(({ kind }) => kind === "field"));
    assert.ok(config.docs.length > 500, "it is documented");
  });
}
