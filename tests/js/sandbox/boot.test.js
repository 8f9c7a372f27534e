/** The first script of every sandboxed page and worker: where addresses lead, and what is said where they do not. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { SANDBOX, bootPage, bootWorker } from "./boot_scope.js";

const MIRROR = `${SANDBOX}/cdn/x`;
const LIB = "https://cdn.example/npm/lib@1/lib.js";
const MAPPED = `${MIRROR}/https/cdn.example/npm/lib@1/lib.js`;

const ADDRESSES = [
  ["an address of another origin", LIB, MAPPED],
  ["a query and a fragment", "https://cdn.example/a?b=c&d#e", `${MIRROR}/https/cdn.example/a?b=c&d#e`],
  ["plain http and a port", "http://cdn.example:8123/a.js", `${MIRROR}/http/cdn.example:8123/a.js`],
  ["a default port", "https://cdn.example:443/a.js", `${MIRROR}/https/cdn.example/a.js`],
  ["no path", "https://cdn.example", `${MIRROR}/https/cdn.example/`],
  ["an upper-case scheme and host", "HTTPS://CDN.Example/A.js", `${MIRROR}/https/cdn.example/A.js`],
  ["white space around it", "  https://cdn.example/a.js ", `${MIRROR}/https/cdn.example/a.js`],
  ["a name and a password", "https://me:secret@cdn.example/a.js", `${MIRROR}/https/cdn.example/a.js`],
  ["no scheme", "//cdn.example/a.js", `${MIRROR}/https/cdn.example/a.js`],
  ["dots in the path", "https://cdn.example/a/../b.js", `${MIRROR}/https/cdn.example/b.js`],
  ["percent signs", "https://cdn.example/a%20b%2Fc.js", `${MIRROR}/https/cdn.example/a%20b%2Fc.js`],
  ["another port of this computer", "http://127.0.0.1:8080/api/secret", `${MIRROR}/http/127.0.0.1:8080/api/secret`],
  ["the sandbox itself", `${SANDBOX}/cdn/x/https/cdn.example/a.js`, `${SANDBOX}/cdn/x/https/cdn.example/a.js`],
  ["data", "data:text/plain,x", "data:text/plain,x"],
  ["a blob", "blob:null/1234", "blob:null/1234"],
  ["a bare word in a page", "name.js", "name.js"],
];

for (const [name, url, expected] of ADDRESSES) {
  test(`address: ${name}`, () => {
    const { boot } = bootPage();
    assert.equal(boot.mapUrl(url), expected);
    assert.equal(boot.mapUrl(boot.mapUrl(url)), expected, "mapping twice is mapping once");
  });
}

test("an address that was mapped is known by its original again", () => {
  const { boot } = bootPage();
  for (const url of [LIB, "http://cdn.example:8123/a?b=https://c/d#e"])
    assert.equal(boot.originalUrl(boot.mapUrl(url)), url);
});

test("in a worker relative addresses are relative to the script that it was asked to run", () => {
  const base = `${MIRROR}/https/cdn.example/npm/lib@1/worker.js`;
  const { boot, scope } = bootWorker({ globals: { __imjoyWorkerBase: base } });
  assert.equal(boot.mapUrl("./data.json"), `${MIRROR}/https/cdn.example/npm/lib@1/data.json`);
  assert.equal(scope.location.href, base);
});

test("running it twice changes nothing", () => {
  const { boot } = bootWorker();
  assert.equal(bootWorker({ globals: { __imjoyBoot: boot } }).boot, boot);
});

test("fetch reads from the mirror, without credentials or headers that only a service knows", async () => {
  const { scope, asked } = bootWorker({ files: { [MAPPED]: "body" } });
  const response = await scope.fetch(LIB, {
    credentials: "include",
    mode: "no-cors",
    integrity: "sha384-x",
    headers: { "X-Token": "1", Accept: "a/b" },
  });
  assert.equal(await response.text(), "body");
  const [{ url, credentials, mode, integrity, headers }] = asked;
  assert.deepEqual([url, credentials, mode, integrity], [MAPPED, "omit", "cors", undefined]);
  assert.deepEqual([...headers].flat(), ["accept", "a/b"]);
});

test("fetch takes a Request, and a URL", async () => {
  const { scope, asked } = bootWorker({ files: { [MAPPED]: "body" } });
  assert.equal(await (await scope.fetch(new scope.Request(LIB))).text(), "body");
  assert.equal(await (await scope.fetch(new scope.URL(LIB))).text(), "body");
  assert.deepEqual(
    asked.map(({ url }) => url),
    [MAPPED, MAPPED],
  );
});

test("fetch of what was not mirrored fails by name, says how to add it, and is noted once", async () => {
  const { scope, boot } = bootWorker();
  /** @type {any[]} */
  const notes = [];
  for (let count = 0; count < 2; count += 1) {
    await assert.rejects(scope.fetch(LIB), (/** @type {any} */ error) => {
      assert.equal(error.name, "TypeError");
      assert.ok(error.message.startsWith(`${LIB} is not in this offline copy`), error.message);
      assert.match(error.message, /imjoy\.yaml/);
      assert.match(error.message, /python -m imjoy mirror/);
      return true;
    });
  }
  boot.onNote((/** @type {any} */ note) => notes.push(note));
  assert.deepEqual(
    notes.map(({ level, missing }) => [level, missing]),
    [["error", LIB]],
  );
});

