/** What the address of the app asks for, from the vectors that the browser tests read too. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { readLink, withWorkspace, withoutKeys } from "../../../site_src/js/shell/link.js";

/** @import { AddressParts, LinkKey } from "../../../site_src/js/shell/link.js" */

/** @typedef {{route?: string, w?: string | null, plugin?: any, engine?: string | null, token?: string | null}} Expected */

/** @type {{links: {name: string, link: string, expected: Expected}[], values: Record<LinkKey, {written: string, means: any}[]>}} */
const vectors = JSON.parse(readFileSync(new URL("../../vectors/links.json", import.meta.url), "utf8"));

/** @param {string} link @returns {AddressParts} as a browser has it */
function parts(link) {
  const { search, hash } = new URL(link, "http://127.0.0.1:8080");
  return { search, hash };
}

/** @param {string} link @param {Expected} expected */
function check(link, expected) {
  const { route = "", w = null, engine = null, token = null } = expected;
  let { plugin = null } = expected;
  const read = readLink(parts(link));
  if (plugin?.kind === "unreadable") {
    assert.equal(read.plugin?.kind, "unreadable", link);
    if (read.plugin?.kind === "unreadable") assert.ok(read.plugin.reason, link);
    assert.ok(!JSON.stringify(read.plugin).includes("secret"), "a password is not shown");
    plugin = read.plugin;
  }
  assert.deepEqual(read, { route, workspace: w, plugin, engine, token }, link);
}

for (const { name, link, expected } of vectors.links) test(`a link: ${name}`, () => check(link, expected));

test("every key alone and with others, in every order, before and behind the #", () => {
  const keys = /** @type {LinkKey[]} */ (Object.keys(vectors.values));
  let count = 0;
  for (const order of orders(keys)) {
    for (const chosen of choices(order)) {
      const query = chosen.map(({ key, written }) => `${key}=${written}`).join("&");
      const expected = Object.fromEntries(chosen.map(({ key, means }) => [key, means]));
      check(`/#/app?${query}`, { route: "/app", ...expected });
      check(`/?${query}#/app`, { route: "/app", ...expected });
      check(`/?${query}`, expected);
      count += 1;
    }
  }
  assert.ok(count > 600, String(count));
});

/**
 * Every selection of the keys, in every order.
 * @param {LinkKey[]} keys
 * @returns {LinkKey[][]}
 */
function orders(keys) {
  return keys.flatMap((key) => [[key], ...orders(keys.filter((one) => one !== key)).map((rest) => [key, ...rest])]);
}

/**
 * Every way to write the values of these keys.
 * @param {LinkKey[]} keys
 * @returns {{key: LinkKey, written: string, means: any}[][]}
 */
function choices(keys) {
  const [first, ...rest] = keys;
  if (first === undefined) return [[]];
  const further = choices(rest);
  return vectors.values[first].flatMap((value) => further.map((more) => [{ key: first, ...value }, ...more]));
}

test("a value leaves the address, and nothing else does", () => {
  const without = (/** @type {string} */ link, /** @type {LinkKey[]} */ ...keys) => {
    const { search, hash } = withoutKeys(parts(link), keys);
    return `/${search}${hash}`;
  };
  assert.equal(without("/#/app?token=abc", "token"), "/#/app");
  assert.equal(without("/#/app?w=a%20b&token=abc&plugin=p?q=1&r=2", "token"), "/#/app?w=a%20b&plugin=p?q=1&r=2");
  assert.equal(without("/#/app?w=a&engine=e&token=t&plugin=p", "engine", "token", "plugin"), "/#/app?w=a");
  assert.equal(without("/?w=a&token=abc#/app", "token"), "/?w=a#/app");
  assert.equal(without("/?token=abc#/app?token=def", "token"), "/#/app");
  assert.equal(without("/?token=abc", "token"), "/");
  assert.equal(without("/?plugin=https://x.org/a.imjoy.html#dev&token=abc#/app", "token", "plugin"), "/#/app");
  assert.equal(without("/?plugin=https://x.org/a.imjoy.html#dev&token=abc#/app?w=b", "token"), "/?plugin=https://x.org/a.imjoy.html#dev#/app?w=b");
  assert.equal(without("/?p=https://x.org/a.imjoy.html&w=b", "plugin"), "/?w=b");
  for (const link of ["/", "/#/app", "/#/app?w=lab", "/?x=1#/app?y=2", "/#somewhere"]) {
    assert.deepEqual(withoutKeys(parts(link), ["token"]), parts(link));
  }
});

test("after taking the token out, every vector still asks for the rest", () => {
  for (const { link } of vectors.links) {
    const rest = readLink(withoutKeys(parts(link), ["token"]));
    const before = readLink(parts(link));
    assert.deepEqual(rest, { ...before, token: null }, link);
  }
});

test("another workspace takes the place of the one in the address", () => {
  const other = (/** @type {string} */ link) => {
    const { search, hash } = withWorkspace(parts(link), "my lab");
    return `/${search}${hash}`;
  };
  assert.equal(other("/"), "/#/app?w=my%20lab");
  assert.equal(other("/#/app"), "/#/app?w=my%20lab");
  assert.equal(other("/#/app?w=old"), "/#/app?w=my%20lab");
  assert.equal(other("/?w=old#/app"), "/#/app?w=my%20lab");
  assert.equal(other("/?w=old&plugin=x#/app"), "/?plugin=x#/app?w=my%20lab");
  assert.equal(readLink(parts(other("/#/app?w=old&plugin=https://x.org/a?b=1&c=2"))).workspace, "my lab");
});
