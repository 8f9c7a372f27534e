/** A limit in time for a promise. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { within } from "../../../site_src/js/core/deadline.js";

test("what comes in time is the result, and leaves no timer behind", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  assert.equal(await within(Promise.resolve(1), 1_000, () => new Error("late")), 1);
  await assert.rejects(
    within(Promise.reject(new Error("failed")), 1_000, () => new Error("late")),
    /failed/,
  );
});

test("what does not is late", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const waiting = within(new Promise(() => undefined), 1_000, () => new Error("late"));
  context.mock.timers.tick(1_000);
  await assert.rejects(waiting, /late/);
});
