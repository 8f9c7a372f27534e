/** Filter Chain: its steps from forms and texts, what it asks of the other plugins, and whose fault a failure is. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { configOf, entriesOf } from "../../../site_src/js/forms/entries.js";
import { readOwnPlugin, runOwnPlugin } from "./repository.js";

const NAME = "Filter Chain";

/** @param {number} value */
const imageOf = (value) => ({
  _rtype: "ndarray",
  _rvalue: new Uint8Array([value]).buffer,
  _rshape: [1, 1],
  _rdtype: "uint8",
});

/**
 * The plugin with an app around it that notes everything; a filter adds a letter to the path that an image has come.
 * @param {{fail?: (name: string) => Error | undefined}} [options]
 */
function start({ fail = () => undefined } = {}) {
  /** @type {any} */
  const noted = { windows: [], status: [], progress: [], log: [], wishes: [], filtered: [] };
  const filters = {
    filter: async (/** @type {any} */ image, /** @type {string} */ name, /** @type {any} */ options) => {
      // Later, so that a step that does not wait for the one before it is seen.
      await new Promise((resolve) => setTimeout(resolve, 1));
      const error = fail(name);
      if (error) throw error;
      noted.filtered.push([name, { ...options }]);
      return { ...image, path: `${image.path ?? "image"} > ${name}` };
    },
  };
  const generator = {
    generate: async (/** @type {any} */ settings) => {
      noted.wishes.push({ ...settings });
      return { ...imageOf(7), path: "generated" };
    },
  };
  const api = {
    getPlugin: async (/** @type {string} */ name) => {
      assert.ok(name === "Image Filters" || name === "Test Image Generator", name);
      return name === "Image Filters" ? filters : generator;
    },
    createWindow: async (/** @type {any} */ options) => noted.windows.push(options),
    showStatus: async (/** @type {string} */ text) => noted.status.push(text),
    showProgress: async (/** @type {number} */ share) => noted.progress.push(share),
    log: async (/** @type {string} */ text) => noted.log.push(text),
  };
  return { noted, ...runOwnPlugin(NAME, { api, expression: "({parseSettings, readStep, stepsOf})" }) };
}

/** @param {any} value */
const plain = (value) => JSON.parse(JSON.stringify(value));

test("settings are numbers, texts and lists", () => {
  const { value } = start();
  const cases = {
    "": {},
    " ": {},
    "sigma=2": { sigma: 2 },
    "sigma = 1.5 ; edges=nearest": { sigma: 1.5, edges: "nearest" },
    "size: 5, shape: disk,": { size: 5, shape: "disk" },
    "sigma=[1, 2.5, 3], stack=volume": { sigma: [1, 2.5, 3], stack: "volume" },
    "direction='top-bottom', angle=-30": { direction: "top-bottom", angle: -30 },
  };
  for (const [text, expected] of Object.entries(cases)) {
    assert.deepEqual(plain(value.parseSettings(text)), expected, text);
  }
  for (const text of ["sigma", "sigma=", "=3", "size=3, 5"]) {
    assert.throws(() => value.parseSettings(text), /is no setting: write a name and a value, such as sigma=2/, text);
  }
});

test("a step is a text in one line, or an object with the options in it or beside it", () => {
  const { value } = start();
  const expected = { filter: "median", options: { size: 5, shape: "disk" } };
  for (const step of [
    "median size=5 shape=disk",
    " median  size=5, shape=disk ",
    { filter: "median", size: 5, shape: "disk" },
    { filter: "median", options: { size: 5 }, shape: "disk" },
  ]) {
    assert.deepEqual(plain(value.readStep(step)), expected);
  }
  assert.deepEqual(plain(value.readStep("sobel")), { filter: "sobel", options: {} });
  for (const step of ["", {}, null, 5]) assert.throws(() => value.readStep(step), /needs the name of a filter/);
});

test("run with the untouched form makes an image, filters it twice and shows the result", async () => {
  const { exported, noted } = start();
  const { form } = readOwnPlugin(NAME);
  assert.equal(await exported.run({ config: configOf(form, entriesOf(form)), data: {} }), undefined);
  assert.deepEqual(noted.wishes, [{ pattern: "blobs", channels: "grey", width: 256, height: 256, seed: 1 }]);
  assert.deepEqual(noted.filtered, [
    ["gaussian", { sigma: 2 }],
    ["sobel", {}],
  ]);
  assert.equal(noted.windows.length, 1);
  const [{ type, name, data }] = noted.windows;
  assert.deepEqual([type, name], ["Image Viewer", "blobs → gaussian → sobel"]);
  assert.equal(data.image.path, "generated > gaussian > sobel");
  assert.deepEqual(noted.progress, [50, 100]);
  assert.match(noted.log[0], /^1\. gaussian sigma=2: 1 × 1, uint8, in \d+ ms$/);
});

