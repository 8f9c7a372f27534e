/** The commands for workspaces. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { workspaceCommands } from "../../../site_src/js/shell/workspace_commands.js";
import { DEFAULT_WORKSPACE } from "../../../site_src/js/workspace/names.js";

const LAB = { name: "Müller & Söhne", key: "muller" };

/**
 * @param {typeof LAB} current
 * @param {string[]} done what is done, as it is done
 */
function commandsIn(current, done) {
  const note = (/** @type {string} */ name) => async (/** @type {typeof LAB} */ one) => void done.push(one ? `${name} ${one.key}` : name);
  const actions = Object.fromEntries(
    ["switchWorkspace", "createWorkspace", "renameWorkspace", "deleteWorkspace"].map((name) => [name, note(name)]),
  );
  const app = { workspaces: { current, list: [DEFAULT_WORKSPACE, LAB] }, workspaceActions: async () => actions };
  return workspaceCommands(/** @type {any} */ (app)).list();
}

test("every other workspace can be switched to, and the one that is always there stays", async () => {
  /** @type {string[]} */
  const done = [];
  const first = commandsIn(DEFAULT_WORKSPACE, done);
  assert.deepEqual(
    first.map(({ title }) => title),
    ["Switch to the workspace “Müller & Söhne”", "New workspace"],
  );
  for (const { run } of first) await run();
  assert.deepEqual(done, ["switchWorkspace muller", "createWorkspace"]);
});

test("the workspace that is shown can be renamed and deleted", async () => {
  /** @type {string[]} */
  const done = [];
  for (const { run } of commandsIn(LAB, done)) await run();
  assert.deepEqual(done, ["switchWorkspace default", "createWorkspace", "renameWorkspace muller", "deleteWorkspace muller"]);
});
