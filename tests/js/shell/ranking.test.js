/** Finding commands by what is typed. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { rank } from "../../../site_src/js/shell/ranking.js";

const NAMES = ["Cell Counter", "Image Filters", "Image Viewer", "Talker"];
const PLUGIN_TITLES = ["Run …", "Settings of …", "Show the log of …", "Reload …", "Remove …"];
const ITEMS = [
  ...NAMES.flatMap((name) => PLUGIN_TITLES.map((title) => title.replace("…", name))).map((title) => ({
    id: title,
    title,
    group: "Plugins",
  })),
  { id: "stop", title: "Stop all that is running", group: "Plugins", words: "cancel abort" },
  { id: "log", title: "Show the log of all plugins", group: "Log" },
  { id: "dark", title: "Colours: dark", group: "View", words: "theme" },
  { id: "keys", title: "Keyboard shortcuts", group: "Everywhere" },
  { id: "tirage", title: "Tirage à blanc", group: "Plugins" },
];

/** @param {string} search @param {readonly string[]} [recent] */
const found = (search, recent = []) => rank(ITEMS, search, recent).map(({ item }) => item.title);

test("without a search all are listed as they come, those used lately first", () => {
  assert.deepEqual(found(""), ITEMS.map(({ title }) => title));
  const titles = found("  ", ["dark", "Run Talker", "gone"]);
  assert.deepEqual(titles.slice(0, 3), ["Colours: dark", "Run Talker", "Run Cell Counter"]);
  assert.equal(titles.length, ITEMS.length);
});

const FIRST = /** @type {const} */ ([
  ["run cell", "Run Cell Counter"],
  ["cell run", "Run Cell Counter"],
  ["RUN TALKER", "Run Talker"],
  ["rif", "Run Image Filters"],
  ["log all", "Show the log of all plugins"],
  ["dark", "Colours: dark"],
  ["theme", "Colours: dark"],
  ["cancel", "Stop all that is running"],
  ["stop", "Stop all that is running"],
  ["flters", "Run Image Filters"],
  ["rmv tal", "Remove Talker"],
  ["set cell", "Settings of Cell Counter"],
  ["kbd", "Keyboard shortcuts"],
  ["tirage a", "Tirage à blanc"],
]);

for (const [search, title] of FIRST) {
  test(`“${search}” finds “${title}” first`, () => assert.equal(found(search)[0], title));
}

test("every word has to be found", () => {
  assert.deepEqual(found("run nothing"), []);
  assert.deepEqual(found("xyz"), []);
  assert.deepEqual(found("settings talker"), ["Settings of Talker"]);
});

test("where something is surely meant, mere letters find nothing", () => {
  assert.deepEqual(found("stop"), ["Stop all that is running"]);
});

test("of equals, what was used lately comes first, but not before what fits better", () => {
  assert.equal(found("image", ["Run Image Viewer"])[0], "Run Image Viewer");
  assert.equal(found("image", ["Remove Image Filters"])[0], "Remove Image Filters");
  assert.equal(found("run image filters", ["Show the log of Image Filters"])[0], "Run Image Filters");
  assert.deepEqual(found("run", ["Run Talker", "Run Image Viewer"]).slice(0, 2), ["Run Talker", "Run Image Viewer"]);
});

test("the places of the title where it was found are told, in order and without overlaps", () => {
  const marked = (/** @type {string} */ search) => {
    const [first] = rank(ITEMS, search);
    return first?.ranges.map(([from, to]) => first.item.title.slice(from, to));
  };
  assert.deepEqual(marked("filt run"), ["Run", "Filt"]);
  assert.deepEqual(marked("rif"), ["R", "I", "F"]);
  assert.deepEqual(marked("tirage a"), ["Tirage", "à"]);
  assert.deepEqual(marked("theme"), []);
});

test("a long text and a long search take no more than a moment", () => {
  const title = "a".repeat(400);
  const start = performance.now();
  rank([{ id: "a", title, group: "" }], `${"a".repeat(300)}b`);
  assert.ok(performance.now() - start < 5_000);
});
