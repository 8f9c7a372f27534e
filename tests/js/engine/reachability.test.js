/** Which page can reach which engine in which browser: the table, row by row. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { browserOf, judge, placeOf } from "../../../site_src/js/engine/reachability.js";

/** @import { Browser, Reach } from "../../../site_src/js/engine/reachability.js" */

const OWN = "http://127.0.0.1:8080";
/** @type {Browser[]} */
const BROWSERS = ["chromium", "firefox", "safari"];

/**
 * Page, engine, what each of the three browsers makes of it, and what the sentence says.
 * @type {[string, string, [Reach, Reach, Reach], RegExp][]}
 */
const TABLE = [
  // The app as it is served on every computer.
  [OWN, "http://127.0.0.1:8080", ["own", "own", "own"], /^$/],
  [OWN, "http://localhost:8080", ["own", "own", "own"], /“localhost”.*127\.0\.0\.1/],
  [OWN, "http://127.0.0.1:9000", ["yes", "yes", "yes"], /^$/],
  [OWN, "http://localhost:9000", ["yes", "yes", "yes"], /“localhost”.*127\.0\.0\.1/],
  [OWN, "http://[::1]:9000", ["yes", "yes", "yes"], /“\[::1\]”.*127\.0\.0\.1/],
  [OWN, "http://0.0.0.0:9000", ["yes", "yes", "yes"], /“0\.0\.0\.0”.*127\.0\.0\.1/],
  [OWN, "http://127.0.0.2:9000", ["yes", "yes", "yes"], /“127\.0\.0\.2”.*127\.0\.0\.1/],
  [OWN, "https://127.0.0.1:9443", ["yes", "yes", "yes"], /^$/],
  [OWN, "http://192.168.1.5:9000", ["no", "no", "no"], /tunnel.*ssh -L 9000:127\.0\.0\.1:9000 192\.168\.1\.5/],
  [OWN, "http://microscope:9000", ["no", "no", "no"], /answers only to its own computer.*microscope/],
  [OWN, "http://engine.example.org", ["no", "no", "no"], /ssh -L 80:127\.0\.0\.1:80 engine\.example\.org/],
  [OWN, "https://192.168.1.5:9443", ["maybe", "maybe", "maybe"], /relay/],
  [OWN, "https://engine.example.org", ["maybe", "maybe", "maybe"], /relay/],
  // A page from a server with a certificate.
  ["https://imjoy.io", "http://127.0.0.1:8080", ["asks", "asks", "no"], /ask whether|Safari/],
  ["https://imjoy.io", "http://localhost:8080", ["asks", "asks", "no"], /“localhost”/],
  ["https://imjoy.io", "http://192.168.1.5:8080", ["no", "no", "no"], /https reach encrypted engines only/],
  ["https://imjoy.io", "http://engine.example.org", ["no", "no", "no"], /https reach encrypted engines only/],
  ["https://imjoy.io", "https://127.0.0.1:8443", ["asks", "asks", "yes"], /^$|ask whether/],
  ["https://imjoy.io", "https://engine.lab.lan", ["asks", "asks", "maybe"], /ask whether|relay/],
  ["https://imjoy.io", "https://engine.example.org", ["maybe", "maybe", "maybe"], /relay/],
  ["https://192.168.1.9:8080", "http://127.0.0.1:8080", ["asks", "asks", "no"], /ask whether|Safari/],
  ["https://192.168.1.9:8080", "http://192.168.1.5:8080", ["no", "no", "no"], /encrypted engines only/],
  // A page that came without encryption from elsewhere.
  ["http://imjoy.io", "http://127.0.0.1:8080", ["no", "asks", "yes"], /^$|ask whether|Open the app at http:\/\/127\.0\.0\.1:8080/],
  ["http://imjoy.io", "http://192.168.1.5:8080", ["no", "no", "no"], /tunnel/],
  ["http://imjoy.io", "https://192.168.1.5", ["no", "asks", "maybe"], /nearer|ask whether|relay/],
  ["http://192.168.1.9:8080", "http://127.0.0.1:8080", ["no", "asks", "yes"], /^$|ask whether|nearer/],
  ["http://192.168.1.9:8080", "http://192.168.1.9:8080", ["own", "own", "own"], /^$/],
];

