/** What a plugin has logged, and how much of it is kept. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Logbook } from "../../../site_src/js/plugins/logbook.js";
import { Plugin } from "../../../site_src/js/plugins/plugin.js";
import { fromRecord } from "../../../site_src/js/plugins/reading.js";

/** @import { PluginRecord } from "../../../site_src/js/workspace/records.js" */

test("lines are kept with plugin, time, level and their place among all", () => {
  const [one, other] = [new Logbook("One"), new Logbook("Other")];
  /** @type {string[]} */
  const added = [];
  one.on("added", ({ text }) => added.push(text));
  one.write("info", "a");
  other.write("warning", "b");
  one.write("error", "c", "data:image/png;base64,AA");
  assert.deepEqual(added, ["a", "c"]);
  const [first, last] = one.lines;
  assert.ok(first && last);
  assert.deepEqual([first.plugin, first.level, last.image], ["One", "info", "data:image/png;base64,AA"]);
  assert.ok(first.order < /** @type {number} */ (other.lines[0]?.order));
  assert.ok(/** @type {number} */ (other.lines[0]?.order) < last.order);
  assert.ok(Date.now() - last.time.getTime() < 60_000);
});

test("the oldest lines are dropped and counted, and the counts are of what is kept", () => {
  const book = new Logbook("A", { most: 1000 });
  for (let i = 0; i < 10_000; i += 1) book.write(i < 5_000 ? "warning" : i % 10 === 0 ? "error" : "info", `line ${i}`);
  assert.ok(book.lines.length >= 1000 && book.lines.length < 1500);
  assert.equal(book.lines.length + book.dropped, 10_000);
  assert.equal(book.lines.at(-1)?.text, "line 9999");
  assert.equal(book.lines[0]?.text, `line ${book.dropped}`);
  const { info, warning, error } = book.counts;
  assert.equal(warning, 0);
  assert.equal(info + error, book.lines.length);
  assert.equal(error, book.lines.filter(({ level }) => level === "error").length);
});

test("an emptied log begins anew, and says so", () => {
  const book = new Logbook("A", { most: 1 });
  let emptied = 0;
  book.on("emptied", () => (emptied += 1));
  for (let i = 0; i < 900; i += 1) book.write("info", "x");
  book.empty();
  assert.deepEqual([book.lines.length, book.dropped, emptied], [0, 0, 1]);
  assert.deepEqual(book.counts, { info: 0, warning: 0, error: 0 });
});

test("a plugin that is loaded anew goes on with the same log", () => {
  const record = /** @type {PluginRecord} */ ({ name: "A", type: "window", version: "1" });
  const before = new Plugin(record, fromRecord(record), []);
  before.write("error", "bad");
  const after = new Plugin(record, fromRecord(record), []);
  after.takeOver(before);
  after.write("info", "good");
  before.write("info", "late");
  assert.equal(after.logbook, before.logbook);
  assert.deepEqual(
    after.log.map(({ text }) => text),
    ["bad", "good", "late"],
  );
  assert.deepEqual([before.unseenErrors, after.unseenErrors], [1, 0]);
  after.clearLog();
  assert.deepEqual(before.log, []);
});
