/** The api that a plugin sees, over a real session with a host. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createPluginApi } from "../../../site_src/js/sandbox/plugin_api.js";
import { pair } from "../rpc/pair.js";

/** @param {import("node:test").TestContext} context */
async function opened(context) {
  const { host, plugin } = pair(context);
  const api = /** @type {any} */ (createPluginApi(plugin));
  await host.setInterface({
    add: (/** @type {number} */ a, /** @type {number} */ b) => a + b,
    utils: { sleep: async () => "slept" },
    config: { tag: "GPU" },
    TAG: undefined,
  });
  return { host, plugin, api };
}

test("what the host offers can be called, and its values are values", async (context) => {
  const { api } = await opened(context);
  assert.equal(await api.add(2, 3), 5);
  assert.equal(await api.utils.sleep(), "slept");
  assert.deepEqual(api.config, { tag: "GPU" });
  assert.equal(api.config.missing, undefined);
  assert.equal(api.TAG, undefined);
});

test("any other name fails by name, also inside a namespace and below a name that is not there", async (context) => {
  const { api } = await opened(context);
  const message = (/** @type {string} */ name) =>
    new RegExp(`^NotAvailableError: ${name.replaceAll(".", "\\.")} is not part of this version of ImJoy Offline$`);
  await assert.rejects(api.showDialog({}), message("api.showDialog"));
  await assert.rejects(api.utils.openUrl("x"), message("api.utils.openUrl"));
  await assert.rejects(api.fs.readFile("x"), message("api.fs.readFile"));
  await assert.rejects(api.toString2(), message("api.toString2"));
});

test("the api can be awaited, logged and looked through without pretending anything", async (context) => {
  const { api } = await opened(context);
  assert.equal(await api, api);
  assert.equal("add" in api, true);
  assert.equal("showDialog" in api, false);
  assert.deepEqual(Object.keys(api).sort(), ["TAG", "add", "config", "export", "utils"]);
  assert.equal(api[Symbol.toStringTag], undefined);
});

test("plugins may put members of their own on it", async (context) => {
  const { api } = await opened(context);
  api.fs = { readFile: () => "own" };
  assert.equal(api.fs.readFile(), "own");
});

test("export hands the plugin's interface over", async (context) => {
  const { host, api } = await opened(context);
  await api.export({ run: () => "ran" });
  assert.equal(await (await host.getInterface()).run(), "ran");
  await assert.rejects(api.export("no object"), /an interface must be an object/);
});
