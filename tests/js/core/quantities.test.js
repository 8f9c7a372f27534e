/** Times and sizes in words. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { durationWords, sizeWords } from "../../../site_src/js/core/quantities.js";

test("times", () => {
  const cases = { 0: "0 s", 59.9: "59 s", 60: "1 min", 3599: "59 min", 3600: "1 h", 5400: "1 h 30 min", 86400: "1 day", 200000: "2 days" };
  for (const [seconds, words] of Object.entries(cases)) assert.equal(durationWords(Number(seconds)), words);
  assert.equal(durationWords(-1), "0 s");
});

test("sizes", () => {
  const cases = { 0: "0 B", 999: "999 B", 1000: "1.0 kB", 9949: "9.9 kB", 12345: "12 kB", 999499: "999 kB", 999500: "1.0 MB", 52428800: "52 MB", 1234567890: "1.2 GB", 1e12: "1000 GB" };
  for (const [bytes, words] of Object.entries(cases)) assert.equal(sizeWords(Number(bytes)), words, bytes);
});