test("its form offers what Image Filters has, and its own plugins are its dependencies", () => {
  const { config, form } = readOwnPlugin(NAME);
  const own = readOwnPlugin("Image Filters").form;
  const choices = (/** @type {any} */ fields, /** @type {string} */ key) =>
    fields.find((/** @type {any} */ field) => field.key === key).options.map((/** @type {any} */ one) => one.value);
  const geometry = ["rotate", "scale", "flip"];
  for (const key of ["filter1", "filter2", "filter3"]) {
    assert.deepEqual(choices(form, key), ["none", ...choices(own, "filter"), ...geometry]);
  }
  assert.deepEqual(config.raw.dependencies, ["Test Image Generator", "Image Filters", "Image Viewer", "Chart"]);
});

test("an image that it is given is filtered instead", async () => {
  for (const data of [imageOf(1), { image: imageOf(1) }, { array: imageOf(1) }, [[1, 2]]]) {
    const { exported, noted } = start();
    await exported.run({ config: { steps: ["median size=3"] }, data });
    assert.deepEqual(noted.wishes, []);
    assert.deepEqual(noted.filtered, [["median", { size: 3 }]]);
  }
});

test("every step has a window of its own, or the result its histogram, where that is asked for", async () => {
  const { exported, noted } = start();
  await exported.run({ config: { filter1: "gaussian", filter3: "sobel", show: "every step" } });
  assert.deepEqual(
    noted.windows.map((/** @type {any} */ { name, data }) => [name, data.image.path]),
    [
      ["blobs", "generated"],
      ["1. gaussian", "generated > gaussian"],
      ["2. sobel", "generated > gaussian > sobel"],
    ],
  );
  noted.windows.length = 0;
  await exported.run({ config: { filter1: "median", settings1: "size=3", show: "histogram" } });
  assert.deepEqual(
    noted.windows.map((/** @type {any} */ { type }) => type),
    ["Image Viewer", "Chart"],
  );
  assert.equal(noted.windows[1].data.histogram.path, "generated > median");
});

test("without a step the image itself is shown", async () => {
  const { exported, noted } = start();
  await exported.run({ config: { filter1: "none", pattern: "noise", seed: 3 } });
  assert.deepEqual(noted.wishes, [{ pattern: "noise", seed: 3 }]);
  assert.deepEqual(
    noted.windows.map((/** @type {any} */ { name }) => name),
    ["noise"],
  );
});

test("apply returns what comes out of the steps and shows nothing", async () => {
  const { exported, noted } = start();
  const result = await exported.apply({ ...imageOf(1), path: "mine" }, ["median size=5", { filter: "gaussian", sigma: 2 }]);
  assert.equal(result.path, "mine > median > gaussian");
  assert.deepEqual(noted.filtered, [
    ["median", { size: 5 }],
    ["gaussian", { sigma: 2 }],
  ]);
  assert.deepEqual(noted.windows, []);
  await assert.rejects(exported.apply(imageOf(1), "median"), /steps must be a list/);
});

test("a failure names its step, and nothing is shown", async () => {
  const words = "Image Filters: filter() failed: FilterError: Window must be an odd whole number from 1 to 999, not 4";
  const { exported, noted } = start({ fail: (name) => (name === "median" ? new Error(words) : undefined) });
  await assert.rejects(exported.run({ config: { steps: ["gaussian", "median size=4"] } }), {
    message: "Step 2, median: Window must be an odd whole number from 1 to 999, not 4",
  });
  assert.deepEqual(noted.windows, []);
  assert.equal(noted.status.at(-1), "");
  await assert.rejects(exported.run({ config: { filter1: "gaussian", settings1: "much" } }), {
    message: "Step 1, gaussian: “much” is no setting: write a name and a value, such as sigma=2",
  });
  await assert.rejects(exported.run({ config: { steps: [{ sigma: 1 }] } }), /Step 1: A step needs the name of a filter/);
});
