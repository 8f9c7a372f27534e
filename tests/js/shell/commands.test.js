/** The registry of all commands. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { CommandRegistry } from "../../../site_src/js/shell/commands.js";

/** @import { Command } from "../../../site_src/js/shell/commands.js" */

/**
 * @param {string} id
 * @param {Partial<Command>} [more]
 * @returns {Command}
 */
const command = (id, more = {}) => ({ id, title: `Do ${id}`, group: "Things", run: () => undefined, ...more });

/** @param {CommandRegistry} registry */
const ids = (registry) => registry.list().map(({ id }) => id);

const press = { key: "p", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
const page = { apple: false, inDialog: false };

test("commands are listed in the order of registration, from wherever they come", () => {
  const registry = new CommandRegistry();
  registry.register(command("a"), command("b"));
  const names = ["c"];
  registry.provide({ list: () => names.map((name) => command(name)) });
  registry.register(command("e"));
  names.push("d");
  assert.deepEqual(ids(registry), ["a", "b", "c", "d", "e"]);
});

test("what was registered can be taken away, and an id is given once", () => {
  const registry = new CommandRegistry();
  const remove = registry.register(command("a"));
  const withdraw = registry.provide({ list: () => [command("b")] });
  assert.throws(() => registry.register(command("a")), /there is a command “a” already/);
  remove();
  withdraw();
  assert.deepEqual(ids(registry), []);
  registry.register(command("a"));
  assert.equal(registry.find("a")?.title, "Do a");
  assert.equal(registry.find("b"), null);
});

test("what cannot be done now is not listed, and its shortcut does nothing", () => {
  const registry = new CommandRegistry();
  let isThere = false;
  registry.register(command("a", { when: () => isThere, shortcuts: ["P"] }));
  assert.deepEqual(ids(registry), []);
  assert.equal(registry.pressed(press, page), null);
  isThere = true;
  assert.deepEqual(ids(registry), ["a"]);
  assert.equal(registry.pressed(press, page)?.id, "a");
});

test("while a dialog is open only those shortcuts work that are meant to", () => {
  const registry = new CommandRegistry();
  registry.register(command("a", { shortcuts: ["P"] }), command("b", { shortcuts: ["F1"], inDialogs: true }));
  const dialog = { apple: false, inDialog: true };
  assert.equal(registry.pressed(press, dialog), null);
  assert.equal(registry.pressed({ ...press, key: "F1" }, dialog)?.id, "b");
  assert.equal(registry.pressed({ ...press, key: "F1" }, page)?.id, "b");
});

test("all shortcuts are listed by group, with the keys that are no commands", () => {
  const registry = new CommandRegistry();
  registry.register(command("a", { shortcuts: ["F8"], when: () => false }), command("b"));
  registry.explain({ group: "Things", title: "Go on", shortcuts: ["Tab"] });
  registry.explain({ group: "Others", title: "Close", shortcuts: ["Escape"] });
  const shown = [...registry.shortcuts()].map(([group, notes]) => [group, ...notes.map(({ title }) => title)]);
  assert.deepEqual(shown, [
    ["Things", "Do a", "Go on"],
    ["Others", "Close"],
  ]);
});

test("sources fetch what they need, and one that fails says so without keeping the others", async () => {
  const registry = new CommandRegistry();
  /** @type {Command[]} */
  let fetched = [];
  registry.provide({ list: () => fetched, prepare: async () => void (fetched = [command("late")]) });
  registry.provide({
    list: () => [],
    prepare: async () => {
      throw new Error("the server is gone");
    },
  });
  registry.provide({ list: () => [command("now")] });
  assert.deepEqual(ids(registry), ["now"]);
  const failures = await registry.prepare();
  assert.deepEqual(
    failures.map((failure) => /** @type {Error} */ (failure).message),
    ["the server is gone"],
  );
  assert.deepEqual(ids(registry), ["late", "now"]);
});

test("a command that fails is told of, at once or later", async () => {
  const registry = new CommandRegistry();
  /** @type {string[]} */
  const failed = [];
  registry.on("failed", (one) => failed.push(`${one.command.id}: ${/** @type {Error} */ (one.error).message}`));
  const fail = () => {
    throw new Error("no");
  };
  await registry.run(command("a", { run: fail }));
  await registry.run(command("b", { run: async () => fail() }));
  await registry.run(command("c"));
  assert.deepEqual(failed, ["a: no", "b: no"]);
});
