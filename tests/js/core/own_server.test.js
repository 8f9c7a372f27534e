/** The API of the app's own server, with answers that are only played. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { OwnServer, ServerError } from "../../../site_src/js/core/own_server.js";

/**
 * @param {(address: string, options: RequestInit) => Response | Promise<Response>} answer
 * @param {string | null} [token]
 */
function server(answer, token = "secret") {
  /** @type {{address: string, options: any}[]} */
  const asked = [];
  const own = new OwnServer(
    () => token,
    async (address, options) => {
      asked.push({ address, options });
      return answer(address, options);
    },
  );
  return { own, asked };
}

/** @param {Promise<unknown>} promise @returns {Promise<ServerError>} */
async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ServerError);
    return error;
  }
  return assert.fail("it did not fail");
}

test("it is asked with the token, and told in JSON", async () => {
  const { own, asked } = server(() => Response.json({ engines: [] }));
  assert.deepEqual(await own.get("/api/engines"), { engines: [] });
  await own.post("/api/engines/confirm", { origin: "x" });
  assert.equal(asked[0]?.options.headers.Authorization, "Bearer secret");
  assert.equal(asked[0]?.options.method, undefined);
  const { method, body, headers } = asked[1]?.options ?? {};
  assert.deepEqual([method, body, headers["Content-Type"]], ["POST", '{"origin":"x"}', "application/json"]);
});

test("without a token nothing is asked", async () => {
  const { own, asked } = server(() => Response.json({}), null);
  assert.equal(own.isPaired, false);
  assert.equal((await failure(own.get("/api/status"))).code, "unpaired");
  assert.equal(asked.length, 0);
});

test("every refusal is told in words", async () => {
  const error = { code: "input", message: "No such thing.", hint: "Look again." };
  const told = await failure(server(() => Response.json({ error }, { status: 400 })).own.get("/api/x"));
  assert.deepEqual([told.message, told.hint, told.code, told.status], ["No such thing.", "Look again.", "input", 400]);
  const gate = await failure(server(() => new Response("Refused: no.\n", { status: 403 })).own.get("/api/x"));
  assert.equal(gate.message, "Refused: no.");
  const wrong = await failure(server(() => new Response("", { status: 401 })).own.get("/api/x"));
  assert.equal(wrong.code, "unpaired");
  const odd = await failure(server(() => new Response("<html>", { status: 200 })).own.get("/api/x"));
  assert.match(odd.message, /cannot be read/);
  const gone = await failure(server(() => Promise.reject(new TypeError("fetch failed"))).own.get("/api/x"));
  assert.deepEqual([gone.code, gone.status], ["gone", 0]);
});

/** @param {string[]} chunks @param {boolean} [breaks] */
function streamOf(chunks, breaks = false) {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk !== undefined) controller.enqueue(encoder.encode(chunk));
      else if (breaks) controller.error(new TypeError("network error"));
      else controller.close();
    },
  });
}

/** @param {AsyncGenerator<any>} lines */
async function all(lines) {
  const found = [];
  for await (const line of lines) found.push(line);
  return found;
}

test("lines come one by one, wherever the network cuts them", async () => {
  const chunks = ['{"a":', '1}\n{"a":2}\n{"a"', ':"ü"}\n\n'];
  assert.deepEqual(await all(server(() => new Response(streamOf(chunks))).own.lines("/x")), [{ a: 1 }, { a: 2 }, { a: "ü" }]);
});

test("lines that break off are an error, unless they were given up", async () => {
  const broken = server(() => new Response(streamOf(['{"a":1}\n'], true))).own;
  assert.equal((await failure(all(broken.lines("/x")))).code, "lost");
  const stop = new AbortController();
  const given = server(() => new Response(streamOf(['{"a":1}\n'], true))).own.lines("/x", stop.signal);
  assert.deepEqual(await given.next(), { value: { a: 1 }, done: false });
  stop.abort();
  assert.equal((await given.next()).done, true);
});
