/** What may be sent and how it travels: the vectors, and what only a running context can show. */

/** @import { DecodeContext, EncodeContext } from "../../../site_src/js/types.js" */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { DecodeError, EncodeError } from "../../../site_src/js/core/errors.js";
import { decode, encode, encodeInterface } from "../../../site_src/js/rpc/codec.js";
import { protocol } from "../../../site_src/js/rpc/protocol.js";
import { ObjectStore } from "../../../site_src/js/rpc/store.js";
import { comparable, revive } from "./vector_values.js";

const vectors = JSON.parse(readFileSync(new URL("../../vectors/rpc_codec.json", import.meta.url), "utf-8"));

/** @param {{ escape?: boolean }} [options] */
function encoding({ escape = true } = {}) {
  let count = 0;
  const store = new ObjectStore(() => `o${++count}`);
  /** @type {EncodeContext} */
  const context = {
    escape,
    transfer: new Set(),
    addCallback: (fn) => store.addCallback(fn),
    offeredAs: (fn) => store.offeredAs(fn),
    addObject: (object, id) => store.addObject(object, id),
    offer: (id, path, fn) => store.offer(id, path, fn),
  };
  return { context, store };
}

/** @returns {DecodeContext} */
function decoding() {
  const named = (/** @type {string} */ name) =>
    Object.defineProperty(async () => undefined, "name", { value: name.split(".").pop() });
  return { callback: (_id, name) => named(name), method: (_id, path) => named(path), noteObject: () => undefined };
}

for (const vector of vectors.values.filter((/** @type {any} */ one) => one.only !== "python")) {
  test(`value: ${vector.name}`, async () => {
    const { context } = encoding(vector);
    const value = revive(vector.value);
    const encoded = /** @type {any} */ (vector.interface ? encodeInterface(value, context) : encode(value, context));
    const shown = vector.partial
      ? Object.fromEntries(Object.keys(vector.encoded).map((name) => [name, encoded[name]]))
      : encoded;
    assert.deepEqual(await comparable(shown), await comparable(revive(vector.encoded)));
    const decoded = decode(structuredClone(encoded), decoding());
    const expected = revive("decoded" in vector ? vector.decoded : vector.value);
    assert.deepEqual(await comparable(decoded), await comparable(expected));
  });
}

for (const vector of vectors.decoded_only.filter((/** @type {any} */ one) => one.only !== "python")) {
  test(`decoding: ${vector.name}`, async () => {
    const encoded = revive(vector.encoded);
    if (vector.error) {
      const expected = (/** @type {any} */ error) =>
        error instanceof DecodeError && error.message.includes(vector.error);
      assert.throws(() => decode(encoded, decoding()), expected);
    } else {
      assert.deepEqual(await comparable(decode(encoded, decoding())), await comparable(revive(vector.decoded)));
    }
  });
}

for (const vector of vectors.refused) {
  test(`refused: ${vector.name}`, () => {
    const expected = (/** @type {any} */ error) => error instanceof EncodeError && error.message.includes(vector.error);
    assert.throws(() => encode(revive(vector.value), encoding().context), expected);
  });
}

test("every active tag of the protocol's table is escaped, and every passive one passes", () => {
  for (const tag of protocol.value_tags.active) {
    assert.equal(/** @type {any} */ (encode({ _rtype: tag }, encoding().context))._rtype, "escaped");
  }
  for (const tag of protocol.value_tags.passive) {
    assert.equal(/** @type {any} */ (encode({ _rtype: tag }, encoding().context))._rtype, tag);
  }
});

test("every dtype of the protocol's table can be read", () => {
  for (const dtype of protocol.dtypes) {
    const decoded = /** @type {any} */ (
      decode({ _rtype: "typedarray", _rvalue: new ArrayBuffer(16), _rdtype: dtype }, decoding())
    );
    assert.equal(decoded.byteLength, 16);
  }
});

test("an array decoded from the wire is a view of the frame where it is aligned", () => {
  const frame = new Uint8Array(32);
  const aligned = /** @type {any} */ (
    decode({ _rtype: "typedarray", _rvalue: frame.subarray(8, 24), _rdtype: "float64" }, decoding())
  );
  assert.equal(aligned.buffer, frame.buffer);
  const crooked = /** @type {any} */ (
    decode({ _rtype: "typedarray", _rvalue: frame.subarray(1, 17), _rdtype: "float64" }, decoding())
  );
  assert.equal(crooked.length, 2);
});

