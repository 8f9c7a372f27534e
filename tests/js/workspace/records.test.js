/** The promise that a plugin runs as it was installed. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { findDamage, makeRecord, recordId, sha256 } from "../../../site_src/js/workspace/records.js";

const PARTS = {
  workspace: "default",
  name: "Cell Counter 2",
  type: "window",
  version: "1.0",
  tag: null,
  origin: "Lab",
  config: {},
  code: "<config></config> ü",
};

test("the SHA-256 of a text is that of its bytes in UTF-8", async () => {
  assert.equal(await sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(await sha256("ü"), await sha256(new Uint8Array([0xc3, 0xbc])));
});

test("the key is the name without spaces", () => {
  assert.equal(recordId("Cell Counter 2"), "Cell_Counter_2");
});

test("a record that is whole has no damage", async () => {
  const record = await makeRecord(PARTS);
  assert.equal(record._id, "Cell_Counter_2");
  assert.equal(await findDamage(record), null);
});

test("one changed letter is damage, and so is a missing text", async () => {
  const record = await makeRecord(PARTS);
  assert.match((await findDamage({ ...record, code: `${record.code} ` })) ?? "", /SHA-256 differs/);
  assert.match((await findDamage({ ...record, code: /** @type {any} */ (undefined) })) ?? "", /incomplete/);
});
