/** The catalogue: reading it, checking texts, and what is said of an entry. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Catalogue,
  dependencyName,
  describeEntry,
  findEntries,
  installLabel,
} from "../../../site_src/js/plugins/catalogue.js";
import { sha256 } from "../../../site_src/js/workspace/records.js";

/** @import { CatalogueEntry } from "../../../site_src/js/plugins/catalogue.js" */

/**
 * @param {Partial<CatalogueEntry>} [given]
 * @returns {CatalogueEntry}
 */
function entry(given = {}) {
  return {
    name: "Viewer",
    type: "window",
    version: "1.2.0",
    description: "Shows images",
    icon: "",
    cover: [],
    tags: [],
    labels: [],
    url: null,
    repository: "Lab",
    path: "/plugins/x",
    sha256: "",
    size: 1,
    config: {},
    engine: false,
    missing: [],
    problem: null,
    ...given,
  };
}

/** @param {Record<string, string | number>} answers text by address, or a status */
function serving(answers) {
  return new Catalogue(async (address) => {
    const answer = answers[address];
    return typeof answer === "string"
      ? new Response(answer)
      : new Response("", { status: answer ?? 404, statusText: "No" });
  });
}

test("a good catalogue is given as it is, anything else is an error in words", async () => {
  const content = { version: 1, repositories: [], plugins: [entry()] };
  assert.deepEqual(await serving({ "/catalogue.json": JSON.stringify(content) }).load(), content);
  for (const bad of ["{}", "no", '{"version": 2, "plugins": []}']) {
    await assert.rejects(serving({ "/catalogue.json": bad }).load(), /cannot be read.*python -m imjoy mirror/s);
  }
  await assert.rejects(serving({ "/catalogue.json": 500 }).load(), /The catalogue could not be read.*500/);
});

test("a server that is gone is named, with what to do", async () => {
  const gone = new Catalogue(async () => {
    throw new TypeError("Failed to fetch");
  });
  await assert.rejects(gone.load(), /does not answer. Run “python -m imjoy” in its folder/);
});

test("a text is taken only with its own SHA-256", async () => {
  const text = "<config>ü</config>";
  const catalogue = serving({ "/plugins/x": text });
  assert.equal(await catalogue.text(entry({ sha256: await sha256(text) })), text);
  await assert.rejects(catalogue.text(entry({ sha256: await sha256("other") })), /Viewer is not the one.*SHA-256/);
});

test("a search finds every word, anywhere", () => {
  const entries = [entry(), entry({ name: "Counter", description: "Counts cells", labels: ["biology"] })];
  const names = (/** @type {string} */ search) => findEntries(entries, search).map(({ name }) => name);
  assert.deepEqual(names(""), ["Viewer", "Counter"]);
  assert.deepEqual(names("CELL biol"), ["Counter"]);
  assert.deepEqual(names("cell images"), []);
  const broken = [entry({ name: "Broken", problem: "line 3" }), ...entries];
  assert.deepEqual(
    findEntries(broken, "").map(({ name }) => name),
    ["Viewer", "Counter", "Broken"],
  );
});

test("what is said of an entry: complete, incomplete with lines, waiting for an engine, broken", () => {
  assert.equal(describeEntry(entry()).sentence, "Everything it asks for is in this folder");
  const lacking = entry({
    missing: [
      { asked: "x.js", line: 7, reason: "gone" },
      { asked: "y.js", line: 0, reason: "no" },
    ],
  });
  assert.deepEqual(describeEntry(lacking), {
    state: "incomplete",
    sentence: "2 things that it asks for are not in this folder",
    missing: ["x.js (line 7): gone", "y.js: no"],
  });
  const python = entry({ type: "native-python", config: { requirements: ["pip: numpy", "a", "b", "c", "d"] } });
  assert.deepEqual(describeEntry(python), {
    state: "complete",
    sentence: "Everything it asks for is in this folder. It runs in the Python engine with numpy, a, b, c and 1 more",
    missing: [],
  });
  assert.match(describeEntry(entry({ type: "octave" })).sentence, /engine for plugins of the type “octave”/);
  assert.deepEqual(describeEntry(entry({ problem: "line 3" })), {
    state: "broken",
    sentence: "This plugin file cannot be read: line 3",
    missing: [],
  });
});

test("the button: install, update, replace, or nothing to do", () => {
  const one = entry({ sha256: "aa" });
  assert.equal(installLabel(one, null), "Install");
  assert.equal(installLabel(one, { version: "1.2.0", hash: "aa" }), null);
  assert.equal(installLabel(one, { version: "1.1.9", hash: "bb" }), "Update");
  assert.equal(installLabel(one, { version: "1.10.0", hash: "bb" }), "Replace");
});

test("the name in a dependency", () => {
  assert.equal(dependencyName("Viewer"), "Viewer");
  assert.equal(dependencyName("Viewer@GPU"), "Viewer");
  assert.equal(dependencyName("owner/repo:Live Window@dev"), "Live Window");
  assert.equal(dependencyName("https://x/y.imjoy.html"), null);
});