test("a whole array shares its buffer with what is sent; with _transfer the buffer is handed over", () => {
  const array = new Float32Array(4);
  const plain = encoding();
  assert.equal(/** @type {any} */ (encode(array, plain.context))._rvalue, array.buffer);
  assert.equal(plain.context.transfer.size, 0);

  const inside = encoding();
  const encoded = /** @type {any} */ (
    encode([{ a: [array], _transfer: true }, { b: new Uint8Array(2) }], inside.context)
  );
  assert.deepEqual([...inside.context.transfer], [array.buffer]);
  assert.equal("_transfer" in encoded[0], false);
});

test("an ndarray marked with _transfer hands its buffer over", () => {
  const { context } = encoding();
  const buffer = new ArrayBuffer(4);
  encode({ image: { _rtype: "ndarray", _rvalue: buffer }, _transfer: true }, context);
  assert.deepEqual([...context.transfer], [buffer]);
  context.transfer.clear();
  const encoded = /** @type {any} */ (
    encode({ _rtype: "ndarray", _rvalue: buffer, _rshape: [4], _rdtype: "uint8", _transfer: true }, context)
  );
  assert.deepEqual([...context.transfer], [buffer]);
  assert.equal("_transfer" in encoded, false);
});

test("the copy made of a part of an array is handed over, never the array itself", () => {
  const { context } = encoding();
  const whole = new Uint8Array(8);
  const encoded = /** @type {any} */ (encode(whole.subarray(2, 4), context));
  assert.notEqual(encoded._rvalue, whole.buffer);
  assert.deepEqual([...context.transfer], [encoded._rvalue]);
});

test("arrays over shared memory are copied out of it", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(4)).fill(7);
  const encoded = /** @type {any} */ (encode(shared, encoding().context));
  assert.ok(encoded._rvalue instanceof ArrayBuffer);
  assert.deepEqual([...new Uint8Array(encoded._rvalue)], [7, 7, 7, 7]);
});

test("an ndarray over shared memory is copied out of it", () => {
  const encoded = /** @type {any} */ (
    encode({ _rtype: "ndarray", _rvalue: new SharedArrayBuffer(2) }, encoding().context)
  );
  assert.ok(encoded._rvalue instanceof ArrayBuffer);
});

test("the same object twice is no cycle", () => {
  const part = { n: 1 };
  assert.deepEqual(encode([part, part], encoding().context), [{ n: 1 }, { n: 1 }]);
});

test("an instance brings methods of its classes, but none of the browser's", () => {
  class Base {
    inherited() {}
    _private() {}
  }
  class Plugin extends Base {
    n = 1;
    run() {}
    get derived() {
      throw new Error("getters are not called");
    }
  }
  const encoded = /** @type {any} */ (encode(new Plugin(), encoding().context));
  assert.deepEqual(Object.keys(encoded).sort(), ["_rintf", "inherited", "n", "run"]);
});

test("an instance whose prototype was written with braces is an interface too", () => {
  function Old() {}
  Old.prototype = { run() {} };
  const encoded = /** @type {any} */ (encode(new /** @type {any} */ (Old)(), encoding().context));
  assert.equal(encoded.run._rtype, "interface");
});

test("a method passed on after its object was offered is that method, not a callback", () => {
  const { context } = encoding();
  const api = { run: () => 1 };
  encodeInterface(api, context);
  assert.deepEqual(encode(api.run, context), { _rtype: "interface", _rintf: "o1", _rvalue: "run" });
});

test("an object that came from another side never takes an id of its choice here", () => {
  const { context } = encoding();
  const ours = { secret() {} };
  const id = context.addObject(ours);
  const relayed = decode({ _rintf: id, secret: { _rtype: "interface", _rintf: id, _rvalue: "secret" } }, decoding());
  const encoded = /** @type {any} */ (encode(relayed, context));
  assert.notEqual(encoded._rintf, id);
  assert.equal(context.addObject(ours), id);
});

test("the id of an object that came is hidden, so that copies do not carry it along", () => {
  const decoded = /** @type {any} */ (decode({ _rintf: "r1", n: 1 }, decoding()));
  assert.equal(decoded._rintf, "r1");
  assert.deepEqual({ ...decoded }, { n: 1 });
});

test("objects of another realm count as what they are", async () => {
  const { createContext, runInContext } = await import("node:vm");
  const foreign = runInContext("({ list: [1], map: new Map([[1, 2]]), error: new TypeError('x') })", createContext({}));
  const encoded = /** @type {any} */ (encode(foreign, encoding().context));
  assert.deepEqual([encoded.list.length, encoded.map._rtype, encoded.error._rtype], [1, "orderedmap", "error"]);
});
