/** What the image viewer makes of arrays; how it looks is for the browser tests. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { runOwnPlugin } from "./repository.js";

const { value: viewer } = runOwnPlugin("Image Viewer", {
  expression: "({readImage, findRange, startRange, saturatedRange, paint, format, View})",
});

/** @param {any} values @param {number[]} shape @param {string} dtype */
const array = (values, shape, dtype) => ({ _rtype: "ndarray", _rvalue: values, _rshape: shape, _rdtype: dtype });

/** @param {any} given @param {{low: number, high: number}} [contrast] */
function painted(given, contrast) {
  const image = viewer.readImage(given);
  Object.assign(image, viewer.findRange(image));
  const rgba = new Uint8ClampedArray(image.width * image.height * 4);
  viewer.paint(image, contrast ?? viewer.startRange(image), rgba);
  return Array.from(rgba);
}

test("an 8-bit grey image is painted value by value", () => {
  const values = Uint8Array.from({ length: 256 }, (_, i) => i);
  const expected = Array.from(values).flatMap((value) => [value, value, value, 255]);
  assert.deepEqual(painted(array(values.buffer, [16, 16], "uint8")), expected);
  assert.deepEqual(painted(array(values, [16, 16, 1], "uint8")), expected);
});

test("RGB and RGBA are painted value by value", () => {
  assert.deepEqual(
    painted(array(new Uint8Array([1, 2, 3, 4, 5, 6]).buffer, [1, 2, 3], "uint8")),
    [1, 2, 3, 255, 4, 5, 6, 255],
  );
  assert.deepEqual(painted(array(new Uint8Array([1, 2, 3, 4]).buffer, [1, 1, 4], "uint8")), [1, 2, 3, 4]);
});

test("other types are spread from their smallest to their largest value", () => {
  assert.deepEqual(
    painted(array(new Uint16Array([100, 200, 300]), [1, 3], "uint16")).filter((_, i) => i % 4 === 0),
    [0, 128, 255],
  );
  assert.deepEqual(
    painted(array(new Int16Array([-10, 10]), [1, 2], "int16")).filter((_, i) => i % 4 === 0),
    [0, 255],
  );
  assert.deepEqual(
    painted(array(new Float32Array([0.5, NaN, 1]), [1, 3], "float32")).filter((_, i) => i % 4 === 0),
    [0, 0, 255],
  );
  assert.deepEqual(
    painted(array(new Uint8Array([0, 1]), [1, 2], "bool")).filter((_, i) => i % 4 === 0),
    [0, 255],
  );
  assert.deepEqual(
    painted(array(new BigInt64Array([1n, 3n]), [1, 2], "int64")).filter((_, i) => i % 4 === 0),
    [0, 255],
  );
  assert.deepEqual(
    painted(array(new Uint16Array([7, 7]), [1, 2], "uint16")).filter((_, i) => i % 4 === 0),
    [0, 0],
  );
});

test("a view into a larger buffer is its own part, wherever it begins", () => {
  const bytes = new Uint8Array([9, 1, 0, 2, 0, 9]);
  const image = viewer.readImage(array(bytes.subarray(1, 5), [1, 2], "uint16"));
  assert.deepEqual(Array.from(image.values), [1, 2]);
});

test("rows of numbers are an image too", () => {
  assert.deepEqual(
    [
      ...viewer.readImage([
        [1, 2, 3],
        [4, 5, 6],
      ]).shape,
    ],
    [2, 3],
  );
  assert.deepEqual([...viewer.readImage([[[1, 2, 3]]]).shape], [1, 1, 3]);
  assert.throws(() => viewer.readImage([[1, 2], [3]]), /rows of the image differ in length/);
});

test("what cannot be shown is refused with its shape or type", () => {
  assert.throws(
    () => viewer.readImage(array(new Uint8Array(8), [2, 2, 2], "uint8")),
    /this array has the shape 2 × 2 × 2/,
  );
  assert.throws(() => viewer.readImage(array(new Uint8Array(8), [8], "uint8")), /this array has the shape 8/);
  assert.throws(
    () => viewer.readImage(array(new Uint8Array(3), [2, 2], "uint8")),
    /has 3 bytes; its shape 2 × 2 and type uint8 need 4/,
  );
  assert.throws(
    () => viewer.readImage(array(new Uint8Array(4), [2, 2], "complex64")),
    /type complex64 cannot be shown/,
  );
  assert.throws(() => viewer.readImage(array(new Uint8Array(0), [0, 4], "uint8")), /no pixels/);
  assert.throws(() => viewer.readImage("picture"), /an array of numbers was expected/);
});

test("the automatic contrast leaves out single hot pixels", () => {
  const values = Uint16Array.from({ length: 10_000 }, (_, i) => 100 + (i % 50));
  values[5] = 60_000;
  const image = viewer.readImage(array(values, [100, 100], "uint16"));
  Object.assign(image, viewer.findRange(image));
  const { low, high } = viewer.saturatedRange(image);
  assert.ok(low >= 85 && low <= 100, `low ${low}`);
  assert.ok(high <= 200, `high ${high}`);
});

test("a small image opens at 1:1 in the middle, a large one whole", () => {
  const view = new viewer.View({ clientWidth: 500, clientHeight: 401 });
  view.setImage({ width: 100, height: 100 }, false);
  assert.deepEqual([view.zoom, view.x, view.y], [1, 200, 151]);
  view.setImage({ width: 1000, height: 100 }, false);
  assert.equal(view.zoom, 0.5);
  view.one();
  assert.deepEqual([view.zoom, view.x], [1, -250]);
});

test("zooming keeps the point under the pointer, and pixels are found where they are seen", () => {
  const view = new viewer.View({ clientWidth: 400, clientHeight: 400 });
  view.setImage({ width: 100, height: 100 }, false);
  const point = { x: 180, y: 210 };
  const before = view.pixelAt(point);
  for (let i = 0; i < 5; i += 1) view.zoomBy(1.5, point);
  assert.deepEqual({ ...view.pixelAt(point) }, { ...before });
  assert.equal(view.pixelAt({ x: -1000, y: 0 }), null);
  view.moveBy(1e6, 0);
  assert.ok(view.x < 400, "a part of the image stays in sight");
});
