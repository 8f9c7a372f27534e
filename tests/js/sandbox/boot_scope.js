/** A made-up page or worker in which boot.js can be run without a browser. */

import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

export const SANDBOX = "http://127.0.0.1:8081";

/** @param {string} name */
function source(name) {
  return readFileSync(new URL(`../../../site_src/js/sandbox/${name}`, import.meta.url), "utf-8");
}

/** @typedef {Record<string, string>} Files what a made-up mirror has, by address */

/**
 * @param {Files} files
 * @param {any[]} asked is told of every request
 */
export function mirrorFetch(files, asked) {
  return async (/** @type {any} */ input, /** @type {any} */ init = {}) => {
    const url = typeof input === "string" ? input : input.url;
    asked.push({ url, ...init });
    if (Object.hasOwn(files, url)) return new Response(files[url]);
    return new Response("not mirrored", { status: 404, headers: { "X-ImJoy-Missing": url } });
  };
}

/**
 * @param {object} [options]
 * @param {Files} [options.files]
 * @param {Record<string, unknown>} [options.globals]
 */
export function bootWorker({ files = {}, globals = {} } = {}) {
  /** @type {any[]} */
  const asked = [];
  /** @type {string[]} */
  const imported = [];
  const scope = {
    URL: class extends URL {},
    Blob,
    Request,
    Response,
    Headers,
    console,
    fetch: mirrorFetch(files, asked),
    addEventListener: () => undefined,
    importScripts: (/** @type {string} */ url) => void imported.push(url),
    __imjoySandbox: SANDBOX,
    ...globals,
  };
  const context = /** @type {any} */ (createContext(scope));
  runInContext(source("boot.js"), context, { filename: "boot.js" });
  return { scope: context, boot: context.__imjoyBoot, asked, imported };
}

/** An element as far as boot_page.js looks at it. */
export class FakeElement {
  /** @type {Map<string, string>} */
  attributes = new Map();

  /** @param {string} localName */
  constructor(localName) {
    this.localName = localName;
  }

  /** @param {string} name @param {unknown} value */
  setAttribute(name, value) {
    this.attributes.set(String(name).toLowerCase(), String(value));
  }

  /** @param {string} _space @param {string} name @param {unknown} value */
  setAttributeNS(_space, name, value) {
    this.attributes.set(name, String(value));
  }

  /** @param {string} name */
  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }

  /** @param {string} name */
  removeAttribute(name) {
    this.attributes.delete(name);
  }

  get innerHTML() {
    return this.attributes.get("#html") ?? "";
  }

  set innerHTML(html) {
    this.attributes.set("#html", html);
  }

  /** @param {string} where @param {string} html */
  insertAdjacentHTML(where, html) {
    this.attributes.set(`#${where}`, html);
  }
}

/** A class of elements with one property that is an attribute. @param {string[]} properties */
function elementClass(properties) {
  class Specific extends FakeElement {}
  for (const property of properties) {
    Object.defineProperty(Specific.prototype, property, {
      configurable: true,
      enumerable: true,
      get() {
        return this.getAttribute(property) ?? "";
      },
      set(value) {
        this.attributes.set(property, String(value));
      },
    });
  }
  return Specific;
}

/** @param {{ files?: Files }} [options] */
export function bootPage({ files = {} } = {}) {
  /** @type {any[]} */
  const asked = [];
  /** @type {Record<string, (event: any) => void>} */
  const listeners = {};
  const document = {
    baseURI: `${SANDBOX}/sandbox/frame.html`,
    currentScript: { src: `${SANDBOX}/sandbox/js/sandbox/boot.js` },
    addEventListener: (/** @type {string} */ name, /** @type {(event: any) => void} */ listener) =>
      (listeners[name] = listener),
    get cookie() {
      throw new Error("SecurityError");
    },
  };
  class Document {
    /** @param {...string} parts */
    write(...parts) {
      return parts.join("");
    }
  }
  const scope = {
    URL: class extends URL {},
    Blob,
    Request,
    Response,
    Headers,
    console,
    document,
    Document,
    fetch: mirrorFetch(files, asked),
    Element: FakeElement,
    HTMLScriptElement: elementClass(["src", "integrity"]),
    HTMLLinkElement: elementClass(["href", "integrity"]),
    HTMLImageElement: elementClass(["src", "srcset"]),
    HTMLIFrameElement: elementClass(["src", "srcdoc"]),
    HTMLSourceElement: undefined,
    Range: class {},
    Audio: class {},
    get localStorage() {
      throw new Error("SecurityError");
    },
    get sessionStorage() {
      throw new Error("SecurityError");
    },
  };
  const context = /** @type {any} */ (
    createContext(Object.defineProperties({}, Object.getOwnPropertyDescriptors(scope)))
  );
  runInContext(source("boot.js"), context, { filename: "boot.js" });
  runInContext(source("boot_page.js"), context, { filename: "boot_page.js" });
  return { scope: context, boot: context.__imjoyBoot, asked, listeners };
}