test("an online service is not asked at all", async () => {
  const { scope, asked } = bootWorker();
  await assert.rejects(
    scope.fetch("https://api.example/v1", { method: "post", body: "{}" }),
    /POST https:\/\/api\.example\/v1 cannot be done offline/,
  );
  assert.deepEqual(asked, []);
});

test("importScripts reads from the mirror; what fails does so by name", () => {
  const networkError = Object.assign(new Error("failed to load"), { name: "NetworkError" });
  /** @type {Record<string, number>} */
  const answers = { [`${MIRROR}/https/cdn.example/broken.js`]: 200 };
  class XMLHttpRequest {
    status = 0;
    #url = "";
    open(/** @type {string} */ _method, /** @type {string} */ url) {
      this.#url = url;
    }
    send() {
      this.status = answers[this.#url] ?? 404;
    }
    setRequestHeader() {}
    addEventListener() {}
  }
  const importScripts = (/** @type {string} */ url) => {
    if (url !== MAPPED) throw networkError;
  };
  const { scope } = bootWorker({ globals: { importScripts, XMLHttpRequest } });
  scope.importScripts(LIB);
  assert.throws(
    () => scope.importScripts(LIB, "https://cdn.example/none.js"),
    /https:\/\/cdn\.example\/none\.js is not in this offline copy/,
  );
  assert.throws(
    () => scope.importScripts("https://cdn.example/broken.js"),
    /https:\/\/cdn\.example\/broken\.js has failed as it ran/,
  );
});

test("what only leads outside is refused by name", () => {
  const globals = {
    WebSocket: class {},
    EventSource: class {},
    RTCPeerConnection: class {},
    navigator: { sendBeacon: () => true },
  };
  const { scope, boot } = bootWorker({ globals });
  assert.throws(
    () => new scope.WebSocket("ws://127.0.0.1:8080/engine"),
    /WebSocket to ws:\/\/127\.0\.0\.1:8080\/engine is refused/,
  );
  assert.throws(() => new scope.EventSource("https://x.example/"), /EventSource to https:\/\/x\.example\/ is refused/);
  const { constructor } = scope.RTCPeerConnection.prototype;
  assert.throws(() => new constructor({}), /RTCPeerConnection to another computer is refused/);
  assert.throws(() => new scope.RTCPeerConnection({}), /RTCPeerConnection to another computer is refused/);
  assert.throws(() => scope.navigator.sendBeacon("https://x.example/"), /beacon to https:\/\/x\.example\/ is refused/);
  /** @type {any[]} */
  const notes = [];
  boot.onNote((/** @type {any} */ note) => notes.push(note));
  assert.equal(notes.length, 4);
});

test("what the content policy blocks is noted by name, and other violations are not", () => {
  const { boot } = bootPage();
  /** @type {any[]} */
  const notes = [];
  boot.onNote((/** @type {any} */ note) => notes.push(note.missing));
  for (const blockedURI of ["https://cdn.example/late.js", "inline", `${SANDBOX}/other`, "data"])
    boot.noteViolation({ blockedURI });
  assert.deepEqual(notes, ["https://cdn.example/late.js"]);
});

const IMPORTS = [
  ["a literal", `await import("${LIB}")`, false, `await __imjoyBoot.importModule("${LIB}")`],
  ["single quotes inside a text", `s = "import('${LIB}')"`, false, `s = "__imjoyBoot.importModule('${LIB}')"`],
  ["a template without holes", `import(\`${LIB}\`)`, false, `__imjoyBoot.importModule(\`${LIB}\`)`],
  ["a static import", `import { a } from "${LIB}";`, true, `import { a } from "${MAPPED}";`],
  ["a bare static import", `import '${LIB}'`, true, `import '${MAPPED}'`],
  ["an export from elsewhere", `export * from "${LIB}"`, true, `export * from "${MAPPED}"`],
  ["a relative static import", `import a from "./b.js"`, true, `import a from "./b.js"`],
  [
    "a text that speaks of imports in a script",
    `say('import a from "${LIB}"')`,
    false,
    `say('import a from "${LIB}"')`,
  ],
];

for (const [name, script, isModule, expected] of IMPORTS) {
  test(`imports: ${name}`, () => {
    assert.equal(bootPage().boot.mapImports(script, isModule), expected);
    assert.equal(bootWorker().boot.mapImports(script, isModule), expected);
  });
}

test("in a worker computed imports are led to the mirror too, where a page has its import map", () => {
  const script = "const m = await import(base + '/x.js'); class A { import(x) { return this.import(x) } }";
  assert.equal(bootPage().boot.mapImports(script), script);
  assert.equal(
    bootWorker().boot.mapImports(script),
    "const m = await __imjoyBoot.importModule(base + '/x.js'); class A { import(x) { return this.import(x) } }",
  );
});

class RecordingWorker {
  /** @type {any[]} */
  static made = [];
  /** @param {string} url @param {any} options */
  constructor(url, options) {
    RecordingWorker.made.push({ url, options });
  }
  addEventListener() {}
}

test("a worker loads this script ahead of its own", async () => {
  RecordingWorker.made = [];
  /** @type {Blob[]} */
  const blobs = [];
  class FakeURL extends URL {
    /** @override @param {any} blob */
    static createObjectURL(blob) {
      return `blob:null/${blobs.push(blob) - 1}`;
    }
    /** @override */
    static revokeObjectURL() {}
  }
  const { scope } = bootWorker({ globals: { Worker: RecordingWorker, URL: FakeURL } });
  new scope.Worker(LIB);
  const script = await blobs[0].text();
  assert.ok(
    script.includes(`importScripts("${SANDBOX}/sandbox/js/sandbox/boot.js");importScripts("${MAPPED}");`),
    script,
  );
  assert.ok(script.includes(`"__imjoyWorkerBase":"${MAPPED}"`), script);

  const own = scope.URL.createObjectURL(new Blob(["postMessage(1)"]));
  new scope.Worker(own);
  scope.URL.revokeObjectURL(own);
  const wrapper = await /** @type {Blob} */ (blobs.at(-1)).text();
  const inner = /importScripts\("blob:null\/(\d+)"\)/.exec(wrapper);
  assert.ok(inner, wrapper);
  assert.notEqual(`blob:null/${inner[1]}`, own, "the address may be given back before the worker has read it");
  assert.equal(await blobs[Number(inner[1])].text(), "postMessage(1)");
  assert.equal(blobs[Number(inner[1])].type, "text/javascript", "of no type it could be started, but not imported");

  new scope.Worker(LIB, { type: "module" });
  const module = decodeURIComponent(RecordingWorker.made.at(-1).url);
  assert.match(module, /^data:text\/javascript/);
  assert.ok(module.indexOf("boot.js") < module.indexOf(MAPPED), module);
});
