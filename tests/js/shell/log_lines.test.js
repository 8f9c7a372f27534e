/** Which lines of which logs are shown, and how they are written. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { LOG_LEVELS, Logbook } from "../../../site_src/js/plugins/logbook.js";
import { countsOf, isFoundInRest, linesOf, logText, passes } from "../../../site_src/js/shell/log_lines.js";

/** @import { LogLine } from "../../../site_src/js/plugins/logbook.js" */

function setting() {
  const [a, b] = [new Logbook("Filter"), new Logbook("Camera")];
  a.write("info", "numpy is there");
  b.write("warning", "the lamp is old");
  a.write("error", "Traceback (most recent call last):\n  line 3\nValueError: no light");
  b.write("info", "", "data:image/png;base64,AA");
  return { a, b };
}

const levels = new Set(LOG_LEVELS);
/** @param {readonly LogLine[]} lines */
const texts = (lines) => lines.map(({ plugin, text }) => `${plugin}: ${text.slice(0, 9)}`);

test("the lines of several logs are in the order in which they were written", () => {
  const { a, b } = setting();
  assert.deepEqual(texts(linesOf([b, a])), ["Filter: numpy is ", "Camera: the lamp ", "Filter: Traceback", "Camera: "]);
  assert.equal(linesOf([a]), a.lines);
  assert.deepEqual(linesOf([]), []);
  assert.deepEqual(countsOf([a, b]), { info: 2, warning: 1, error: 1 });
});

test("lines pass by their level, and by a part of their text or of their plugin's name", () => {
  const { a, b } = setting();
  const all = linesOf([a, b]);
  const passing = (/** @type {Parameters<typeof passes>[0]} */ filter) => all.filter(passes(filter)).length;
  assert.equal(passing({ levels, search: "" }), 4);
  assert.equal(passing({ levels: new Set(["error"]), search: "" }), 1);
  assert.equal(passing({ levels: new Set(), search: "" }), 0);
  assert.equal(passing({ levels, search: " LAMP is " }), 1);
  assert.equal(passing({ levels, search: "camera" }), 2);
  assert.equal(passing({ levels, search: "valueerror: no" }), 1);
  assert.equal(passing({ levels, search: "old lamp" }), 0);
});

test("what is searched for may lie in the part that is folded away", () => {
  const { a } = setting();
  const line = /** @type {LogLine} */ (a.lines[1]);
  assert.ok(isFoundInRest("Traceback", line, "light"));
  assert.ok(!isFoundInRest("Traceback", line, "trace"));
  assert.ok(!isFoundInRest("Traceback", line, "filter"));
  assert.ok(!isFoundInRest("Traceback", line, ""));
});

test("as text each line has its time and level, and its plugin where there are several", () => {
  const { a, b } = setting();
  const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/gu;
  assert.equal(
    logText(linesOf([a, b]), { withPlugin: true }).replace(time, "TIME"),
    "TIME info    Filter: numpy is there\nTIME warning Camera: the lamp is old\n" +
      "TIME error   Filter: Traceback (most recent call last):\n  line 3\nValueError: no light\n" +
      "TIME info    Camera: (picture)\n",
  );
  assert.match(logText(a.lines.slice(0, 1), { withPlugin: false }), /Z info {4}numpy is there\n$/u);
});
