/** What Chart makes of arrays, tables, images and files; how it looks is for the browser tests. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readOwnPlugin, runOwnPlugin } from "./repository.js";

const { value: chart } = runOwnPlugin("Chart", {
  expression:
    "({readChart, arrange, histogram, profile, parseTable, writeTable, tableOf, withRoom, formatNumber, kindOf, isTime, secondsOf})",
});

/** @param {ArrayLike<number | bigint>} values @param {number[]} shape @param {string} dtype */
const array = (values, shape, dtype) => ({ _rtype: "ndarray", _rvalue: values, _rshape: shape, _rdtype: dtype });

/** Without the prototypes of the plugin's own realm; undefined stays as it is. @param {any} value @returns {any} */
function plain(value) {
  if (typeof value !== "object" || value === null) return value;
  if (typeof value.length === "number") return Array.from(value, plain);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

/** @param {any} given @param {any} [options] */
function drawn(given, options) {
  const read = chart.readChart(given, options);
  return { read: plain(read), ...plain(chart.arrange(read)) };
}

test("lists, typed arrays and arrays of every type are one series over 0, 1, 2", () => {
  const forms = [
    [1, 2, 3],
    new Float32Array([1, 2, 3]),
    array(new Uint16Array([1, 2, 3]), [3], "uint16"),
    array(new Uint8Array(new Uint16Array([1, 2, 3]).buffer), [3, 1], "uint16"),
    array(new BigInt64Array([1n, 2n, 3n]), [1, 3], "int64"),
    { y: [1, 2, 3] },
    { values: [1, 2, 3], _op: "x" },
    [[1, 2, 3]],
    { series: [[1, 2, 3]] },
  ];
  for (const form of forms) {
    const { xs, columns } = drawn(form);
    assert.deepEqual([xs, columns], [[0, 1, 2], [[1, 2, 3]]]);
  }
  assert.deepEqual(drawn(array(new Uint8Array([1, 0]), [2], "bool")).columns, [[1, 0]]);
});

test("a view into a larger buffer is its own part, wherever it begins", () => {
  const bytes = new Uint8Array([9, 1, 0, 2, 0, 9]);
  assert.deepEqual(drawn(array(/** @type {any} */ (bytes.subarray(1, 5)), [2], "uint16")).columns, [[1, 2]]);
});

test("an array of two dimensions has a series in each column, a list of lists in each list", () => {
  const { read, columns } = drawn(array(new Int8Array([1, 10, 2, 20, 3, 30]), [3, 2], "int8"), { names: ["a", "b"] });
  assert.deepEqual(columns, [
    [1, 2, 3],
    [10, 20, 30],
  ]);
  assert.deepEqual(
    read.series.map((/** @type {any} */ { name }) => name),
    ["a", "b"],
  );
  assert.deepEqual(drawn([[1, 2], [3, 4]]).columns, [
    [1, 2],
    [3, 4],
  ]);
});

test("series have names, an x and a kind of their own", () => {
  const { read, xs, columns } = drawn({
    title: "T",
    xLabel: "t",
    ylabel: "I",
    log: true,
    kind: "scatter",
    x: [0, 1],
    series: [{ name: "a", y: [1, 2] }, { label: "b", y: [3, 4], kind: "bar", color: "#123456" }, [5, 6]],
  });
  assert.deepEqual([read.title, read.xLabel, read.yLabel, read.logY, read.kind], ["T", "t", "I", true, "points"]);
  assert.deepEqual(
    read.series.map((/** @type {any} */ { name, kind }) => [name, kind]),
    [
      ["a", null],
      ["b", "bars"],
      ["series 3", null],
    ],
  );
  assert.equal(read.series[1].colour, "#123456");
  assert.deepEqual([xs, columns], [[0, 1], [[1, 2], [3, 4], [5, 6]]]);
  assert.deepEqual(drawn({ series: { u: [1, 2], v: [3, 4] } }).columns, [
    [1, 2],
    [3, 4],
  ]);
});

test("options go over what the data says", () => {
  const { read } = drawn({ y: [1], title: "old" }, { title: "new", kind: "area" });
  assert.deepEqual([read.title, read.kind], ["new", "area"]);
});

test("gaps are null, and x in disorder is sorted with its values", () => {
  const { xs, columns, sorted } = drawn({ x: [3, 1, 2], y: [30, NaN, 20] });
  assert.deepEqual([xs, columns, sorted], [[1, 2, 3], [[null, 20, 30]], true]);
  assert.deepEqual(drawn([1, null, Infinity, undefined]).columns, [[1, null, null, null]]);
});

test("series over different x share one, and none loses a point, not even at the same x", () => {
  const { xs, columns } = drawn({
    series: [
      { name: "a", x: [0, 1, 1, 2], y: [1, 2, 3, 4] },
      { name: "b", x: [1.5, 0], y: [6, 5] },
    ],
  });
  assert.deepEqual(xs, [0, 0, 1, 1, 1.5, 2]);
  assert.deepEqual(columns, [
    [1, undefined, 2, 3, undefined, 4],
    [undefined, 5, undefined, undefined, 6, undefined],
  ]);
});

test("texts as x are names below bars, in the order in which they come", () => {
  const { xs, categories, columns, spacing, read } = drawn({ x: ["A1", "A2", "A1"], y: [1, 2, 3] });
  assert.deepEqual([xs, categories, columns, spacing], [[0, 1, 2], ["A1", "A2", "A1"], [[1, 2, 3]], 1]);
  const kind = (/** @type {any} */ given) => {
    const one = chart.readChart(given);
    return chart.kindOf(one, chart.arrange(one), null, one.series[0]);
  };
  assert.equal(kind({ x: ["A1", "A2"], y: [1, 2] }), "bars");
  assert.equal(kind({ x: [1, 2], y: [1, 2] }), "line");
  assert.equal(kind({ x: ["A1", "A2"], y: [1, 2], kind: "line" }), "line");
  assert.equal(read.kind, null);
  const two = drawn({ series: [{ x: ["b", "a"], y: [1, 2] }, { x: ["a", "c"], y: [3, 4] }] });
  assert.deepEqual(two.categories, ["b", "a", "c"]);
  assert.deepEqual(two.columns, [
    [1, 2, undefined, undefined],
    [undefined, undefined, 3, 4],
  ]);
});

test("dates as x are times of this computer", () => {
  const { time, xs } = drawn({ x: ["2024-05-31", "2024-05-31 12:00", "2024-06-01T00:00:00"], y: [1, 2, 3] });
  const midnight = new Date(2024, 4, 31).getTime() / 1000;
  assert.equal(time, true);
  assert.deepEqual(xs, [midnight, midnight + 12 * 3600, midnight + 24 * 3600]);
  assert.equal(chart.secondsOf("1970-01-01T00:00:01Z"), 1);
  assert.equal(chart.secondsOf("1970-01-01 01:00:01,5+0100"), 1.5);
  assert.equal(drawn({ x: [new Date(0), new Date(5000)], y: [1, 2] }).xs[1], 5);
  for (const text of ["31.05.2024", "2024", "2024-05-31 noon"]) assert.equal(chart.isTime(text), false, text);
});

test("of a table, x is the column that is named, called x, or leads", () => {
  const rising = { time: [0, 1, 2], loss: [3, 2, 1] };
  assert.deepEqual([drawn(rising).xs, drawn(rising).read.xLabel, drawn(rising).columns], [[0, 1, 2], "time", [[3, 2, 1]]]);
  assert.deepEqual(drawn({ a: [3, 1, 2], b: [1, 2, 3] }).columns.length, 2);
  assert.deepEqual(drawn({ b: [1, 2], x: [5, 6] }).xs, [5, 6]);
  const rows = [
    { well: "A1", cells: 3, note: "x" },
    { well: "A2", cells: 4 },
  ];
  assert.deepEqual([drawn(rows).categories, drawn(rows).columns], [["A1", "A2"], [[3, 4]]]);
  const chosen = drawn({ table: { a: [1, 2], b: [3, 4], c: [5, 6] }, x: "b", y: ["c", "a"], kind: "bar" });
  assert.deepEqual([chosen.xs, chosen.columns, chosen.read.kind], [[3, 4], [[5, 6], [1, 2]], "bars"]);
  assert.deepEqual(drawn({ a: [1, 2] }, { x: [7, 8] }).xs, [7, 8]);
});

test("what cannot be drawn is refused in words", () => {
  const cases = [
    [{ x: [1, 2], y: [1, 2, 3] }, /series 1 has 3 values, but x has 2/],
    [{ series: [{ name: "a", y: ["one"] }] }, /a holds the text “one”, where only numbers can be drawn/],
    [{ x: [1, null], y: [1, 2] }, /x of series 1 has no number at place 2/],
    [{ y: [1], kind: "pie" }, /There is no kind of chart “pie”; there are line, area, steps, points, bars/],
    [{ y: [1], kind: "constructor" }, /There is no kind of chart/],
    [{ table: { a: [1] }, x: "b" }, /The table has no column “b”; it has a/],
    [{ table: { a: [1] }, y: "c" }, /The table has no column “c”; it has a/],
    [{ _op: "x" }, /There is nothing to draw/],
    [{ name: ["A", "B"] }, /There is nothing to draw/],
    [[], /There is nothing to draw/],
    ["data.csv", /must be a list of numbers/],
    [array(new Uint8Array(3), [2, 2], "uint8"), /has 3 bytes, which do not fit its shape 2 × 2 and type uint8/],
    [array(new Uint8Array(8), [1], "complex64"), /the type complex64, which cannot be drawn/],
    [array(new Uint8Array(8), [2, 2, 2], "uint8"), /An array of the shape 2 × 2 × 2 is no list and no table of numbers/],
    [array(new Uint8Array(4096), [64, 64], "uint8"), /These are 64 series; 24 can be told apart at most/],
    [[[1, 2], [3, {}]], /neither a number nor a text/],
  ];
  for (const [given, words] of cases) {
    assert.throws(() => chart.arrange(chart.readChart(given)), /** @type {RegExp} */ (words), JSON.stringify(plain(given)));
  }
});

test("a histogram of bytes has a bin for each value, and counts every pixel once", () => {
  const values = Uint8Array.from({ length: 1000 }, (_, i) => (i * i) % 256);
  const { series, kind, xLabel } = chart.histogram(array(values, [20, 50], "uint8"));
  const expected = new Array(256).fill(0);
  for (const value of values) expected[value] += 1;
  assert.deepEqual(plain(series[0].y), expected);
  assert.deepEqual(plain(series[0].x), Array.from({ length: 256 }, (_, i) => i));
  assert.deepEqual([kind, xLabel], ["steps", "value"]);
});

test("whole numbers in a small range have a bin each, all others 256 from smallest to largest", () => {
  const small = chart.histogram(array(new Int16Array([-2, 0, 0, 3]), [2, 2], "int16")).series[0];
  assert.deepEqual([plain(small.x), plain(small.y)], [[-2, -1, 0, 1, 2, 3], [1, 0, 2, 0, 0, 1]]);
  const floats = new Float32Array([0, 0.5, 1, NaN, Infinity, -Infinity]);
  const { x, y } = chart.histogram(array(floats, [2, 3], "float32")).series[0];
  assert.equal(x.length, 256);
  assert.deepEqual([y[0], y[128], y[255], y.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b)], [1, 1, 1, 3]);
  assert.equal(x[0], 1 / 512);
  const wide = chart.histogram(array(new Uint16Array([0, 60000]), [1, 2], "uint16"), { bins: 10, name: "w" }).series[0];
  assert.deepEqual([plain(wide.y), wide.name], [[1, 0, 0, 0, 0, 0, 0, 0, 0, 1], "w"]);
  const part = chart.histogram([[1, 2, 3, 4]], { range: [2, 3] }).series[0];
  assert.deepEqual(plain(part.y), [1, 1]);
  const flat = chart.histogram([[5, 5]]).series[0];
  assert.deepEqual([flat.name, plain(flat.x), plain(flat.y)], ["values", [5], [2]]);
});

