/** Log lines of a plugin that logs without end. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { LogGate } from "../../../site_src/js/sandbox/log_gate.js";

/** @import { LogEntry } from "../../../site_src/js/types.js" */

test("so many lines pass in a time, and the rest is counted", () => {
  /** @type {LogEntry[]} */
  const passed = [];
  let now = 0;
  const gate = new LogGate((entry) => void passed.push(entry), {
    limit: { lines: 2, milliseconds: 1_000 },
    now: () => now,
  });
  for (let line = 1; line <= 5; line += 1) gate.accept({ level: "info", message: `line ${line}` });
  assert.deepEqual(
    passed.map(({ message }) => message),
    ["line 1", "line 2"],
  );
  now = 1_000;
  gate.accept({ level: "info", message: "line 6" });
  assert.deepEqual(
    passed.slice(2).map(({ level, message }) => [level, message]),
    [
      ["warning", "3 more lines were left out, since they came too fast"],
      ["info", "line 6"],
    ],
  );
  gate.flush();
  assert.equal(passed.length, 4);
});

test("the line with which a plugin ends always passes", () => {
  /** @type {LogEntry[]} */
  const passed = [];
  const gate = new LogGate((entry) => void passed.push(entry), {
    limit: { lines: 0, milliseconds: 1_000 },
    now: () => 5_000,
  });
  gate.accept({ level: "error", message: "the end", fatal: true });
  assert.equal(passed[0].message, "the end");
});
