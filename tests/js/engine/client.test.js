/** The connection to the engine, with a server and a socket that are only played. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { EngineClient } from "../../../site_src/js/engine/client.js";
import { engineProblem, engineWords } from "../../../site_src/js/engine/words.js";
import { decodeFrame, encodeFrame } from "../../../site_src/js/rpc/wire.js";

/** @import { EngineStateName } from "../../../site_src/js/engine/words.js" */
/** @import { Message } from "../../../site_src/js/types.js" */

/** A socket whose other end is the test. */
class FakeSocket extends EventTarget {
  readyState = 1;
  /** @type {Message[]} */
  sent = [];

  constructor() {
    super();
    queueMicrotask(() => this.dispatchEvent(new Event("open")));
  }

  /** @param {Uint8Array} data */
  send(data) {
    this.sent.push(decodeFrame(data));
  }

  close() {
    this.end(1000, "");
  }

  /** @param {number} code @param {string} reason */
  end(code, reason) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason }));
  }

  /** @param {Message} message */
  receive(message) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: encodeFrame(message).buffer }));
  }
}

/**
 * @param {() => Promise<Response>} [answer] of the server, to being asked how it stands
 */
function setting(answer = async () => Response.json({ engine: true })) {
  /** @type {FakeSocket[]} */
  const sockets = [];
  /** @type {string[]} */
  const asked = [];
  const client = new EngineClient({
    address: "ws://127.0.0.1:8080/engine",
    client: "imjoy_web_1",
    openSocket: () => /** @type {any} */ (sockets[sockets.push(new FakeSocket()) - 1]),
    fetch: async (_address, { headers }) => {
      asked.push(/** @type {Record<string, string>} */ (headers).Authorization ?? "");
      return answer();
    },
    times: { firstRetry: 5, longestRetry: 20, ping: 5, patience: 40 },
  });
  return { client, sockets, asked };
}

/** @param {() => unknown} condition */
async function until(condition) {
  const end = Date.now() + 3000;
  while (!condition()) {
    if (Date.now() > end) assert.fail(`never came: ${condition}`);
    await pause(1);
  }
}

/** @param {EngineClient} client @param {EngineStateName} name */
const stands = (client, name) => until(() => client.state.name === name);

const WELCOME = { type: "welcome", version: 1, session: "s", limits: {} };

/** @param {{client: EngineClient, sockets: FakeSocket[]}} parts @param {number} [number] */
async function connect({ client, sockets }, number = 1) {
  await until(() => (sockets[number - 1]?.sent.length ?? 0) > 0);
  const socket = /** @type {FakeSocket} */ (sockets[number - 1]);
  socket.receive(WELCOME);
  assert.equal(client.state.name, "connected");
  return socket;
}

globalThis.WebSocket ??= /** @type {any} */ ({ OPEN: 1 });

test("without a token nothing is asked and nothing is opened", async () => {
  const { client, sockets, asked } = setting();
  client.pair(null);
  await pause(10);
  assert.equal(client.state.name, "unpaired");
  assert.deepEqual([sockets.length, asked.length], [0, 0]);
});

test("with a token: the server is asked, hello carries the token, welcome means connected", async () => {
  const parts = setting();
  parts.client.pair("secret");
  assert.equal(parts.client.state.name, "connecting");
  const socket = await connect(parts);
  assert.deepEqual(parts.asked, ["Bearer secret"]);
  assert.deepEqual(socket.sent[0], { type: "hello", version: 1, token: "secret", client: "imjoy_web_1" });
  parts.client.close();
});

test("a ping is answered with its pong, and a silent server is pinged", async () => {
  const parts = setting();
  parts.client.pair("t");
  const socket = await connect(parts);
  socket.receive({ type: "ping", id: 7 });
  assert.deepEqual(socket.sent.at(-1), { type: "pong", id: 7 });
  await until(() => socket.sent.some(({ type }) => type === "ping"));
  parts.client.close();
});

test("a server that stays silent is taken for gone, and connected to again", async () => {
  const parts = setting();
  parts.client.pair("t");
  await connect(parts, 1);
  await until(() => parts.sockets.length === 2);
  await connect(parts, 2);
  parts.client.close();
});

test("a refusal is told with the server's reason, and not tried again by itself", async () => {
  const parts = setting();
  parts.client.pair("t");
  await until(() => parts.sockets[0]?.sent.length);
  parts.sockets[0]?.end(4401, "The token is old.");
  assert.deepEqual(parts.client.state, { name: "refused", reason: "The token is old." });
  await pause(50);
  assert.equal(parts.sockets.length, 1);
  parts.client.retry();
  await connect(parts, 2);
  parts.client.close();
});