test("every channel has a histogram of its own, transparency has none", () => {
  const rgba = new Uint8Array([1, 2, 3, 255, 1, 5, 6, 255]);
  const { series } = chart.histogram(array(rgba, [1, 2, 4], "uint8"));
  assert.deepEqual(
    Array.from(series, ({ name }) => name),
    ["red", "green", "blue"],
  );
  assert.deepEqual([series[0].y[1], series[1].y[2], series[2].y[6], series[2].y[255]], [2, 1, 1, 0]);
});

test("bad wishes for a histogram are refused", () => {
  assert.throws(() => chart.histogram([[1]], { bins: 0 }), /bins must be a whole number from 1 to 65536, not 0/);
  assert.throws(() => chart.histogram([[1]], { range: [3, 1] }), /range must be a list of two numbers/);
  assert.throws(() => chart.histogram([[NaN]]), /no values that could be counted/);
  assert.throws(() => chart.histogram("image"), /The image must be an array/);
});

test("a profile reads along a row, a column, or between pixels along any line", () => {
  const image = array(Float64Array.from({ length: 20 }, (_, i) => i), [4, 5], "float64");
  const y = (/** @type {any} */ options) => plain(chart.profile(image, options).series[0].y);
  assert.deepEqual(y({ row: 2 }), [10, 11, 12, 13, 14]);
  assert.deepEqual(y({ column: 1 }), [1, 6, 11, 16]);
  assert.deepEqual(y({}), [5, 6, 7, 8, 9]);
  // A plane of values is read exactly by linear interpolation.
  const slanted = chart.profile(image, { from: [0.5, 0.25], to: [3.5, 3] });
  const { x } = slanted.series[0];
  const length = Math.hypot(3, 2.75);
  assert.equal(x.length, Math.round(length) + 1);
  for (const [i, value] of slanted.series[0].y.entries()) {
    const share = i / (x.length - 1);
    assert.ok(Math.abs(value - (0.5 + 3 * share + 5 * (0.25 + 2.75 * share))) < 1e-9);
  }
  assert.deepEqual(y({ row: 1, width: 3 }), [5, 6, 7, 8, 9]);
  assert.deepEqual(y({ from: [1, 1], to: [1, 1] }), [6, 6]);
});

