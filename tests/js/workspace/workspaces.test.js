/** Which workspace a page shows, and that each has its own settings. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { readSetting, scopeSettings, writeSetting } from "../../../site_src/js/workspace/settings.js";
import { Workspaces } from "../../../site_src/js/workspace/workspaces.js";

/** As much of a browser's storage as the modules use. */
class PlayedStorage {
  /** @type {Map<string, string>} */
  items = new Map();
  /** @param {string} key */
  getItem(key) {
    return this.items.get(key) ?? null;
  }
  /** @param {string} key @param {string} value */
  setItem(key, value) {
    this.items.set(key, value);
  }
  /** @param {string} key */
  removeItem(key) {
    this.items.delete(key);
  }
}

/** @type {PlayedStorage} */
let local;

beforeEach(() => {
  local = new PlayedStorage();
  /** @type {any} */ (globalThis).localStorage = local;
  newTab();
  /** @type {any} */ (globalThis).addEventListener = () => undefined;
  scopeSettings("default");
  for (const name of /** @type {const} */ (["workspace", "workspaces", "open_forms", "token"])) writeSetting(name, null);
});

function newTab() {
  /** @type {any} */ (globalThis).sessionStorage = new PlayedStorage();
}

/** @param {string | null} asked */
function open(asked) {
  const workspaces = new Workspaces();
  return { workspaces, problem: workspaces.open(asked), shown: workspaces.current.name };
}

test("without a word, the default; with a name, that one, made where it is new", () => {
  assert.equal(open(null).shown, "default");
  const { workspaces, problem, shown } = open("My lab");
  assert.deepEqual([problem, shown, workspaces.current.key], [null, "My lab", "My-lab"]);
  assert.deepEqual(workspaces.list.map(({ name }) => name), ["default", "My lab"]);
  assert.equal(open("my LAB").workspaces.list.length, 2, "letter case makes no second one");
});

test("a tab goes on with what it has shown, another one with what was used last", () => {
  open("one");
  assert.equal(open(null).shown, "one");
  open("default");
  assert.equal(open(null).shown, "default", "the tab has shown the default last");
  open("two");
  newTab();
  assert.equal(open(null).shown, "two");
  assert.equal(open("default").shown, "default");
});

test("a name that cannot be is told and shows nothing of its own", () => {
  const { workspaces, problem, shown } = open("../etc");
  assert.match(problem ?? "", /“\/”/);
  assert.equal(shown, "default");
  assert.equal(workspaces.list.length, 1);
});

test("each workspace has its own forms and panel; the token is that of the browser", () => {
  open("one");
  writeSetting("open_forms", "[1]");
  writeSetting("token", "secret");
  open("two");
  assert.deepEqual([readSetting("open_forms"), readSetting("token")], [null, "secret"]);
  writeSetting("open_forms", "[2]");
  open("default");
  assert.equal(readSetting("open_forms"), null);
  open("one");
  assert.equal(readSetting("open_forms"), "[1]");
});

test("a renamed workspace keeps its key and with it all that it has", () => {
  const { workspaces } = open("one");
  writeSetting("open_forms", "[1]");
  assert.match(workspaces.problemOf("default", workspaces.current) ?? "", /already/);
  assert.equal(workspaces.problemOf("ONE", workspaces.current), null);
  workspaces.rename(workspaces.current, "First");
  assert.deepEqual(workspaces.current, { name: "First", key: "one" });
  assert.equal(open("first").workspaces.current.key, "one");
  assert.equal(readSetting("open_forms"), "[1]");
  assert.equal(open("one").workspaces.current.key, "one-2", "the old name is free, its key is not");
});

test("what two tabs add is kept", () => {
  const [a, b] = [open(null).workspaces, open(null).workspaces];
  a.create("from a");
  b.create("from b");
  assert.deepEqual(open(null).workspaces.list.map(({ name }) => name), ["default", "from a", "from b"]);
});
