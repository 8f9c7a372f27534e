/** A plugin of which the address alone is known, with a server and a catalogue that are only played. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

import { AddressedPlugin } from "../../../site_src/js/plugins/addressed_plugin.js";
import { findByAddress, pathOfMirrored } from "../../../site_src/js/plugins/addressed.js";
import { Catalogue } from "../../../site_src/js/plugins/catalogue.js";
import { MirrorClient, mirrorCommand } from "../../../site_src/js/plugins/mirror_client.js";

/** @import { MirrorEvent } from "../../../site_src/js/plugins/mirror_client.js" */

const URL_A = "https://example.org/a/Counter.imjoy.html?x=1&y=2";
const TEXT =
  '<config lang="json">{"name": "Counter", "type": "web-worker", "version": "2.0.0", "tags": ["CPU", "GPU"]}</config>\n' +
  '<script lang="javascript">api.export({})</script>\n';

/** A server whose runs the test plays. */
class PlayedServer {
  allowed = true;
  /** @type {any} */
  run = null;
  /** @type {[string, any][]} */
  told = [];
  /** @type {Error | null} */
  failure = null;
  /** @type {((event: MirrorEvent | null) => void)} */
  say = () => undefined;

  async get() {
    if (this.failure) throw this.failure;
    return { allowed: this.allowed, run: this.run };
  }

  /** @param {string} path @param {any} document */
  async post(path, document) {
    if (this.failure) throw this.failure;
    this.told.push([path, document]);
    this.run = { id: "r1", plugin: document.plugin, state: "running" };
    return { run: this.run };
  }

  async *lines() {
    for (;;) {
      const event = await /** @type {Promise<MirrorEvent | null>} */ (new Promise((resolve) => (this.say = resolve)));
      if (event === null) return;
      yield event;
    }
  }
}

/** @param {() => any} find */
function setting(find) {
  const server = new PlayedServer();
  const plugin = new AddressedPlugin({
    url: URL_A,
    find: async () => find(),
    mirror: new MirrorClient(/** @type {any} */ (server)),
  });
  return { server, plugin };
}

const FOUND = /** @type {any} */ ({ entry: { name: "Counter" }, all: [], text: TEXT });

test("what this folder holds is found, and nobody is asked for more", async () => {
  const { server, plugin } = setting(() => FOUND);
  await plugin.look();
  assert.deepEqual([plugin.stage, plugin.found], ["found", FOUND]);
  assert.deepEqual(server.told, []);
});

test("what is not here is brought only when that is asked for", async () => {
  let here = false;
  const { server, plugin } = setting(() => (here ? FOUND : null));
  await plugin.look();
  assert.deepEqual([plugin.stage, plugin.mayBring], ["absent", true]);
  assert.deepEqual(server.told, [], "looking alone starts nothing");
  const brought = plugin.bring();
  await turn();
  assert.deepEqual(server.told, [["/api/mirror/start", { plugin: URL_A }]]);
  server.say({ kind: "step", text: "Fetching packages" });
  await turn();
  server.say({ kind: "item", text: "a@1", done: 1, total: 2, bytes: 5 });
  await turn();
  server.say({ kind: "note", text: "one thing" });
  await turn();
  assert.deepEqual([plugin.stage, plugin.step, plugin.item?.done, plugin.notes], ["bringing", "Fetching packages", 1, ["one thing"]]);
  here = true;
  server.say({ kind: "end", state: "done" });
  await brought;
  assert.equal(plugin.stage, "found");
});