test("a profile is measured in a unit, has the channels of its image, and refuses what lies outside", () => {
  const rgb = array(new Uint8Array([1, 2, 3, 4, 5, 6]), [1, 2, 3], "uint8");
  const measured = chart.profile(rgb, { pixelSize: 0.5, unit: "µm" });
  assert.deepEqual([measured.xLabel, plain(measured.series[1].x), plain(measured.series[1].y)], ["distance (µm)", [0, 0.5], [2, 5]]);
  const image = [[1, 2], [3, 4]];
  assert.throws(() => chart.profile(image, { row: 2 }), /row must be a number from 0 to 1, not 2/);
  assert.throws(() => chart.profile(image, { from: [0, 0] }), /A line needs from: \[x, y\] and to: \[x, y\]/);
  assert.throws(() => chart.profile(image, { from: [0, 0], to: [5, 0] }), /x of to must be a number from 0 to 1, not 5/);
  assert.throws(() => chart.profile(image, { width: 0 }), /width must be a whole number from 1 to 999/);
  assert.throws(() => chart.profile(image, { pixelSize: -1 }), /pixelSize must be a number above 0/);
  assert.throws(() => chart.profile(array(new Uint8Array(8), [2, 2, 2], "uint8")), /this array has the shape 2 × 2 × 2/);
});

