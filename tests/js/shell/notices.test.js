/** What the person is told, and for how long. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Notices, soundsLikeError } from "../../../site_src/js/shell/notices.js";

/** @param {Notices} notices */
const texts = (notices) => notices.messages.map(({ text }) => text);

test("a status tells of a failure by the usual words", () => {
  assert.ok(soundsLikeError("An error"));
  assert.ok(soundsLikeError("Failed"));
  assert.ok(soundsLikeError("Traceback (most recent call last)"));
  assert.ok(!soundsLikeError("All is well"));
});

test("a message goes after its time, an error stays until it is dismissed", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const notices = new Notices();
  notices.show("short", { seconds: 2 });
  notices.show("usual");
  const error = notices.showError("bad");
  context.mock.timers.tick(2_000);
  assert.deepEqual(texts(notices), ["usual", "bad"]);
  context.mock.timers.tick(3_600_000);
  assert.deepEqual(texts(notices), ["bad"]);
  notices.dismiss(error);
  assert.deepEqual(texts(notices), []);
});

test("a message that is being read does not go, and goes when it was left", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const notices = new Notices();
  const id = notices.show("read me", { seconds: 1 });
  notices.hold(id);
  context.mock.timers.tick(60_000);
  assert.deepEqual(texts(notices), ["read me"]);
  notices.release(id);
  context.mock.timers.tick(1_000);
  assert.deepEqual(texts(notices), []);
});

test("the same text is shown once, and the oldest messages give way", () => {
  const notices = new Notices();
  for (const text of ["a", "b", "a"]) notices.showError(text);
  assert.deepEqual(texts(notices), ["b", "a"]);
  for (const text of ["c", "d", "e"]) notices.showError(text);
  assert.deepEqual(texts(notices), ["a", "c", "d", "e"]);
});

test("the errors of one plugin go when it is run again, and nothing else does", () => {
  const notices = new Notices();
  notices.showError("A: bad", { source: "A" });
  notices.showError("A: worse", { source: "A" });
  notices.showError("B: bad", { source: "B" });
  notices.show("A says hello", { source: "A" });
  notices.dismissErrorsOf("A");
  assert.deepEqual(texts(notices), ["B: bad", "A says hello"]);
});

test("every change is told", () => {
  const notices = new Notices();
  let changes = 0;
  notices.on("changed", () => (changes += 1));
  notices.setStatus("working");
  notices.setProgress(0.2);
  notices.showError("bad");
  assert.equal(changes, 3);
  assert.equal(notices.status, "working");
  assert.equal(notices.progress, 20);
});
