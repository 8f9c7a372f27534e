/** Addresses in elements and markup, and the storage that opaque origins lack. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeElement, SANDBOX, bootPage } from "./boot_scope.js";

const LIB = "https://cdn.example/npm/lib@1/lib.js";
const MAPPED = `${SANDBOX}/cdn/x/https/cdn.example/npm/lib@1/lib.js`;

/** What an inner page begins with, as it stands in an attribute. */
function escapedBeginning() {
  const script = (/** @type {string} */ name) =>
    `<script src=&quot;${SANDBOX}/sandbox/js/sandbox/${name}&quot;></script>`;
  return script("boot.js") + script("boot_page.js");
}

const MARKUP = [
  ["a script", `<script src="${LIB}"></script>`, `<script crossorigin="anonymous" src="${MAPPED}"></script>`],
  ["single quotes", `<img src='${LIB}'>`, `<img crossorigin="anonymous" src="${MAPPED}">`],
  ["no quotes", `<img src=${LIB}>`, `<img crossorigin="anonymous" src="${MAPPED}">`],
  [
    "checks that belong to the original",
    `<script integrity="sha384-x" crossorigin="use-credentials" src="${LIB}"></script>`,
    `<script crossorigin="anonymous" src="${MAPPED}"></script>`,
  ],
  [
    "a > in an attribute",
    `<img alt="a > b" src="${LIB}">`,
    `<img crossorigin="anonymous" alt="a > b" src="${MAPPED}">`,
  ],
  [
    "ampersands",
    `<img src="https://cdn.example/a?b=1&amp;c=2">`,
    `<img crossorigin="anonymous" src="${SANDBOX}/cdn/x/https/cdn.example/a?b=1&amp;c=2">`,
  ],
  ["a set of sources", `<source srcset="${LIB} 1x, ${LIB} 2x">`, `<source srcset="${MAPPED} 1x, ${MAPPED} 2x">`],
  ["a link that a person clicks", `<a href="${LIB}">x</a>`, `<a href="${LIB}">x</a>`],
  ["a text that looks like an attribute", `<p>src="${LIB}"</p>`, `<p>src="${LIB}"</p>`],
  ["another attribute", `<img data-src="${LIB}" src="a.png">`, `<img data-src="${LIB}" src="a.png">`],
  ["an inner page", `<iframe srcdoc="<p>&quot;x</p>">`, `<iframe srcdoc="${escapedBeginning()}<p>&quot;x</p>">`],
  ["an unfinished tag", `<img src="${LIB}`, `<img src="${LIB}`],
];

for (const [name, html, expected] of MARKUP) {
  test(`markup: ${name}`, () => assert.equal(bootPage().boot.mapHtml(html), expected));
}

test("markup of any length is read in a time that grows with it", () => {
  const { boot } = bootPage();
  const start = performance.now();
  boot.mapHtml(`<img src="//x" ${"a='".repeat(20_000)}`);
  boot.mapHtml("<img ".repeat(50_000) + "//");
  boot.mapHtml(`//${'<img a="'.repeat(50_000)}`);
  boot.mapHtml(`//<img ${"/ ".repeat(50_000)}`);
  boot.mapCss("url(".repeat(50_000) + "//");
  boot.mapImports(`import(${"import ".repeat(20_000)}`, true);
  boot.mapImports("import{".repeat(20_000), true);
  assert.ok(performance.now() - start < 5_000);
});

test("rules of style", () => {
  const { boot } = bootPage();
  const rules = (/** @type {string} */ url, /** @type {string} */ other) =>
    `@import "${url}"; a { background: url(${url}) } b { background: url('${other}') } c { background: url(x.png) }`;
  const expected = rules(MAPPED, `${SANDBOX}/cdn/x/https/cdn.example/x.png`);
  assert.equal(boot.mapCss(rules(LIB, "//cdn.example/x.png")), expected);
});

test("elements lead to the mirror, by property and by attribute, whatever comes first", () => {
  const { scope } = bootPage();
  const byProperty = new scope.HTMLScriptElement("script");
  byProperty.integrity = "sha384-x";
  byProperty.src = LIB;
  assert.deepEqual(
    [...byProperty.attributes],
    [
      ["crossorigin", "anonymous"],
      ["src", MAPPED],
    ],
  );

  const byAttribute = new scope.HTMLScriptElement("script");
  byAttribute.setAttribute("SRC", LIB);
  byAttribute.setAttribute("integrity", "sha384-x");
  byAttribute.integrity = "sha384-x";
  assert.equal(byAttribute.getAttribute("src"), MAPPED);
  assert.ok(!byAttribute.getAttribute("integrity"));

  const anchor = new FakeElement("a");
  anchor.setAttribute("href", LIB);
  assert.equal(anchor.getAttribute("href"), LIB);
});

test("an inner page begins with the same scripts", () => {
  const { scope } = bootPage();
  const byProperty = new scope.HTMLIFrameElement("iframe");
  byProperty.srcdoc = `<img src="${LIB}">`;
  const byAttribute = new scope.HTMLIFrameElement("iframe");
  byAttribute.setAttribute("srcdoc", `<img src="${LIB}">`);
  for (const frame of [byProperty, byAttribute]) {
    assert.match(frame.getAttribute("srcdoc"), /boot\.js"><\/script><script src="[^"]*boot_page\.js"><\/script><img/);
    assert.ok(frame.getAttribute("srcdoc").includes(MAPPED));
  }
});

test("markup given to an element is mapped", () => {
  bootPage();
  const element = new FakeElement("div");
  element.innerHTML = `<img src="${LIB}">`;
  assert.ok(element.innerHTML.includes(MAPPED));
  element.insertAdjacentHTML("beforeend", `<img src="${LIB}">`);
  assert.ok(element.getAttribute("#beforeend")?.includes(MAPPED));
});

test("an element that could not load is noted by name", async () => {
  const { boot, listeners } = bootPage({ files: { [`${MAPPED}x`]: "there, but no script" } });
  const noted = new Promise((resolve) => boot.onNote(resolve));
  listeners.error({ target: { localName: "script", src: MAPPED } });
  const note = /** @type {any} */ (await noted);
  assert.equal(note.missing, LIB);
  const second = new Promise((resolve) => boot.onNote(resolve));
  listeners.error({ target: { localName: "script", src: `${MAPPED}x` } });
  assert.match(/** @type {any} */ (await second).message, /lib\.jsx could not be used by the <script>/);
});

test("there is a storage that lasts as long as the page, and no cookie", () => {
  const { scope } = bootPage();
  const storage = scope.localStorage;
  storage.setItem("a", 1);
  storage.b = "two";
  assert.deepEqual(
    [storage.getItem("a"), storage.a, storage.getItem("b"), storage.getItem("none"), storage.length],
    ["1", "1", "two", null, 2],
  );
  assert.deepEqual(Object.keys(storage), ["a", "b"]);
  assert.equal("a" in storage, true);
  delete storage.a;
  assert.equal(storage.getItem("a"), null);
  assert.equal(storage.key(0), "b");
  storage.clear();
  assert.equal(storage.length, 0);
  assert.notEqual(scope.sessionStorage, storage);
  scope.document.cookie = "a=1";
  assert.equal(scope.document.cookie, "");
});
