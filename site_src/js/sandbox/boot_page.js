/**
 * The second script of every sandboxed page, right behind boot.js: addresses of other origins in elements and in markup
 * lead to the local mirror too, opaque origins get a storage that lasts as long as the page, and what an element could
 * not load is noted by name. A classic script, since it has to run ahead of everything else.
 */

(() => {
  "use strict";
  const boot = globalThis.__imjoyBoot;
  if (boot.mapHtml) return;

  /** @type {any} */
  const scope = globalThis;
  const { mapUrl, originalUrl, isMissing, missing, tell, mirror: MIRROR } = boot;

  // --- addresses in elements and markup -------------------------------------------------------------------------

  /** @type {Record<string, readonly string[]>} */
  const ADDRESSES = {
    script: ["src"],
    link: ["href"],
    img: ["src", "srcset"],
    source: ["src", "srcset"],
    video: ["src", "poster"],
    audio: ["src"],
    track: ["src"],
    iframe: ["src"],
    embed: ["src"],
    object: ["data"],
    input: ["src"],
    image: ["href", "xlink:href"],
    use: ["href", "xlink:href"],
  };
  /** Those whose content can only be used (read, checked, drawn from) when it was fetched with CORS. */
  const WITH_CORS = new Set(["script", "link", "img", "video", "audio"]);

  /** @param {string} list */
  function mapSrcset(list) {
    return list.replace(/(^|,\s+|,(?=https?:))(\S*?\/\/[^\s,]+)/g, (_all, start, url) => start + mapUrl(url));
  }

  /** @param {string} name @param {unknown} value */
  function mapAttribute(name, value) {
    return name === "srcset" ? mapSrcset(String(value)) : mapUrl(value);
  }

  /** @param {string} css */
  function mapCss(css) {
    return css
      .replace(/(url\(\s*["']?)((?:https?:)?\/\/[^"')\s]+)/gi, (_all, start, url) => start + mapUrl(url))
      .replace(/(@import\s+["'])((?:https?:)?\/\/[^"'\s]+)/gi, (_all, start, url) => start + mapUrl(url));
  }

  const START = new RegExp(`<(${Object.keys(ADDRESSES).join("|")})(?=[\\s/>])`, "gi");
  const ATTRIBUTE = /([\s/]*)([^\s/>=]+)(?:(\s*=\s*)("[^"]*"|'[^']*'|[^\s>"'][^\s>]*)?)?/y;
  const TAG_END = /[\s/]*>/y;

  /**
   * Markup with the addresses in it mapped. One pass, since a plugin's markup may be long and may be broken.
   * @param {string} html
   */
  function mapHtml(html) {
    if (!html.includes("//") && !/srcdoc/i.test(html)) return html;
    let [result, done] = ["", 0];
    START.lastIndex = 0;
    for (let start = START.exec(html); start; start = START.exec(html)) {
      const tag = readTag(html, START.lastIndex);
      // In a tag that never ends there is nothing left to map.
      if (!tag) break;
      START.lastIndex = tag.end;
      const mapped = mapTag(start[1].toLowerCase(), tag.attributes);
      if (mapped === null) continue;
      result += html.slice(done, start.index) + start[0] + mapped;
      done = tag.end;
    }
    return result + html.slice(done);
  }

  /** A page of its own inside this one gets the same beginning. */
  const BEGINNING = ["boot.js", "boot_page.js"]
    .map((name) => `<script src="${boot.sandbox}/sandbox/js/sandbox/${name}"></script>`)
    .join("");

  /** @param {unknown} html */
  function innerPage(html) {
    return BEGINNING + mapHtml(String(html));
  }

  /** @param {string} text */
  function escaped(text) {
    return text.replace(/&/g, "&amp;").replace(/"/g, "&quot;");
  }

  /** @typedef {{ all: string, name: string, value: string }} Attribute */

  /**
   * @param {string} html @param {number} from behind the tag's name
   * @returns {{ attributes: Attribute[], end: number } | null}
   */
  function readTag(html, from) {
    /** @type {Attribute[]} */
    const attributes = [];
    for (let at = from; ; at = ATTRIBUTE.lastIndex) {
      TAG_END.lastIndex = at;
      const end = TAG_END.exec(html);
      if (end) return { attributes: [...attributes, { all: end[0], name: "", value: "" }], end: TAG_END.lastIndex };
      ATTRIBUTE.lastIndex = at;
      const found = ATTRIBUTE.exec(html);
      if (!found) return null;
      const quoted = found[4] || "";
      const value = /^["']/.test(quoted) ? quoted.slice(1, -1) : quoted;
      attributes.push({ all: found[0], name: found[2].toLowerCase(), value });
    }
  }

  /** @param {string} element @param {Attribute[]} attributes @returns {string | null} null where nothing changes */
  function mapTag(element, attributes) {
    let mapped = false;
    const changed = attributes.map(({ all, name, value }) => {
      if (element === "iframe" && name === "srcdoc") {
        mapped = true;
        return { all: ` srcdoc="${escaped(BEGINNING)}${value.replace(/"/g, "&quot;")}"`, name };
      }
      const url = ADDRESSES[element].includes(name) ? mapAttribute(name, value.replace(/&amp;/g, "&")) : "";
      if (!url.includes(MIRROR)) return { all, name };
      mapped = true;
      return { all: ` ${name}="${escaped(url)}"`, name };
    });
    if (!mapped) return null;
    // The original's checks have no place on a copy.
    const kept = changed.filter(({ name }) => name !== "integrity" && name !== "crossorigin");
    return (WITH_CORS.has(element) ? ' crossorigin="anonymous"' : "") + kept.map(({ all }) => all).join("");
  }

  /** What goes with an address that leads to the mirror. @param {Element} element */
  function prepare(element) {
    const name = element.localName;
    if (WITH_CORS.has(name)) nativeSetAttribute.call(element, "crossorigin", "anonymous");
    element.removeAttribute("integrity");
  }

  const nativeSetAttribute = Element.prototype.setAttribute;

  /** @param {Element} element @param {string} name @param {unknown} value */
  function attributeFor(element, name, value) {
    const lower = name.toLowerCase();
    if (element.localName === "iframe" && lower === "srcdoc") return innerPage(value);
    const names = ADDRESSES[element.localName];
    if (!names || !names.includes(lower)) return value;
    const url = mapAttribute(lower, value);
    if (url.includes(MIRROR)) prepare(element);
    return url;
  }

  /** Whether an element leads to the mirror, where the original's checks have no place. @param {Element} element */
  function leadsToMirror(element) {
    const names = ADDRESSES[element.localName] || [];
    return names.some((name) => (element.getAttribute(name) || "").includes(MIRROR));
  }

  /** @param {any} prototype @param {string} property @param {(element: any, value: unknown) => unknown} change */
  function patchSetter(prototype, property, change) {
    const found = prototype && Object.getOwnPropertyDescriptor(prototype, property);
    if (!found || !found.set) return;
    const { set } = found;
    Object.defineProperty(prototype, property, {
      ...found,
      /** @this {any} @param {unknown} value */
      set(value) {
        set.call(this, change(this, value));
      },
    });
  }

  /** @param {any} prototype @param {string} method @param {(self: any, args: any[]) => any[] | null} change */
  function patchMethod(prototype, method, change) {
    const original = prototype && prototype[method];
    if (typeof original !== "function") return;
    prototype[method] = /** @this {any} @param {any[]} args */ function (...args) {
      const changed = change(this, args);
      return changed ? original.apply(this, changed) : undefined;
    };
  }

  /** @param {unknown} value */
  const markup = (value) => (typeof value === "string" ? mapHtml(value) : value);

  function patchElements() {
    for (const [type, property] of [
      ["HTMLScriptElement", "src"],
      ["HTMLLinkElement", "href"],
      ["HTMLImageElement", "src"],
      ["HTMLImageElement", "srcset"],
      ["HTMLSourceElement", "src"],
      ["HTMLSourceElement", "srcset"],
      ["HTMLMediaElement", "src"],
      ["HTMLVideoElement", "poster"],
      ["HTMLTrackElement", "src"],
      ["HTMLIFrameElement", "src"],
      ["HTMLEmbedElement", "src"],
      ["HTMLObjectElement", "data"],
      ["HTMLInputElement", "src"],
    ]) {
      patchSetter(scope[type] && scope[type].prototype, property, (element, value) =>
        attributeFor(element, property, value),
      );
    }
    for (const type of ["HTMLScriptElement", "HTMLLinkElement"]) {
      patchSetter(scope[type].prototype, "integrity", (element, value) => (leadsToMirror(element) ? "" : value));
    }
    patchMethod(Element.prototype, "setAttribute", (element, [name, value]) => {
      if (String(name).toLowerCase() === "integrity" && leadsToMirror(element)) return null;
      return [name, attributeFor(element, String(name), value)];
    });
    patchMethod(Element.prototype, "setAttributeNS", (element, [space, name, value]) => [
      space,
      name,
      attributeFor(element, String(name), value),
    ]);
    scope.Audio = new Proxy(scope.Audio, {
      construct: (target, [url], newTarget) =>
        Reflect.construct(target, url === undefined ? [] : [mapUrl(url)], newTarget),
    });
  }

  function patchMarkup() {
    for (const prototype of [Element.prototype, scope.ShadowRoot && ShadowRoot.prototype]) {
      patchSetter(prototype, "innerHTML", (_element, value) => markup(value));
      patchSetter(prototype, "outerHTML", (_element, value) => markup(value));
      patchMethod(prototype, "setHTMLUnsafe", (_element, [html, ...rest]) => [markup(html), ...rest]);
    }
    patchSetter(HTMLIFrameElement.prototype, "srcdoc", (_element, value) => innerPage(value));
    patchMethod(Element.prototype, "insertAdjacentHTML", (_element, [where, html]) => [where, markup(html)]);
    patchMethod(scope.DOMParser && DOMParser.prototype, "parseFromString", (_parser, [html, type]) => [
      type === "text/html" ? markup(html) : html,
      type,
    ]);
    patchMethod(Range.prototype, "createContextualFragment", (_range, [html]) => [markup(html)]);
    patchMethod(Document.prototype, "write", (_document, parts) => [markup(parts.join(""))]);
    patchMethod(Document.prototype, "writeln", (_document, parts) => [markup(parts.join(""))]);
  }

  // --- storage that opaque origins lack -------------------------------------------------------------------------

  /** A stand-in for localStorage that lasts as long as the page. */
  function memoryStorage() {
    /** @type {Map<string, string>} */
    const items = new Map();
    /** @type {Record<string, any>} */
    const methods = {
      getItem: (/** @type {unknown} */ name) => items.get(String(name)) ?? null,
      setItem: (/** @type {unknown} */ name, /** @type {unknown} */ value) =>
        void items.set(String(name), String(value)),
      removeItem: (/** @type {unknown} */ name) => void items.delete(String(name)),
      clear: () => items.clear(),
      key: (/** @type {number} */ index) => [...items.keys()][index] ?? null,
    };
    return new Proxy(/** @type {Record<string, any>} */ ({}), {
      get: (_target, name) => (name === "length" ? items.size : (methods[String(name)] ?? items.get(String(name)))),
      set: (_target, name, value) => (methods.setItem(name, value), true),
      has: (_target, name) => name in methods || items.has(String(name)),
      deleteProperty: (_target, name) => (items.delete(String(name)), true),
      ownKeys: () => [...items.keys()],
      getOwnPropertyDescriptor: (_target, name) =>
        items.has(String(name))
          ? { value: items.get(String(name)), writable: true, enumerable: true, configurable: true }
          : undefined,
    });
  }

  function patchStorage() {
    for (const name of ["localStorage", "sessionStorage"]) {
      try {
        void scope[name].length;
      } catch {
        Object.defineProperty(scope, name, { value: memoryStorage(), configurable: true });
      }
    }
    try {
      void document.cookie;
    } catch {
      Object.defineProperty(document, "cookie", { get: () => "", set: () => undefined, configurable: true });
    }
  }

  // --- what failed without anybody being told -------------------------------------------------------------------

  /** @param {Event} event */
  function noteFailedElement(event) {
    const element = /** @type {any} */ (event.target);
    if (!element || !ADDRESSES[element.localName]) return;
    const url = element.currentSrc || element.src || element.href || element.data || "";
    if (typeof url !== "string" || !url.startsWith(MIRROR)) return;
    void isMissing(url).then((absent) => {
      if (absent) missing(url);
      else
        tell({
          level: "error",
          message: `${originalUrl(url)} could not be used by the <${element.localName}> that asked for it`,
        });
    });
  }

  patchElements();
  patchMarkup();
  patchStorage();
  document.addEventListener("error", noteFailedElement, true);
  document.addEventListener("securitypolicyviolation", boot.noteViolation);
  Object.assign(boot, { mapHtml, mapCss });
})();
