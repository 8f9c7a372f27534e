/** What is running, in words. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Plugin } from "../../../site_src/js/plugins/plugin.js";
import { fromRecord } from "../../../site_src/js/plugins/reading.js";
import { activitiesOf, activityText } from "../../../site_src/js/shell/activities.js";

/** @import { PluginRecord } from "../../../site_src/js/workspace/records.js" */

/** @param {string} name @param {string} [type] */
function makePlugin(name, type = "web-worker") {
  const record = /** @type {PluginRecord} */ ({ name, type, version: "1" });
  return new Plugin(record, fromRecord(record), []);
}

test("a plugin says what it is doing while it starts, runs, and is stopped, and else nothing", async () => {
  const plugin = makePlugin("A");
  assert.equal(activityText(plugin), "Starting…");
  plugin.setActivity("Making its environment: installing\nnumpy…");
  assert.equal(activityText(plugin), "Making its environment: installing numpy…");
  plugin.setState("ready");
  assert.equal(activityText(plugin), null);
  await plugin.during(async () => {
    assert.equal(activityText(plugin), "Running…");
    plugin.setProgress(0.4);
    assert.equal(activityText(plugin), "Running… 40 %");
    plugin.setActivity("counting cells");
    assert.equal(activityText(plugin), "counting cells… 40 %");
  });
  assert.equal(activityText(plugin), null);
  await plugin.during(async () => assert.equal(activityText(plugin), "Running…", "what the last run said is over"));
  for (const state of /** @type {const} */ (["stopped", "failed", "waiting"])) {
    plugin.setState(state);
    assert.equal(activityText(plugin), null);
  }
  plugin.setState("stopping");
  assert.equal(activityText(plugin), "Stopping…");
});

test("a long text is cut", () => {
  const plugin = makePlugin("A");
  plugin.setActivity("x".repeat(500));
  const text = activityText(plugin) ?? "";
  assert.match(text, /^x+…$/u);
  assert.ok(text.length <= 60);
});

test("the overview has those that do something, and says which of them can be stopped", async () => {
  const [ready, starting, stopping, opening] = ["Ready", "Starting", "Stopping", "Opening"].map((name) =>
    makePlugin(name, name === "Opening" ? "window" : "web-worker"),
  );
  assert.ok(ready && starting && stopping && opening);
  ready.setState("ready");
  stopping.setState("stopping");
  opening.setState("ready");
  await opening.during(async () => {
    opening.setProgress(7);
    const shown = activitiesOf([ready, starting, stopping, opening]).map(({ plugin, text, progress, canStop }) => [
      ...[plugin.name, text, progress, canStop],
    ]);
    assert.deepEqual(shown, [
      ["Starting", "Starting…", null, true],
      ["Stopping", "Stopping…", null, false],
      ["Opening", "Opening… 7 %", 7, true],
    ]);
  });
});

test("a plugin on which others wait for long works for them, and can be stopped", async () => {
  const plugin = makePlugin("A");
  const session = { pendingCalls: 0 };
  plugin.session = /** @type {any} */ (session);
  plugin.setState("ready");
  let changes = 0;
  plugin.on("changed", () => (changes += 1));
  session.pendingCalls = 1;
  plugin.noteCalls();
  session.pendingCalls = 0;
  plugin.noteCalls();
  assert.deepEqual([changes, activityText(plugin), plugin.canStop], [0, null, false], "a short call is no news");
  session.pendingCalls = 3;
  for (let i = 0; i < 5; i += 1) plugin.noteCalls();
  assert.deepEqual([changes, activityText(plugin), plugin.canStop], [1, "Working for another plugin…", true]);
  assert.equal(plugin.state, "ready", "it can be run all the same");
  session.pendingCalls = 0;
  plugin.noteCalls();
  assert.deepEqual([changes, activityText(plugin), plugin.canStop], [2, null, false]);
  await plugin.during(async () => {
    session.pendingCalls = 1;
    for (let i = 0; i < 5; i += 1) plugin.noteCalls();
    assert.equal(activityText(plugin), "Running…", "its own run is no call of others");
  });
  session.pendingCalls = 0;
  plugin.noteCalls();
  assert.equal(activityText(plugin), null);
});

test("progress is told anew only where another number is to be seen", () => {
  const plugin = makePlugin("A");
  let changes = 0;
  plugin.on("changed", () => (changes += 1));
  for (let i = 0; i <= 10_000; i += 1) plugin.setProgress(1 + (i / 10_000) * 99);
  assert.ok(changes <= 101, String(changes));
  assert.equal(plugin.progress, 100);
});
