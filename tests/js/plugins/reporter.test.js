/** Failures of plugins where the person is looking. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Plugin } from "../../../site_src/js/plugins/plugin.js";
import { fromRecord } from "../../../site_src/js/plugins/reading.js";
import { Reporter } from "../../../site_src/js/plugins/reporter.js";
import { Notices } from "../../../site_src/js/shell/notices.js";

/** @import { PluginRecord } from "../../../site_src/js/workspace/records.js" */

function setting() {
  const record = /** @type {PluginRecord} */ ({ name: "A", type: "window", version: "1" });
  const plugin = new Plugin(record, fromRecord(record), []);
  plugin.setState("ready");
  const notices = new Notices();
  /** @type {Plugin[]} */
  const shown = [];
  const reporter = new Reporter({ notices, showLog: (one) => shown.push(one) });
  const texts = () => notices.messages.map(({ text }) => text);
  return { plugin, notices, reporter, shown, texts };
}

test("a failure is logged, told with the plugin's name once, and leads to the log", () => {
  const { plugin, notices, reporter, shown, texts } = setting();
  reporter.tellFailure(plugin, "no lens");
  reporter.tellFailure(plugin, "A: run() failed: no light");
  assert.deepEqual(texts(), ["A: no lens", "A: run() failed: no light"]);
  assert.deepEqual(
    plugin.log.map(({ text }) => text),
    ["no lens", "A: run() failed: no light"],
  );
  notices.messages[0]?.actions[0]?.run();
  assert.deepEqual(shown, [plugin]);
});

test("failures that nobody waited for are told at most every few seconds", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { plugin, reporter, texts } = setting();
  for (let i = 0; i < 100; i += 1) reporter.tellUncaught(plugin, `Uncaught: number ${i}`);
  context.mock.timers.tick(1);
  assert.deepEqual(texts(), ["A: Uncaught: number 0"]);
});

test("what has ended the plugin is told by its end alone", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { plugin, reporter, texts } = setting();
  reporter.tellUncaught(plugin, "The session has ended: gone");
  plugin.setState("failed", "gone");
  context.mock.timers.tick(1);
  assert.deepEqual(texts(), []);
});

test("a traceback and the error that it ends with are told once, whichever comes first", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const traceback = "run() failed:\nTraceback (most recent call last):\n  File x\nValueError: no light\n";
  const failure = "A: run() failed: ValueError: no light";
  const first = setting();
  first.reporter.tellUncaught(first.plugin, traceback);
  context.mock.timers.tick(1);
  assert.deepEqual(first.texts(), ["A: run() failed: … ValueError: no light"]);
  first.reporter.tellFailure(first.plugin, failure);
  assert.deepEqual(first.texts(), [failure]);
  const second = setting();
  second.reporter.tellUncaught(second.plugin, traceback);
  second.reporter.tellFailure(second.plugin, failure);
  context.mock.timers.tick(1);
  assert.deepEqual(second.texts(), [failure]);
  second.reporter.tellUncaught(second.plugin, "something else");
  context.mock.timers.tick(10_000);
  assert.equal(second.texts().length, 1, "told of a moment ago");
});

test("that a plugin was stopped is told, and in its log", () => {
  const { plugin, reporter, texts } = setting();
  reporter.tellStop(plugin, "run");
  reporter.tellStop(plugin, "start");
  assert.deepEqual(texts(), ["A was stopped", "The start of A was stopped"]);
  assert.deepEqual(
    plugin.log.map(({ level, text }) => [level, text]),
    [
      ["info", "A was stopped"],
      ["info", "The start of A was stopped"],
    ],
  );
});
