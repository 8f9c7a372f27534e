/** Names of workspaces, and the keys under which their things are kept. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  DEFAULT_WORKSPACE,
  findByName,
  makeKey,
  nameProblem,
  readWorkspaces,
  writeWorkspaces,
} from "../../../site_src/js/workspace/names.js";

/** What the engine takes as the name of a folder; the same pattern is in imjoy_offline/engine/plugin_start.py. */
const FOLDER = /^[A-Za-z0-9_](?:[A-Za-z0-9_ .-]{0,62}[A-Za-z0-9_-])?$/;
const LAB = { name: "Lab 1", key: "Lab-1" };

test("names that people write are taken, whatever their letters", () => {
  for (const name of ["lab", "Lab 2", "Müller & Söhne", "実験室", "2026-11 (final)", "a+b", "don't"]) {
    assert.equal(nameProblem(name, [DEFAULT_WORKSPACE, LAB]), null, name);
  }
});

test("names that cannot be are refused with a sentence", () => {
  const long = "x".repeat(65);
  for (const name of ["", "  ", " lab", "lab ", "a/b", "a\\b", "50%", "a:b", "what?", "a\u0000b", "a\nb", "a\ud800", long]) {
    assert.match(nameProblem(name, []) ?? "", /\.$/, JSON.stringify(name));
  }
});

test("a name that differs from another in letter case alone is the same", () => {
  assert.match(nameProblem("lab 1", [LAB]) ?? "", /Lab 1/);
  assert.equal(findByName([LAB], "LAB 1"), LAB);
  assert.equal(findByName([LAB], "Lab"), null);
});

test("every key can be a folder on every disk, and no two are the same", () => {
  /** @type {string[]} */
  const taken = ["default"];
  const names = ["lab", "LAB", "Default", "Müller", "Muller", "実験室", "電", "...", "con", "COM1.txt", "a b  c", "-x-", "y".repeat(64)];
  for (const name of names) {
    const key = makeKey(name, taken);
    assert.match(key, FOLDER, name);
    assert.ok(!taken.some((one) => one.toLowerCase() === key.toLowerCase()), name);
    assert.doesNotMatch(key, /^(?:con|com1)(?:\.|$)/i);
    taken.push(key);
  }
  assert.deepEqual(taken.slice(1, 5), ["lab", "LAB-2", "Default-2", "Muller"]);
});

test("the list survives being stored, and the default is always there", () => {
  const list = [DEFAULT_WORKSPACE, LAB, { name: "実験室", key: "workspace" }];
  assert.deepEqual(readWorkspaces(writeWorkspaces(list)), list);
  assert.deepEqual(readWorkspaces(null), [DEFAULT_WORKSPACE]);
});

test("of a list that was tampered with, what is sound is read", () => {
  for (const text of ["", "{", "7", '{"name": "x"}', "null"]) assert.deepEqual(readWorkspaces(text), [DEFAULT_WORKSPACE]);
  const odd = [null, 7, {}, { name: "x" }, { name: "../x", key: "x" }, { name: "y", key: "../y" }, LAB, LAB, { name: "z", key: "Lab-1" }];
  assert.deepEqual(readWorkspaces(JSON.stringify(odd)), [DEFAULT_WORKSPACE, LAB]);
});
