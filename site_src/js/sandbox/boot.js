/**
 * The first script of every sandboxed page and worker: makes addresses of other origins lead to the local mirror, so
 * that what a plugin asks for at run time is found offline or fails at once, by name. A classic script, since it runs
 * ahead of every module and is also loaded by `importScripts`; it leaves its handle in `__imjoyBoot` for the scripts
 * behind it (in pages boot_page.js, which does the same for elements and markup).
 *
 * It is a convenience for plugins, not the wall around them: that is the opaque origin and the sandbox's CSP.
 */

(() => {
  "use strict";
  if (globalThis.__imjoyBoot) return;

  /** @type {any} */
  const scope = globalThis;
  const page = typeof document !== "undefined";
  const current = page ? /** @type {HTMLScriptElement | null} */ (document.currentScript) : null;
  const SANDBOX = scope.__imjoySandbox || new URL(current ? current.src : scope.location.href).origin;
  const MIRROR = `${SANDBOX}/cdn/x/`;
  const WORKER_BASE = scope.__imjoyWorkerBase || "";
  const NOTE = "__imjoyNote";
  const native = {
    fetch: scope.fetch,
    XMLHttpRequest: scope.XMLHttpRequest,
    importScripts: scope.importScripts,
    Request: scope.Request,
    Worker: scope.Worker,
    createObjectURL: URL.createObjectURL.bind(URL),
    revokeObjectURL: URL.revokeObjectURL.bind(URL),
  };

  // --- addresses ------------------------------------------------------------------------------------------------

  /** What a relative address is relative to. */
  function base() {
    return page ? document.baseURI : WORKER_BASE || `${SANDBOX}/sandbox/`;
  }

  /** @param {string} text */
  function parse(text) {
    try {
      // Pages that were written for https must not come to depend on how the sandbox is served.
      return new URL(/^\s*\/\/[^/]/.test(text) ? `https:${text.trim()}` : text, base());
    } catch {
      return null;
    }
  }

  /**
   * Where an address is found here: absolute ones of other origins in the mirror, all others as they are. In a worker,
   * whose own address is of no use, relative ones become absolute.
   * @param {unknown} url
   */
  function mapUrl(url) {
    const text = String(url);
    const parsed = parse(text);
    if (!parsed || !/^https?:$/.test(parsed.protocol)) return text;
    if (parsed.origin === SANDBOX) return page ? text : parsed.href;
    return `${MIRROR}${parsed.protocol.slice(0, -1)}/${parsed.host}${parsed.pathname}${parsed.search}${parsed.hash}`;
  }

  /** @param {string} url the address that a person knows @returns {string} */
  function originalUrl(url) {
    const parsed = parse(String(url));
    if (!parsed || !parsed.href.startsWith(MIRROR)) return parsed ? parsed.href : String(url);
    const [scheme, ...rest] = parsed.href.slice(MIRROR.length).split("/");
    return `${scheme}://${rest.join("/")}`;
  }

  /** @param {string} url */
  function isMirrored(url) {
    return url.startsWith(MIRROR);
  }

  // --- notes ----------------------------------------------------------------------------------------------------

  /** @typedef {import("../types.js").BootNote} BootNote */

  /** @type {((note: BootNote) => void)[]} */
  const listeners = [];
  /** @type {BootNote[]} */
  const early = [];
  const told = new Set();

  /** @param {BootNote} note */
  function tell(note) {
    if (told.has(note.message)) return;
    if (told.size < 1000) told.add(note.message);
    if (listeners.length > 0) for (const listener of listeners) listener(note);
    else if (early.length < 100) early.push(note);
    // Workers that a plugin starts itself have nobody but the one who started them.
    if (!page && scope.__imjoyNested) scope.postMessage({ [NOTE]: note });
  }

  /**
   * The error for an address that the mirror does not have; it is noted, too.
   * @param {string} url as it was asked for, or as it was mapped
   * @param {string} [method]
   */
  function missing(url, method = "GET") {
    const original = originalUrl(url);
    const reading = method === "GET" || method === "HEAD";
    const message = reading
      ? `${original} is not in this offline copy. Add it to "extra" in imjoy.yaml, run "python -m imjoy mirror" ` +
        "where there is internet, and carry the folder over"
      : `${method} ${original} cannot be done offline: it needs the online service behind that address`;
    tell({ level: "error", message, ...(reading ? { missing: original } : {}) });
    return Object.assign(new TypeError(message), { code: "missing" });
  }

  /** @param {{ blockedURI: string }} event */
  function noteViolation({ blockedURI }) {
    if (!/^(https?|wss?):/.test(blockedURI) || blockedURI.startsWith(`${SANDBOX}/`)) return;
    const asked = /^http/.test(blockedURI) ? { missing: blockedURI } : {};
    tell({ level: "error", message: `${blockedURI} was asked for past the local mirror, and was blocked`, ...asked });
  }

  /** @param {string} what @param {unknown} url */
  function refusal(what, url) {
    const message = `${what} to ${String(url)} is refused: plugins have no network of their own in ImJoy Offline`;
    tell({ level: "error", message });
    return new Error(message);
  }

  /** @param {{ status: number, headers: { get(name: string): string | null } }} response */
  function isMissingAnswer({ status, headers }) {
    return status === 404 || status === 405 || headers.get("X-ImJoy-Missing") !== null;
  }

  /** @param {string} url a mapped address */
  async function isMissing(url) {
    if (!isMirrored(url)) return false;
    try {
      return isMissingAnswer(await native.fetch.call(scope, url, { method: "HEAD", credentials: "omit" }));
    } catch {
      return false;
    }
  }

  // --- fetch, Request, XMLHttpRequest ---------------------------------------------------------------------------

  const KEPT_HEADERS = new Set(["accept", "accept-language", "range", "if-none-match", "if-modified-since"]);

  /** The mirror answers plain reads only; cookies and headers of a service mean nothing to it. @param {any} init */
  function readingOptions(init) {
    const { integrity, headers, ...others } = init || {};
    const kept = [...new scope.Headers(headers || {})].filter(([name]) => KEPT_HEADERS.has(name));
    return {
      ...others,
      headers: kept,
      credentials: "omit",
      mode: "cors",
      cache: "default",
      referrerPolicy: "no-referrer",
    };
  }

  /** @param {any} input @param {any} init */
  async function fetchHere(input, init) {
    const isRequest = input instanceof native.Request;
    const asked = isRequest ? input.url : String(input);
    const url = mapUrl(asked);
    if (!isMirrored(url)) return native.fetch.call(scope, isRequest ? input : url, init);
    const method = String((init && init.method) || (isRequest ? input.method : "GET")).toUpperCase();
    if (method !== "GET" && method !== "HEAD") throw missing(url, method);
    const signal = (init && init.signal) || (isRequest ? input.signal : undefined);
    const headers = (init && init.headers) || (isRequest ? input.headers : undefined);
    const response = await native.fetch.call(scope, url, readingOptions({ ...init, method, headers, signal }));
    if (isMissingAnswer(response)) throw missing(url);
    return response;
  }

  if (native.fetch) {
    scope.fetch = function fetch(/** @type {any} */ input, /** @type {any} */ init) {
      return fetchHere(input, init);
    };
    scope.Request = new Proxy(native.Request, {
      construct(target, [input, init], newTarget) {
        if (input instanceof native.Request) return Reflect.construct(target, [input, init], newTarget);
        const url = mapUrl(input);
        const method = String((init && init.method) || "GET").toUpperCase();
        const reading = isMirrored(url) && (method === "GET" || method === "HEAD");
        return Reflect.construct(target, [url, reading ? readingOptions(init) : init], newTarget);
      },
    });
  }

  /** @type {WeakMap<object, { method: string, url: string, async: boolean }>} */
  const requests = new WeakMap();

  /** A load that brought no file is an error to whoever listens. @param {any} event */
  function turnMissingIntoError(event) {
    const xhr = event.currentTarget;
    const request = requests.get(xhr);
    if (!request || !isMirrored(request.url) || (xhr.status !== 404 && xhr.status !== 405)) return;
    missing(request.url, request.method);
    event.stopImmediatePropagation();
    xhr.dispatchEvent(new scope.ProgressEvent("error"));
  }

  if (native.XMLHttpRequest) {
    const { open, send, setRequestHeader } = native.XMLHttpRequest.prototype;
    Object.assign(native.XMLHttpRequest.prototype, {
      /** @this {any} @param {string} method @param {unknown} asked @param {boolean} [async] @param {any[]} rest */
      open(method, asked, async = true, ...rest) {
        const url = mapUrl(asked);
        requests.set(this, { method: String(method).toUpperCase(), url, async });
        return open.call(this, method, url, async, ...(isMirrored(url) ? [] : rest));
      },
      /** @this {any} @param {string} name @param {string} value */
      setRequestHeader(name, value) {
        const request = requests.get(this);
        if (request && isMirrored(request.url) && !KEPT_HEADERS.has(String(name).toLowerCase())) return;
        setRequestHeader.call(this, name, value);
      },
      /** @this {any} @param {any} body */
      send(body) {
        const request = requests.get(this);
        const mirrored = Boolean(request && isMirrored(request.url));
        if (mirrored) this.withCredentials = false;
        send.call(this, body);
        if (!mirrored || !request || request.async || (this.status !== 404 && this.status !== 405)) return;
        throw missing(request.url, request.method);
      },
    });
    scope.XMLHttpRequest = new Proxy(native.XMLHttpRequest, {
      construct(target, args, newTarget) {
        const xhr = Reflect.construct(target, args, newTarget);
        // Registered before anybody else can be, so that it hears of the load first.
        xhr.addEventListener("load", turnMissingIntoError);
        return xhr;
      },
    });
  }

  // --- what only leads outside ----------------------------------------------------------------------------------

  for (const [name, what] of Object.entries({
    WebSocket: "A WebSocket",
    EventSource: "An EventSource",
    WebTransport: "A WebTransport",
    RTCPeerConnection: "An RTCPeerConnection",
    webkitRTCPeerConnection: "An RTCPeerConnection",
    SharedWorker: "A SharedWorker",
  })) {
    if (typeof scope[name] !== "function") continue;
    scope[name] = new Proxy(scope[name], {
      construct(_target, [url]) {
        throw refusal(what, typeof url === "string" || url instanceof URL ? url : "another computer");
      },
    });
    // No content policy covers peer connections yet, so the browser's own class must not be found by its prototype.
    if (name.endsWith("RTCPeerConnection")) scope[name].prototype.constructor = scope[name];
  }
  if (scope.navigator && "sendBeacon" in scope.navigator) {
    scope.navigator.sendBeacon = (/** @type {unknown} */ url) => {
      throw refusal("A beacon", url);
    };
  }

  // --- scripts of workers, dynamic imports ----------------------------------------------------------------------

  if (native.importScripts) {
    scope.importScripts = function importScripts(/** @type {unknown[]} */ ...urls) {
      for (const url of urls.map(mapUrl)) {
        try {
          native.importScripts.call(scope, url);
        } catch (error) {
          // The browser says NetworkError both for a file that is not there and for one that fails as it runs.
          if (!isMirrored(url) || /** @type {Error} */ (error).name !== "NetworkError") throw error;
          throw isMissingNow(url)
            ? missing(url)
            : new Error(`${originalUrl(url)} has failed as it ran`, { cause: error });
        }
      }
    };
  }

  /** @param {string} url */
  function isMissingNow(url) {
    const xhr = new native.XMLHttpRequest();
    xhr.open("HEAD", url, false);
    try {
      xhr.send();
    } catch {
      return true;
    }
    return xhr.status === 404 || xhr.status === 405;
  }

  /**
   * `import()` of an address of another origin, which workers cannot map by themselves.
   * @param {string} url
   * @param {any} [options]
   */
  async function importModule(url, options) {
    const mapped = mapUrl(url);
    try {
      return await import(mapped, options);
    } catch (error) {
      if (await isMissing(mapped)) throw missing(mapped);
      throw error;
    }
  }

  // Pages have an import map for what is computed; in workers every import() has to be led here (methods excepted).
  const COMPUTED = /(?<![.\w$#])import(?=\s*\()(?!\s*\([^()]*\)\s*\{)/g;
  const DYNAMIC = /(?<![.\w$#])import\s*\(\s*(["'`])(https?:\/\/[^"'`\s$\\]+)\1\s*\)/g;
  const STATIC =
    /(?<![.\w$#])((?:import|export)\s*(?:[\w$*{][^"'`;()]{0,2000}?\bfrom\s*)?)(["'])(https?:\/\/[^"'\s\\]+)\2/g;

  /**
   * A script with the imports that name an address of another origin led to the mirror. Quotes stay as they are, since
   * what looks like an import may be part of a text.
   * @param {string} script
   * @param {boolean} [isModule]
   */
  function mapImports(script, isModule = false) {
    const mapped = page
      ? script.replace(DYNAMIC, (_all, quote, url) => `__imjoyBoot.importModule(${quote}${url}${quote})`)
      : script.replace(COMPUTED, "__imjoyBoot.importModule");
    if (!isModule) return mapped;
    return mapped.replace(STATIC, (_all, start, quote, url) => `${start}${quote}${mapUrl(url)}${quote}`);
  }

  // --- workers --------------------------------------------------------------------------------------------------

  /** Blobs by their address: a worker may start after its address was given back. @type {Map<string, Blob>} */
  const blobs = new Map();

  URL.createObjectURL = (object) => {
    const url = native.createObjectURL(object);
    if (object instanceof Blob) blobs.set(url, object);
    return url;
  };
  URL.revokeObjectURL = (url) => {
    blobs.delete(url);
    native.revokeObjectURL(url);
  };

  /** @param {string} script */
  function scriptUrl(script) {
    return native.createObjectURL(new Blob([script], { type: "text/javascript" }));
  }

  /** @param {string} script */
  function dataUrl(script) {
    return `data:text/javascript;charset=utf-8,${encodeURIComponent(script)}`;
  }

  /** @param {string} workerBase */
  function preamble(workerBase) {
    const values = { __imjoySandbox: SANDBOX, __imjoyWorkerBase: workerBase, __imjoyNested: true };
    return `Object.assign(self,${JSON.stringify(values)});`;
  }

  /** @param {string} url */
  function readNow(url) {
    const xhr = new native.XMLHttpRequest();
    xhr.open("GET", url, false);
    xhr.send();
    if (isMirrored(url) && (xhr.status === 404 || xhr.status === 405)) throw missing(url);
    return xhr.responseText;
  }

  /**
   * What a worker can import its own script from: it may start from text of any type, but not every browser imports it.
   * @param {string} url
   */
  function importable(url) {
    const blob = blobs.get(url);
    if (blob) return native.createObjectURL(new Blob([blob], { type: "text/javascript" }));
    return url.startsWith("data:") ? scriptUrl(readNow(url)) : url;
  }

  /** Where a worker starts that loads this script ahead of its own. @param {string} url @param {boolean} isModule */
  function workerUrl(url, isModule) {
    const workerBase = /^https?:/.test(url) ? url : "";
    const boot = `${SANDBOX}/sandbox/js/sandbox/boot.js`;
    if (!isModule) {
      const own = importable(url);
      return scriptUrl(
        `${preamble(workerBase)}importScripts(${JSON.stringify(boot)});importScripts(${JSON.stringify(own)});`,
      );
    }
    // Opaque origins may not start module workers from blobs, only from data.
    const own = /^(blob|data):/.test(url) ? dataUrl(mapImports(readNow(url), true)) : url;
    const imports = [dataUrl(preamble(workerBase)), boot, own].map((one) => `import ${JSON.stringify(one)};`);
    return dataUrl(imports.join(""));
  }

  if (native.Worker) {
    scope.Worker = new Proxy(native.Worker, {
      construct(target, [asked, options], newTarget) {
        const parsed = parse(String(asked));
        const url = mapUrl(parsed ? parsed.href : asked);
        const started = workerUrl(url, Boolean(options && options.type === "module"));
        const worker = Reflect.construct(target, [started, options], newTarget);
        worker.addEventListener("message", (/** @type {MessageEvent} */ event) => {
          const note = event.data && event.data[NOTE];
          if (!note) return;
          event.stopImmediatePropagation();
          tell(note);
        });
        return worker;
      },
    });
  }

  if (!page && WORKER_BASE) {
    // Libraries find their other files beside the script that they believe to be.
    Object.defineProperty(scope, "location", { value: new URL(WORKER_BASE), configurable: true });
  }

  if (!page && scope.addEventListener) scope.addEventListener("securitypolicyviolation", noteViolation);

  globalThis.__imjoyBoot = {
    sandbox: SANDBOX,
    mirror: MIRROR,
    mapUrl,
    originalUrl,
    mapImports,
    importModule,
    isMissing,
    missing,
    noteViolation,
    tell,
    onNote(listener) {
      listeners.push(listener);
      for (const note of early.splice(0)) listener(note);
    },
    NativeWorker: native.Worker,
  };
})();
