/** Looking at the engine, with one that is only played. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Emitter } from "../../../site_src/js/core/events.js";
import { EngineWatch } from "../../../site_src/js/engine/watch.js";
import { decodeFrame } from "../../../site_src/js/rpc/wire.js";

/** @import { Message } from "../../../site_src/js/types.js" */

/** @extends {Emitter<{message: Message, changed: {name: string, reason: string}}>} */
class PlayedClient extends Emitter {
  state = { name: "connected", reason: "" };
  /** @type {Message[]} */
  sent = [];
  /** @param {Uint8Array} frame */
  sendFrame(frame) {
    this.sent.push(decodeFrame(frame));
  }
}

const WORKER = { peer: "w1", name: "Filter", tag: null, workspace: "default", pid: 7, state: "running", seconds: 3, memory: 5, mine: false };

function setting() {
  const client = new PlayedClient();
  let changes = 0;
  const watch = new EngineWatch(/** @type {any} */ (client), () => (changes += 1));
  return { client, watch, changes: () => changes };
}

test("it asks while somebody watches, and shows what is answered", (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const { client, watch, changes } = setting();
  assert.equal(client.sent.length, 0);
  watch.start();
  watch.start();
  assert.deepEqual(client.sent, [{ type: "status", id: 1 }]);
  client.emit("message", { type: "status", id: 1, workers: [WORKER], starting: [], engine: { pid: 1, memory: null } });
  assert.equal(watch.report?.workers[0]?.name, "Filter");
  assert.equal(changes(), 1);
  context.mock.timers.tick(3_000);
  assert.equal(client.sent.length, 3);
  watch.stop();
  context.mock.timers.tick(10_000);
  assert.equal(client.sent.length, 3);
  assert.equal(watch.report, null);
});

test("nothing is asked, and nothing old is shown, while there is no connection", (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const { client, watch } = setting();
  watch.start();
  client.emit("message", { type: "status", id: 1, workers: [WORKER], starting: [], engine: { pid: 1, memory: null } });
  client.state = { name: "gone", reason: "" };
  client.emit("changed", client.state);
  assert.equal(watch.report, null);
  context.mock.timers.tick(5_000);
  assert.equal(client.sent.length, 1);
  watch.stop();
});

test("a worker is ended wherever it was started, and shown as ending until it is gone", (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const { client, watch } = setting();
  watch.start();
  const report = { type: "status", id: 1, workers: [WORKER], starting: [], engine: { pid: 1, memory: null } };
  client.emit("message", report);
  watch.end(/** @type {any} */ (WORKER));
  assert.deepEqual(client.sent.at(-1), { type: "stop", peer: "w1", anywhere: true });
  assert.ok(watch.isEnding("w1"));
  client.emit("message", { type: "ended", peer: "w1" });
  assert.equal(client.sent.at(-1)?.type, "status");
  client.emit("message", { ...report, workers: [] });
  assert.ok(!watch.isEnding("w1"));
  watch.stop();
});
