/** The blocks of a plugin file, from the vectors that Python reads too. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  PluginFileError,
  blocksOfType,
  dedent,
  parsePluginFile,
} from "../../../site_src/js/plugins/file.js";
import { samples } from "./samples.js";

/**
 * @typedef {{type: string, content: string, attrs: Record<string, string | true>, line: number, content_line?: number}} WantedBlock
 * @typedef {{name: string, input: string, error?: {line: number, message: string},
 *   expected: {blocks: WantedBlock[], notes: string[]}}} Case
 */

/** @type {Case[]} */
const CASES = JSON.parse(
  readFileSync(new URL("../../vectors/plugin_file.json", import.meta.url), "utf8"),
);

for (const { name, input, expected, error } of CASES) {
  test(name, () => {
    if (error) {
      assert.throws(() => parsePluginFile(input), {
        name: "PluginFileError",
        code: "plugin-file",
        ...error,
      });
      return;
    }
    const file = parsePluginFile(input);
    const found = file.blocks.map(({ type, content, attrs, line, contentLine }, index) => ({
      type,
      content,
      attrs,
      line,
      ...(expected.blocks[index]?.content_line ? { content_line: contentLine } : {}),
    }));
    assert.deepEqual(found, expected.blocks);
    assert.deepEqual(file.notes, expected.notes);
  });
}

test("any text gives blocks or the own error", () => {
  const units =
    "<config>|</config>|<script lang='x'>|</script>|<window|>|<div>|</div>|<!--|-->|<link a=b>|<style>|</STYLE >|<docs/>|\"|'|\n|  x|<|</|<![|é".split(
      "|",
    );
  for (const text of samples(units, 3000)) {
    try {
      const file = parsePluginFile(text);
      for (const { content, start, end } of file.blocks) {
        assert.equal(content, dedent(file.text.slice(start, end)));
      }
    } catch (error) {
      assert.ok(error instanceof PluginFileError, `${JSON.stringify(text)} threw ${error}`);
    }
  }
});

test("repetition takes no more than linear time", () => {
  for (const unit of ["<a>", "</a", "<!--", '<a b="', "<a x ", "</ ", "<textarea>", "<docs>"]) {
    const file = parsePluginFile(`<docs>${unit.repeat(60_000)}`);
    assert.ok(file.blocks[0]?.content.endsWith(unit));
  }
});

test("blocks of a type, in order", () => {
  const file = parsePluginFile("<script>1</script><docs>d</docs><script>2</script>");
  assert.deepEqual(
    blocksOfType(file, "script").map(({ content }) => content),
    ["1", "2"],
  );
});
