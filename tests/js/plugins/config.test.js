/** Configs, from the vectors that Python reads too. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  ConfigError,
  compareVersions,
  needsEngine,
  readConfig,
} from "../../../site_src/js/plugins/config.js";
import { parsePluginFile } from "../../../site_src/js/plugins/file.js";
import { samples } from "./samples.js";

/** @import { JsonObject } from "../../../site_src/js/plugins/literals.js" */

/**
 * @typedef {{name: string, input: string, tag?: string, only?: string, error?: {line: number, message: string},
 *   expected: JsonObject}} Case
 */

/** @type {Case[]} */
const CASES = JSON.parse(
  readFileSync(new URL("../../vectors/plugin_config.json", import.meta.url), "utf8"),
);
const YAML =
  "The config block (line 1) is written in YAML, which a page cannot read. " +
  "YAML config: install this plugin from the catalogue.";

/**
 * The named fields as the vectors write them: blocks by their content.
 * @param {object} config
 * @param {string[]} names
 */
function plain(config, names) {
  const fields = new Map(Object.entries(config));
  const blocks = new Set(["scripts", "styles", "windows", "links", "attachments"]);
  return Object.fromEntries(
    names.map((name) => {
      const value = fields.get(name);
      return [name, blocks.has(name) ? value.map((/** @type {any} */ b) => b.content) : value];
    }),
  );
}

for (const { name, input, tag, only, expected, error } of CASES) {
  test(name, () => {
    const file = parsePluginFile(input);
    if (only === "python") {
      assert.throws(() => readConfig(file), { name: "ConfigError", line: 1, message: YAML });
      const raw = /** @type {JsonObject | undefined} */ (expected?.["raw"]);
      if (raw) {
        assert.deepEqual(plain(readConfig(file, null, raw), Object.keys(expected)), expected);
      }
    } else if (error) {
      assert.throws(() => readConfig(file, tag), { name: "ConfigError", code: "config", ...error });
    } else {
      assert.deepEqual(plain(readConfig(file, tag), Object.keys(expected)), expected);
    }
  });
}

test("the vectors know every field", () => {
  const first = CASES[0];
  assert.ok(first);
  assert.deepEqual(
    Object.keys(readConfig(parsePluginFile(first.input))).sort(),
    Object.keys(first.expected).sort(),
  );
});

test("a config from the catalogue takes the place of the block's text", () => {
  const file = parsePluginFile('<config lang="yaml">\nname: [\n</config><script>x</script>');
  const raw = { name: "Y", type: { a: "window", b: "iframe" }, tags: ["a", "b"] };
  const config = readConfig(file, "b", raw);
  assert.equal(config.type, "iframe");
  assert.deepEqual(config.raw, raw);
  assert.deepEqual(raw.type, { a: "window", b: "iframe" });
});

test("any config text gives a config or the own error", () => {
  const units = [
    ...'{}[]:,"\'-1e.\\ \n\t',
    '"name"',
    '"type"',
    '"a"',
    '{"name":"N","type":"window"',
    "null",
    "\\u00e9",
    "\ud83d\ude80",
  ];
  for (const body of samples(units, 3000)) {
    const file = parsePluginFile(`<config>${body}</config><script>x</script>`);
    try {
      readConfig(file);
    } catch (error) {
      assert.ok(error instanceof ConfigError, `${JSON.stringify(body)} threw ${error}`);
      assert.ok(error.line >= 1 && error.line <= body.split("\n").length && error.hint);
    }
  }
});

test("JSON is read as the language reads it", () => {
  const body = '{"name":"N","type":"window","x":[-0.5e-3,"\\ud83d\\ude80\\/\\b",true,{"":[]},1E2,0]}';
  const config = readConfig(parsePluginFile(`<config>${body}</config><script>x</script>`));
  assert.deepEqual(config.raw, JSON.parse(body));
});

test("versions", () => {
  const older = [
    ["0.1.9", "0.1.10"],
    ["", "0.0.1"],
    ["0.9.9", "1"],
  ];
  for (const [left = "", right = ""] of older) {
    assert.equal(compareVersions(left, right), -1);
    assert.equal(compareVersions(right, left), 1);
  }
  assert.equal(compareVersions("0.1", "0.1.0"), 0);
  assert.equal(compareVersions("0.1.8b", "0.1.0"), 0);
});

test("which types need an engine", () => {
  assert.deepEqual(
    ["window", "web-worker", "collection", "native-python", "web-python"].map(needsEngine),
    [false, false, false, true, true],
  );
});
