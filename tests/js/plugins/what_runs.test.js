/** What a person is told that a plugin will run. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readPlugin } from "../../../site_src/js/plugins/reading.js";
import { describeRun } from "../../../site_src/js/plugins/what_runs.js";

/**
 * @param {Record<string, unknown>} config
 * @param {string} [scripts]
 * @param {string | null} [engine]
 */
function words(config, scripts = '<script lang="javascript">\na\nb\n</script>', engine = null) {
  const whole = { name: "P", version: "1.0.0", api_version: "0.1.8", ...config };
  const text = `<config lang="json">${JSON.stringify(whole)}</config>\n${scripts}\n`;
  const all = /** @type {any[]} */ ([{ name: "Image Viewer", type: "window" }]);
  const said = describeRun(readPlugin(text, null, null).config, { all, engine });
  return { ...said, details: Object.fromEntries(said.details.map(({ label, lines }) => [label, lines])) };
}

const PYTHON = '<script lang="python">\nx = 1\n</script>';

test("a plugin of the browser runs in a sandbox", () => {
  for (const type of ["window", "web-worker", "iframe"]) {
    const { where, sentence } = words({ type });
    assert.equal(where, "sandbox");
    assert.match(sentence, /sandbox/);
  }
});

test("a Python plugin runs on a computer, and it is said on which", () => {
  const own = words({ type: "native-python", requirements: ["numpy>=1.26", "cmd:rm -rf /", "repo:https://x.org/r.git"] }, PYTHON);
  assert.equal(own.where, "computer");
  assert.match(own.sentence, /this computer.*all that you may.*files/s);
  assert.deepEqual(own.details, {
    Code: ["Python, 1 line"],
    "Python packages": ["numpy>=1.26"],
    "What it wants to have done": ["cmd:rm -rf /", "repo:https://x.org/r.git"],
  });
  const other = words({ type: "native-python", env: "conda create -n x python=3.6", cmd: "python3.6" }, PYTHON, "http://127.0.0.1:9000");
  assert.match(other.sentence, /engine at http:\/\/127\.0\.0\.1:9000/);
  assert.deepEqual(other.details["What it wants to have done"], ["conda create -n x python=3.6", "python3.6 (instead of python)"]);
});

test("libraries, scripts from elsewhere, pages of its own and other plugins are named", () => {
  const said = words(
    {
      type: "window",
      requirements: ["https://cdn.example.org/a.js"],
      dependencies: ["imjoy-team/imjoy-plugins:Image Viewer@dev", "Nobody"],
      base_frame: "https://example.org/app.html",
    },
    '<script lang="javascript" src="https://example.org/b.js"></script><script lang="javascript">a</script>',
  );
  assert.deepEqual(said.details, {
    Code: ["JavaScript from https://example.org/b.js", "JavaScript, 1 line"],
    Libraries: ["https://cdn.example.org/a.js"],
    "Pages of its own": ["https://example.org/app.html"],
    "Plugins that come with it": ["Image Viewer: opens a window", "Nobody: not in this folder"],
  });
});

test("what this version cannot run is said before it is installed", () => {
  const { where, sentence } = words({ type: "web-python" }, PYTHON);
  assert.equal(where, "nothing");
  assert.match(sentence, /does not have it yet/);
});