test("tables as text: separators, names, quotes, gaps, decimal commas", () => {
  const cases = [
    ["time,a,b\n0,1,2\n1,,3.5\n", { time: [0, 1], a: [1, null], b: [2, 3.5] }],
    ["time;a\n0;1,5\n1;2,25\n", { time: [0, 1], a: [1.5, 2.25] }],
    ["\uFEFFx\ty\r\n1\t2e3\r\n", { x: [1], y: [2000] }],
    ["1 2\n3 4\n", { "column 1": [1, 3], "column 2": [2, 4] }],
    ['name,"a, b"\n"say ""hi""",1\n', { name: ['say "hi"'], "a, b": [1] }],
    ["# made today\na,a,\n1,2,3\n", { a: [1], "a (2)": [2], "column 3": [3] }],
    ["well,n\nA1,NaN\nA2,n/a\n", { well: ["A1", "A2"], n: [null, null] }],
    ["2024-05-30,1\n2024-05-31,2\n", { "column 1": ["2024-05-30", "2024-05-31"], "column 2": [1, 2] }],
  ];
  for (const [text, expected] of cases) assert.deepEqual(plain(chart.parseTable(text)), expected, String(text));
  assert.throws(() => chart.parseTable(" \n"), /The file is empty/);
  assert.throws(() => chart.parseTable("time,value\n"), /names of columns, but no values/);
});

