/** The dialogs of plugins: their order, their titles, and what becomes of them when their plugin goes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ClosedError } from "../../../site_src/js/core/errors.js";
import { PluginDialogs } from "../../../site_src/js/shell/plugin_dialogs.js";

const [A, B] = /** @type {any[]} */ ([{ name: "A" }, { name: "B" }]);
const MESSAGE = { content: "?", isHtml: false, title: null, confirm: "OK", cancel: "Cancel" };

/** Lets promises go on. */
const settle = async () => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
};

/** Dialogs that are only played: each is shown until it is answered or its signal closes it. */
function setting() {
  /** @type {{kind: string, title: string, asker?: string, answer: (value: unknown) => void}[]} */
  const shown = [];
  const show = (/** @type {string} */ kind, /** @type {any} */ unanswered) => (/** @type {any} */ { title, asker, signal }) =>
    new Promise((answer) => {
      shown.push({ kind, title, asker, answer });
      signal.addEventListener("abort", () => answer(unanswered));
    });
  const module = {
    showAlert: show("alert", undefined),
    askConfirmation: show("confirm", false),
    askText: show("prompt", null),
    askForm: show("form", null),
  };
  const gone = new Set();
  const dialogs = new PluginDialogs({
    load: /** @type {any} */ (async () => module),
    isHere: (plugin) => !gone.has(plugin),
  });
  return { dialogs, shown, gone };
}

test("one dialog after the other, each with the name of its plugin", async () => {
  const { dialogs, shown } = setting();
  const alert = dialogs.alert(A, MESSAGE);
  const answer = dialogs.prompt(B, { ...MESSAGE, title: "Sample", start: "" });
  const form = dialogs.form(A, { title: "A", form: [] });
  await settle();
  assert.deepEqual(shown.map(({ kind, title }) => [kind, title]), [["alert", "Message of A"]]);
  shown[0]?.answer(undefined);
  await alert;
  await settle();
  assert.deepEqual([shown[1]?.kind, shown[1]?.title, shown[1]?.asker], ["prompt", "Sample", "B"]);
  shown[1]?.answer("cells");
  assert.equal(await answer, "cells");
  await settle();
  assert.deepEqual([shown[2]?.title, shown[2]?.asker], ["Settings of A", undefined]);
  shown[2]?.answer({ n: 1 });
  assert.deepEqual(await form, { n: 1 });
});

test("the dialog of a plugin that goes is closed, and those that it still waits for are not shown", async () => {
  const { dialogs, shown, gone } = setting();
  const open = dialogs.confirm(A, MESSAGE);
  const waiting = dialogs.prompt(A, { ...MESSAGE, start: "" });
  const other = dialogs.confirm(B, MESSAGE);
  await settle();
  dialogs.dropGone();
  await settle();
  assert.equal(shown.length, 1, "as long as the plugin is there, so is its dialog");
  gone.add(A);
  dialogs.dropGone();
  await assert.rejects(open, ClosedError);
  await assert.rejects(waiting, /A has ended before its dialog was answered/);
  await settle();
  assert.deepEqual(shown.map(({ title }) => title), ["Question of A", "Question of B"]);
  shown[1]?.answer(true);
  assert.equal(await other, true);
});

test("a plugin that asks without end is refused after twenty dialogs, others are not", async () => {
  const { dialogs, shown } = setting();
  const asked = Array.from({ length: 20 }, () => dialogs.confirm(A, MESSAGE));
  await assert.rejects(dialogs.confirm(A, MESSAGE), /A has 20 dialogs that nobody has answered yet/);
  const other = dialogs.confirm(B, MESSAGE);
  for (let i = 0; i < 21; i += 1) {
    await settle();
    shown[i]?.answer(true);
  }
  assert.deepEqual(await Promise.all(asked), asked.map(() => true));
  assert.equal(await other, true);
  const again = dialogs.confirm(A, MESSAGE);
  await settle();
  shown[21]?.answer(false);
  assert.equal(await again, false);
});

test("where the dialogs cannot be loaded, who asked is told", async () => {
  const dialogs = new PluginDialogs({ load: async () => null, isHere: () => true });
  await assert.rejects(dialogs.confirm(A, MESSAGE), /could not be loaded/);
});