for (const [page, engine, reaches, words] of TABLE) {
  test(`from ${page} to ${engine}`, () => {
    for (const [at, browser] of BROWSERS.entries()) {
      const verdict = judge({ page, engine, browser });
      assert.equal(verdict.reach, reaches[at], browser);
      assert.match(verdict.sentence, words, browser);
      if (verdict.reach === "no" || verdict.reach === "asks" || verdict.reach === "maybe") {
        assert.ok(verdict.sentence.length > 40, "what does not simply work is explained");
      }
      assert.ok(verdict.origin);
    }
  });
}

test("the origin is exact, whatever was typed", () => {
  const origin = (/** @type {string} */ engine) => judge({ page: OWN, engine, browser: "chromium" }).origin;
  assert.equal(origin("127.0.0.1:9000"), "http://127.0.0.1:9000");
  assert.equal(origin("  LOCALHOST:9000/ "), "http://127.0.0.1:9000");
  assert.equal(origin("127.0.0.1"), "http://127.0.0.1:8080");
  assert.equal(origin("127.0.0.1:80"), "http://127.0.0.1");
  assert.equal(origin("http://127.0.0.1"), "http://127.0.0.1");
  assert.equal(origin("ws://127.0.0.1:9000/engine"), "http://127.0.0.1:9000");
  assert.equal(origin("wss://Engine.Example.org/engine"), "https://engine.example.org");
  assert.equal(origin("http://127.0.0.1:9000/#/app?token=abc"), "http://127.0.0.1:9000");
  assert.equal(origin("2130706433:9000"), "http://127.0.0.1:9000");
});

test("what is no engine's address is refused in words", () => {
  for (const engine of [
    "",
    "   ",
    "http://",
    "http://[::1",
    "ftp://127.0.0.1",
    "javascript://127.0.0.1/%0aalert(1)",
    "http://user:secret@127.0.0.1:9000",
    "http://127.0.0.1:9000/some/page",
    "http://127.0.0.1:99999",
    "http://[2001:db8::1]:9000",
    "http://a b",
  ]) {
    const verdict = judge({ page: OWN, engine, browser: "chromium" });
    assert.equal(verdict.reach, "no", engine);
    assert.equal(verdict.origin, null, engine);
    assert.match(verdict.sentence, /\.$/, engine);
    assert.ok(!verdict.sentence.includes("secret"), "a password is not shown");
  }
});

test("places", () => {
  const all = {
    loopback: ["127.0.0.1", "127.9.9.9", "localhost", "app.localhost", "[::1]"],
    local: ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.1.1", "100.64.0.1", "[fe80::1]", "[fd00::1]", "microscope", "pc.local", "pc.lan"],
    public: ["172.32.0.1", "172.15.0.1", "11.0.0.1", "192.169.0.1", "100.128.0.1", "8.8.8.8", "example.org", "[2001:db8::1]", "localhost.example.org", "127.example.org"],
  };
  for (const [place, hosts] of Object.entries(all)) {
    for (const host of hosts) assert.equal(placeOf(host), place, host);
  }
});

test("browsers", () => {
  const engine = "AppleWebKit/537.36 (KHTML, like Gecko)";
  assert.equal(browserOf(`Mozilla/5.0 (X11; Linux x86_64) ${engine} Chrome/140.0.0.0 Safari/537.36`), "chromium");
  assert.equal(browserOf(`Mozilla/5.0 (X11; Linux x86_64) ${engine} HeadlessChrome/140.0.0.0 Safari/537.36`), "chromium");
  assert.equal(browserOf(`Mozilla/5.0 (Windows NT 10.0) ${engine} Chrome/140.0 Safari/537.36 Edg/140.0`), "chromium");
  assert.equal(browserOf("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"), "firefox");
  assert.equal(browserOf("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"), "safari");
  assert.equal(browserOf("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile Safari/604.1"), "safari");
});