test("a wrong token and an engine that is switched off are refusals, without a socket", async () => {
  const wrong = setting(async () => new Response("", { status: 401 }));
  wrong.client.pair("t");
  await stands(wrong.client, "refused");
  assert.match(wrong.client.state.reason, /token/);
  const off = setting(async () => Response.json({ engine: false }));
  off.client.pair("t");
  await stands(off.client, "refused");
  assert.match(off.client.state.reason, /--no-engine/);
  assert.equal(wrong.sockets.length + off.sockets.length, 0);
});

test("a server that is gone is said to be gone, and found again when it is back", async () => {
  let isThere = false;
  const parts = setting(async () => {
    if (!isThere) throw new TypeError("Failed to fetch");
    return Response.json({ engine: true });
  });
  parts.client.pair("t");
  await stands(parts.client, "gone");
  await until(() => parts.asked.length >= 3);
  assert.equal(parts.client.state.name, "gone", "it does not flicker between the attempts");
  isThere = true;
  await connect(parts);
  parts.client.close();
});

test("a broken connection is made again", async () => {
  const parts = setting();
  parts.client.pair("t");
  (await connect(parts)).end(1006, "");
  assert.equal(parts.client.state.name, "connecting");
  await connect(parts, 2);
  parts.client.close();
});

test("another token ends the old connection, and none ends the pairing", async () => {
  const parts = setting();
  parts.client.pair("old");
  const first = await connect(parts);
  parts.client.pair("new");
  assert.equal(first.readyState, 3);
  const second = await connect(parts, 2);
  assert.equal(second.sent[0]?.token, "new");
  parts.client.pair(null);
  assert.equal(second.readyState, 3);
  assert.equal(parts.client.state.name, "unpaired");
});

test("what is no frame ends the connection, and it is made again", async () => {
  const parts = setting();
  parts.client.pair("t");
  const socket = await connect(parts);
  socket.dispatchEvent(Object.assign(new Event("message"), { data: new ArrayBuffer(3) }));
  await connect(parts, 2);
  parts.client.close();
});

test("every state has its words, and the bad ones say what to do", () => {
  for (const name of /** @type {EngineStateName[]} */ (["unpaired", "connecting", "connected", "refused", "gone"])) {
    const words = engineWords({ name, reason: "the reason." });
    assert.ok(words.label && words.sentence, name);
    if (words.tone === "bad") assert.match(words.advice, /python -m imjoy/);
  }
  assert.match(engineWords({ name: "refused", reason: "the reason." }).sentence, /the reason\.$/);
  assert.match(engineWords({ name: "unpaired", reason: "" }).advice, /open the link/);
});

test("what is said of another engine names it, and what it needs to let this page in", () => {
  const where = { other: "http://127.0.0.1:9000", page: "http://127.0.0.1:8080" };
  for (const name of /** @type {EngineStateName[]} */ (["connected", "connecting", "refused", "gone", "unpaired"])) {
    const { sentence } = engineWords({ name, reason: "so." }, where);
    assert.match(sentence, /http:\/\/127\.0\.0\.1:9000/, name);
    assert.doesNotMatch(engineWords({ name, reason: "so." }).sentence, /9000/, name);
    const problem = engineProblem({ name, reason: "so." }, where);
    assert.equal(problem === null, name === "connected");
    if (name !== "connecting" && problem !== null) assert.match(problem, /http:\/\/127\.0\.0\.1:9000/, name);
  }
  assert.match(engineWords({ name: "gone", reason: "" }, where).advice, /--allow-origin http:\/\/127\.0\.0\.1:8080$/);
});

test("the server that is asked before a socket is opened is that of the engine", async () => {
  /** @type {string[]} */
  const asked = [];
  const client = new EngineClient({
    address: "ws://127.0.0.1:9000/engine",
    status: "http://127.0.0.1:9000/api/status",
    client: "imjoy_web_1",
    openSocket: () => /** @type {any} */ (new FakeSocket()),
    fetch: async (address) => {
      asked.push(address);
      return Response.json({ engine: false });
    },
  });
  client.pair("secret");
  await stands(client, "refused");
  assert.deepEqual(asked, ["http://127.0.0.1:9000/api/status"]);
});