test("a download that fails says why, one that was cancelled says so, and both can be tried again", async () => {
  const { server, plugin } = setting(() => null);
  await plugin.look();
  for (const [state, message] of /** @type {const} */ ([["failed", "No such package."], ["cancelled", "The run was cancelled."]])) {
    /** @type {string[]} */
    const told = [];
    const stop = plugin.on("brought", (text) => told.push(text));
    const brought = plugin.bring();
    await turn();
    if (state === "cancelled") {
      void plugin.cancel();
      assert.ok(plugin.isCancelling);
    }
    server.say({ kind: "end", state, message, hint: "Look again." });
    await brought;
    stop();
    assert.deepEqual([plugin.stage, plugin.problem], ["failed", { message, hint: "Look again." }]);
    assert.equal(told.length, state === "failed" ? 1 : 0, "who has cancelled need not be told");
  }
});

test("a run that goes on while the page is loaded anew is followed again", async () => {
  const { server, plugin } = setting(() => null);
  server.run = { id: "r7", plugin: URL_A, state: "running" };
  const looked = plugin.look();
  await turn();
  assert.equal(plugin.stage, "bringing");
  server.say({ kind: "end", state: "failed", message: "x" });
  await looked;
  assert.deepEqual(server.told, []);
});

test("a run for another plugin is not taken for this one's", async () => {
  const { server, plugin } = setting(() => null);
  server.run = { id: "r7", plugin: "https://example.org/other.imjoy.html", state: "running" };
  await plugin.look();
  assert.equal(plugin.stage, "absent");
});

test("a server that cannot be asked brings nothing, and it is said why", async () => {
  const { server, plugin } = setting(() => null);
  server.failure = new Error("This browser is not paired.");
  await plugin.look();
  assert.deepEqual([plugin.stage, plugin.mayBring, plugin.whyNot], ["absent", false, "This browser is not paired."]);
  await plugin.bring();
  assert.deepEqual([plugin.stage, plugin.problem.message], ["failed", "This browser is not paired."]);
});

test("a stream that ends without an end is a failure", async () => {
  const { server, plugin } = setting(() => null);
  await plugin.look();
  const brought = plugin.bring();
  await turn();
  server.say(null);
  await brought;
  assert.equal(plugin.stage, "failed");
});

/** @param {object[]} plugins @param {Record<string, string>} files */
function catalogueOf(plugins, files = {}) {
  return new Catalogue(async (address) => {
    if (address === "/catalogue.json") return Response.json({ version: 1, repositories: [], plugins });
    return files[address] === undefined ? new Response(null, { status: 204 }) : new Response(files[address]);
  });
}

test("an address is answered from the catalogue, else from the mirror, else not at all", async () => {
  const path = pathOfMirrored(URL_A) ?? "";
  assert.equal(path, "/plugins/at/https/example.org/a/Counter.imjoy.html?x=1&y=2");
  const listed = { name: "Listed", url: "https://EXAMPLE.org:443/a/Counter.imjoy.html?x=1&y=2", problem: "broken" };
  const found = await findByAddress(URL_A, catalogueOf([{ name: "No", url: null }, { name: "Npm", url: "npm:x" }, listed]));
  assert.equal(found?.entry.name, "Listed");

  const mirrored = await findByAddress(URL_A, catalogueOf([], { [path]: TEXT }));
  assert.deepEqual(
    [mirrored?.entry.name, mirrored?.entry.version, mirrored?.entry.tags, mirrored?.entry.repository],
    ["Counter", "2.0.0", ["CPU", "GPU"], "example.org"],
  );
  assert.equal(await mirrored?.all.length, 0);
  assert.equal(await findByAddress(URL_A, catalogueOf([])), null);
  assert.equal(await findByAddress("https://example.org/page.html", catalogueOf([])), null);
  await assert.rejects(findByAddress(URL_A, catalogueOf([], { [path]: "<p>no plugin</p>" })), /cannot be used as a plugin/);
});

test("the command can be typed as it is", () => {
  assert.equal(mirrorCommand(URL_A), `python -m imjoy mirror --plugin "${URL_A}"`);
  assert.equal(
    mirrorCommand('https://x.org/$(rm)`a`"b\\!c^d'),
    'python -m imjoy mirror --plugin "https://x.org/%24(rm)%60a%60%22b%5C%21c%5Ed"',
  );
});