test("what is saved as a table reads back as the same table", () => {
  const read = chart.readChart({ x: [0.1, 0.2, 1 / 3], xLabel: "t, s", series: { a: [1, null, 3], 'b "raw"': [4, 5, 6] } });
  const text = chart.writeTable(chart.tableOf(read, chart.arrange(read)));
  assert.deepEqual(plain(chart.parseTable(text)), { "t, s": [0.1, 0.2, 1 / 3], a: [1, null, 3], 'b "raw"': [4, 5, 6] });
});

test("axes leave room around values, and heights stand on zero", () => {
  assert.deepEqual(plain(chart.withRoom(null, null, false)), [0, 1]);
  assert.deepEqual(plain(chart.withRoom(0, 100, true)), [0, 106]);
  assert.deepEqual(plain(chart.withRoom(-100, 0, true)), [-106, 0]);
  assert.deepEqual(plain(chart.withRoom(50, 100, false)), [47, 103]);
  for (const value of [0, 5, -5]) {
    const [low, high] = chart.withRoom(value, value, false);
    assert.ok(low <= value && high >= value && high > low, String(value));
  }
});

test("numbers are short and lose nothing that matters", () => {
  const cases = { 0: 0, 12: 12, "-171.5077": -171.50771234, 123456: 123456, "1.2e7": 12000000, "1.235e-5": 0.000012346 };
  for (const [text, number] of Object.entries(cases)) assert.equal(chart.formatNumber(number), text);
  assert.equal(chart.formatNumber(null), "–");
});

test("a million points are arranged in one go", () => {
  const values = Float32Array.from({ length: 1_000_000 }, (_, i) => Math.sin(i));
  const began = performance.now();
  assert.equal(drawn(array(values, [1_000_000], "float32")).xs.length, 1_000_000);
  assert.ok(performance.now() - began < 5000);
});

test("its library is asked for by the address that everybody uses", () => {
  const { config } = readOwnPlugin("Chart");
  assert.deepEqual(config.raw.requirements, [
    "https://cdn.jsdelivr.net/npm/uplot@1.6.32/dist/uPlot.iife.min.js",
    "https://cdn.jsdelivr.net/npm/uplot@1.6.32/dist/uPlot.min.css",
  ]);
});
