/** The frames of the engine socket, against the vectors that the Python side reads too. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { EncodeError, ProtocolError } from "../../../site_src/js/core/errors.js";
import { readSocketMessage } from "../../../site_src/js/rpc/messages.js";
import { Cutter, FrameSender, Joiner } from "../../../site_src/js/rpc/pieces.js";
import { decodeFrame, encodeFrame } from "../../../site_src/js/rpc/wire.js";

const vectors = JSON.parse(readFileSync(new URL("../../vectors/rpc_wire.json", import.meta.url), "utf-8"));

/** @param {string} base64 */
function bytes(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** @param {any} value the vector's value with real bytes @returns {any} */
function revive(value) {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(revive);
  if (Object.hasOwn(value, "$bytes")) return bytes(value.$bytes);
  /** @type {Record<string, unknown>} */
  const revived = {};
  for (const [name, member] of Object.entries(value)) {
    Object.defineProperty(revived, name, {
      value: revive(member),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return revived;
}

/** Views of one buffer compare by what they show. @param {any} value @returns {any} */
function comparable(value) {
  if (value instanceof Uint8Array) return { $bytes: [...value] };
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .map(([name, member]) => [name, comparable(member)])
    .sort();
}

/** @param {any} error @param {string} expected */
function assertRefusal(error, expected) {
  if (expected === "encode") return assert.ok(error instanceof EncodeError, String(error));
  assert.ok(error instanceof ProtocolError, String(error));
  assert.equal(error.tooLarge ? "too_large" : "protocol_error", expected);
}

for (const vector of vectors.frames) {
  test(`frame: ${vector.name}`, () => {
    if (vector.error) {
      const attempt =
        vector.frame === undefined
          ? () => encodeFrame(revive(vector.message))
          : () => decodeFrame(bytes(vector.frame), vector.limit);
      assert.throws(attempt, (/** @type {any} */ error) => (assertRefusal(error, vector.error), true));
      return;
    }
    const message = revive(vector.message);
    assert.deepEqual(comparable(decodeFrame(bytes(vector.frame))), comparable(message));
    const encoded = encodeFrame(message);
    assert.deepEqual(comparable(decodeFrame(encoded)), comparable(message));
    if (vector.exact) assert.deepEqual([...encoded], [...bytes(vector.frame)]);
  });
}

for (const vector of vectors.messages) {
  test(`message: ${vector.name}`, () => {
    const message = revive(vector.message);
    if (vector.error) {
      assert.throws(
        () => readSocketMessage(message),
        (/** @type {any} */ error) => (assertRefusal(error, vector.error), true),
      );
    } else {
      const { later: _, ...known } = message;
      assert.deepEqual({ ...readSocketMessage(message) }, known);
    }
  });
}

for (const vector of vectors.pieces) {
  test(`pieces: ${vector.name}`, () => {
    const joiner = new Joiner({ totalBytes: vector.total_bytes, limits: vector.limits });
    const cutter = vector.frame && new Cutter(vector.stream, revive(vector.frame), { limits: vector.limits });
    for (const { piece, joined, consumed, error } of revive(vector.steps)) {
      if (cutter) assert.deepEqual(comparable(cutter.nextPiece()), comparable(piece));
      if (error) {
        assert.throws(
          () => joiner.accept(piece),
          (/** @type {any} */ thrown) => (assertRefusal(thrown, error), true),
        );
        continue;
      }
      assert.deepEqual(comparable(joiner.accept(piece)), comparable(joined));
      if (consumed) {
        const credit = joiner.consumed(piece.stream, consumed);
        assert.deepEqual(credit, { type: "credit", stream: piece.stream, bytes: consumed });
        cutter?.addCredit(credit);
      }
    }
    if (cutter) assert.ok(cutter.done);
  });
}

test("binary values of a decoded frame are aligned views into it, not copies", () => {
  const frame = encodeFrame({ type: "x", a: new Float64Array([1.5, -2]), b: new Uint8Array([1, 2, 3]) });
  const { a, b } = /** @type {any} */ (decodeFrame(frame));
  assert.equal(a.buffer, frame.buffer);
  assert.equal(a.byteOffset % 8, 0);
  assert.deepEqual([...new Float64Array(a.buffer, a.byteOffset, 2)], [1.5, -2]);
  assert.deepEqual([...b], [1, 2, 3]);
});

test("a value that the wire does not know is refused with its place", () => {
  assert.throws(() => encodeFrame({ type: "x", args: [1, { when: new Date(0) }] }), /args\/1\/when is a Date/);
  assert.throws(() => encodeFrame({ type: "x", args: [Number.NaN] }), /args\/0 is NaN/);
  assert.throws(() => encodeFrame({ type: "x", args: [10n] }), /args\/0 is a bigint/);
});

test("small messages pass between the pieces of a large one, and only as much goes as there is credit for", () => {
  const limits = { piece_bytes: 64, window_bytes: 128 };
  /** @type {any[]} */
  const sent = [];
  const sender = new FrameSender({ sendBytes: (frame) => void sent.push(decodeFrame(frame)), limits });
  const joiner = new Joiner({ totalBytes: 10_000, limits });
  const data = Uint8Array.from({ length: 400 }, (_, index) => index % 251);

  sender.send({ type: "method", data }, { to: "worker-1" });
  assert.deepEqual(
    sent.map((message) => message.type),
    ["piece", "piece"],
    "the window holds two pieces",
  );
  sender.send({ type: "ping", id: 1 });
  assert.equal(sent.at(-1).type, "ping", "a small message does not wait");

  let whole;
  while (sent.length > 0) {
    const message = sent.shift();
    if (message.type !== "piece") continue;
    assert.equal(message.to, "worker-1");
    whole = joiner.accept(message) ?? whole;
    sender.addCredit(joiner.consumed(message.stream, message.data.length));
  }
  assert.equal(sender.busy, false);
  assert.deepEqual([.../** @type {any} */ (decodeFrame(/** @type {Uint8Array} */ (whole))).data], [...data]);
});

test("two large messages share the connection in turn", () => {
  const limits = { piece_bytes: 64, window_bytes: 64 };
  /** @type {number[]} */
  const streams = [];
  const sender = new FrameSender({
    sendBytes: (frame) => {
      const { stream, data } = /** @type {any} */ (decodeFrame(frame));
      streams.push(stream);
      queueMicrotask(() => sender.addCredit({ type: "credit", stream, bytes: data.length }));
    },
    limits,
  });
  sender.send({ type: "x", data: new Uint8Array(130) });
  sender.send({ type: "x", data: new Uint8Array(130) });
  return Promise.resolve().then(async () => {
    while (sender.busy) await Promise.resolve();
    assert.deepEqual(streams.slice(0, 4), [0, 1, 0, 1]);
  });
});
