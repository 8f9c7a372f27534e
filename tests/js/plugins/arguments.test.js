/** The forms in which plugins call the functions of `api`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  alertOptions,
  callArguments,
  confirmOptions,
  dialogOptions,
  isOptions,
  logEntry,
  pluginOptions,
  progressOf,
  promptOptions,
  runArguments,
  secondsOf,
  textOf,
  windowOptions,
} from "../../../site_src/js/plugins/arguments.js";

const PLAIN = { isHtml: false, title: null, confirm: "OK", cancel: "Cancel" };

test("only plain objects are options", () => {
  assert.ok(isOptions({}));
  assert.ok(isOptions(Object.create(null)));
  for (const other of [null, "x", 1, [], new Map(), new Date(), new Uint8Array(1)]) assert.ok(!isOptions(other));
});

test("createWindow: a type, an object, both, and what is a source", () => {
  assert.deepEqual(windowOptions("Image Viewer"), { type: "Image Viewer" });
  assert.deepEqual(windowOptions({ type: "V", data: 1 }), { type: "V", data: 1 });
  assert.deepEqual(windowOptions("V", { w: 3 }), { type: "V", w: 3 });
  assert.deepEqual(windowOptions({ type: "V", w: 1 }, { w: 3 }), { type: "V", w: 3 });
  assert.deepEqual(windowOptions("a\nb"), { src: "a\nb" });
  assert.deepEqual(windowOptions("http://x/y"), { src: "http://x/y" });
  assert.deepEqual(windowOptions("owner/repo:Name"), { src: "owner/repo:Name" });
  assert.deepEqual(windowOptions("imjoy/image"), { type: "imjoy/image" });
  assert.throws(() => windowOptions(3), /createWindow needs a text or an object, not number/);
  assert.throws(() => windowOptions(null), /not null/);
});

test("getPlugin: a name, an address, an object", () => {
  assert.deepEqual(pluginOptions("Cells"), { name: "Cells" });
  assert.deepEqual(pluginOptions("https://x/y.imjoy.html"), { src: "https://x/y.imjoy.html" });
  assert.deepEqual(pluginOptions({ name: "Cells" }), { name: "Cells" });
});

test("run: a name with a context, and keywords alone", () => {
  assert.deepEqual(runArguments("A", { config: { n: 1 } }), { name: "A", context: { config: { n: 1 } } });
  assert.deepEqual(runArguments("A"), { name: "A", context: {} });
  assert.deepEqual(runArguments({ name: "A", data: 1 }), { name: "A", context: { data: 1 } });
  assert.deepEqual(runArguments({ name: "A", ctx: { data: 1 } }), { name: "A", context: { data: 1 } });
  assert.throws(() => runArguments({}), /name of a plugin/);
});

test("call needs two names", () => {
  assert.deepEqual(callArguments(["A", "f", 1, 2]), { name: "A", functionName: "f", values: [1, 2] });
  assert.throws(() => callArguments(["A"]), /name of one of its functions/);
});

test("texts, progress and seconds come as they are or by keyword", () => {
  assert.equal(textOf("a"), "a");
  assert.equal(textOf({ message: "a" }), "a");
  assert.equal(textOf([1, 2]), "[1,2]");
  assert.equal(textOf(undefined), "undefined");
  assert.equal(progressOf(0.5), 0.5);
  assert.equal(progressOf({ value: 7 }), 7);
  assert.equal(secondsOf("a", 4), 4);
  assert.equal(secondsOf({ message: "a", duration: 5 }, undefined), 5);
  assert.equal(secondsOf("a", undefined), undefined);
});

test("alert: a text is a text, content is HTML", () => {
  assert.deepEqual(alertOptions("<b>"), { ...PLAIN, content: "<b>" });
  assert.deepEqual(alertOptions([1, 2]), { ...PLAIN, content: "[1,2]" });
  assert.deepEqual(alertOptions({ content: "<b>x</b>", title: "T", confirm_text: "Fine" }), {
    ...{ content: "<b>x</b>", isHtml: true, title: "T", confirm: "Fine", cancel: "Cancel" },
  });
});

test("confirm: a text, content with the words of its buttons, and keywords", () => {
  assert.deepEqual(confirmOptions("<b>?"), { ...PLAIN, content: "<b>?" });
  assert.deepEqual(confirmOptions({ content: "?", confirm_text: "Do", cancel_text: "Leave" }), {
    ...{ content: "?", isHtml: true, title: null, confirm: "Do", cancel: "Leave" },
  });
  assert.deepEqual(confirmOptions("<b>?", { title: "T" }), { ...PLAIN, content: "<b>?", title: "T" });
  for (const other of [undefined, null, 5, {}, ["x"]]) {
    assert.throws(() => confirmOptions(other), /confirm needs a text.*not supported/);
  }
});

test("prompt: a text and what is there already, in every way to say it", () => {
  assert.deepEqual(promptOptions("Name?"), { ...PLAIN, content: "Name?", start: "" });
  assert.deepEqual(promptOptions("Name?", "cells"), { ...PLAIN, content: "Name?", start: "cells" });
  assert.deepEqual(promptOptions("How many?", 3), { ...PLAIN, content: "How many?", start: "3" });
  assert.deepEqual(promptOptions("Name?", { default: "x", title: "T" }), {
    ...{ ...PLAIN, content: "Name?", title: "T", start: "x" },
  });
  assert.deepEqual(promptOptions({ content: "Name?", placeholder: "y", cancel_text: "No" }), {
    ...{ content: "Name?", isHtml: true, title: null, confirm: "OK", cancel: "No", start: "y" },
  });
  assert.throws(() => promptOptions(5), /prompt needs a text/);
});

test("showDialog: a form where there is a ui, else a window", () => {
  assert.deepEqual(dialogOptions({ ui: "x" }), { kind: "form", title: null, ui: "x" });
  assert.deepEqual(dialogOptions({ type: "joy", name: "N", ui: ["x"] }), { kind: "form", title: "N", ui: ["x"] });
  assert.deepEqual(dialogOptions({ type: "imjoy/joy" }), { kind: "form", title: null, ui: "" });
  assert.deepEqual(dialogOptions({}, { name: "N", ui: "x" }), { kind: "form", title: "N", ui: "x" });
  assert.deepEqual(dialogOptions({ type: "launchpad", data: [] }), {
    kind: "window",
    options: { type: "launchpad", data: [] },
  });
  assert.deepEqual(dialogOptions("launchpad"), { kind: "window", options: { type: "launchpad" } });
  assert.deepEqual(dialogOptions({ src: "https://x/" }), { kind: "window", options: { src: "https://x/" } });
  assert.throws(() => dialogOptions(4), /showDialog needs a text or an object/);
});

test("log: values joined, objects as JSON, pictures only from the page itself", () => {
  assert.deepEqual(logEntry(["a", 1, { b: 2 }]), { text: 'a 1 {"b":2}', image: null });
  assert.deepEqual(logEntry([new Error("bad")]), { text: "bad", image: null });
  assert.deepEqual(logEntry([{ type: "image", value: "data:image/png;base64,AA" }]), {
    text: "",
    image: "data:image/png;base64,AA",
  });
  assert.deepEqual(logEntry([{ type: "image", value: "https://x/y.png" }]), {
    text: "(picture at https://x/y.png)",
    image: null,
  });
  /** @type {Record<string, unknown>} */
  const loop = {};
  loop.loop = loop;
  assert.equal(logEntry([loop]).text, "[object Object]");
});
