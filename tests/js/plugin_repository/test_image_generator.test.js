/** The test-image generator: the same settings give the same bytes, as its documentation says. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { configOf, entriesOf } from "../../../site_src/js/forms/entries.js";
import { readOwnPlugin, runOwnPlugin } from "./repository.js";

const NAME = "Test Image Generator";

/** @param {any} image */
const bytesOf = (image) => Array.from(new Uint8Array(image._rvalue));

/**
 * The generator of random numbers as its documentation describes it, written a second time and on 64-bit numbers.
 * @param {number} seed
 * @param {number} count
 */
function documentedNoise(seed, count) {
  const mask = 0xffffffffn;
  let state = BigInt(seed) ^ 0x9e3779b9n || 0x9e3779b9n;
  const values = [];
  for (let i = 0; i < 16 + count; i += 1) {
    state ^= (state << 13n) & mask;
    state ^= state >> 17n;
    state ^= (state << 5n) & mask;
    if (i >= 16) values.push(Number(state >> 24n));
  }
  return values;
}

test("noise is what the documentation says, for every kind of seed", () => {
  const { exported } = runOwnPlugin(NAME);
  for (const seed of [0, 1, 42, 0x9e3779b9, 0xffffffff, 2 ** 31]) {
    const image = exported.generate({ pattern: "noise", width: 13, height: 7, channels: "RGB", seed });
    assert.deepEqual([...image._rshape], [7, 13, 3]);
    assert.equal(image._rdtype, "uint8");
    assert.deepEqual(bytesOf(image), documentedNoise(seed, 13 * 7 * 3), `seed ${seed}`);
  }
});

test("every pattern of the form gives an image that is not flat, the same each time", () => {
  const { exported } = runOwnPlugin(NAME);
  const { form } = readOwnPlugin(NAME);
  const field = /** @type {any} */ (form.find((part) => part.kind === "field" && part.key === "pattern"));
  assert.ok(field.options.length >= 4);
  for (const { value: pattern } of field.options) {
    for (const channels of ["grey", "RGB"]) {
      const settings = { pattern, width: 64, height: 48, channels, seed: 5 };
      const bytes = bytesOf(exported.generate(settings));
      assert.equal(bytes.length, 64 * 48 * (channels === "grey" ? 1 : 3));
      assert.ok(new Set(bytes).size >= 2, `${pattern} is flat`);
      assert.deepEqual(bytesOf(exported.generate(settings)), bytes, pattern);
    }
  }
});

test("another seed gives another image where the pattern is random", () => {
  const { exported } = runOwnPlugin(NAME);
  for (const pattern of ["noise", "blobs", "rings"]) {
    const make = (/** @type {number} */ seed) => bytesOf(exported.generate({ pattern, width: 50, height: 50, seed }));
    assert.notEqual(make(1).join(), make(2).join(), pattern);
  }
});

test("settings that make no sense are refused in words", () => {
  const { exported } = runOwnPlugin(NAME);
  assert.throws(() => exported.generate({ width: 0 }), /Width must be a whole number from 1 to 4096, not 0/);
  assert.throws(() => exported.generate({ height: 2.5 }), /Height must be a whole number/);
  assert.throws(() => exported.generate({ seed: -1 }), /Random seed must be a whole number/);
  assert.throws(() => exported.generate({ pattern: "toString" }), /There is no pattern "toString"; there are noise/);
  assert.throws(() => exported.generate({ channels: 2 }), /Channels must be grey or RGB, not 2/);
});

test("run with the untouched form opens the viewer with the image, and returns nothing", async () => {
  /** @type {any} */
  let opened;
  const api = {
    log: async () => undefined,
    showStatus: async () => undefined,
    createWindow: async (/** @type {any} */ options) => (opened = options),
  };
  const { exported } = runOwnPlugin(NAME, { api });
  const { form } = readOwnPlugin(NAME);
  const result = await exported.run({ config: configOf(form, entriesOf(form)), data: {} });
  assert.equal(result, undefined);
  assert.equal(opened.type, "Image Viewer");
  assert.deepEqual([...opened.data.image._rshape], [256, 256]);
  assert.deepEqual(bytesOf(opened.data.image).slice(0, 9), documentedNoise(1, 9));
});
