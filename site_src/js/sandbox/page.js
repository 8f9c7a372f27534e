/**
 * Runs the code of a plugin in the page of its frame: requirements, styles, links, markup and scripts, each awaited.
 */

/** @import { CodeItem } from "../types.js" */
import { ImJoyError } from "../core/errors.js";
import { loadRequirements } from "./requirements.js";
import { runModule, runScript, scriptError } from "./scripts.js";

const RUNNABLE = /^(|module|(text|application)\/(x-)?(java|ecma)script)$/i;

const LOADERS = { script: addScript, style: addStylesheet, module: importModule };

/** The scripts of one plugin's page, in their order. */
export class PageRunner {
  #plugin;
  #warn;
  #scripts = 0;

  /**
   * @param {string} plugin
   * @param {(warning: string) => void} warn
   */
  constructor(plugin, warn) {
    this.#plugin = plugin;
    this.#warn = warn;
  }

  /**
   * @param {CodeItem} code
   * @throws {Error} that says which part of the code failed
   */
  async run(code) {
    switch (code.type) {
      case "requirements":
        return loadRequirements(code.requirements, LOADERS, this.#warn);
      case "script":
        return this.#runScript(code);
      case "style":
        return this.#addStyle(code);
      case "link":
        addElement("link", document.head, { rel: code.rel, href: code.href, type: code.type_, ...code.attrs });
        return;
      case "html":
        return addMarkup(code.content ?? "");
      default:
        throw new ImJoyError(`code of the type "${String(code.type)}" cannot be run in a page`);
    }
  }

  /** @param {CodeItem} code */
  async #runScript(code) {
    this.#scripts += 1;
    const { content = "", attrs = {}, src = attrs.src, lang = attrs.lang, line } = code;
    const type = String(attrs.type ?? "");
    if (src) return RUNNABLE.test(type) ? addScript(String(src), { type }) : addData(String(src), type);
    const source = { plugin: this.#plugin, number: this.#scripts, ...(line === undefined ? {} : { line }) };
    if (lang !== "javascript") return runAsElement(content, attrs, source);
    return type === "module" ? runModule(content, source) : runScript(content, source);
  }

  /** @param {CodeItem} code */
  #addStyle({ content = "", src }) {
    if (src)
      this.#warn(`a style block cannot take its rules from src="${src}"; use a link block or a css: requirement`);
    addElement("style", document.head, {}, (style) => {
      style.textContent = globalThis.__imjoyBoot.mapCss?.(content) ?? content;
    });
  }
}

/**
 * @param {string} name
 * @param {Element} parent
 * @param {Record<string, unknown>} attributes
 * @param {(element: HTMLElement) => void} [prepare] before it is added
 */
function addElement(name, parent, attributes, prepare) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false && value !== "")
      element.setAttribute(attribute, value === true ? "" : String(value));
  }
  prepare?.(element);
  parent.append(element);
  return element;
}

/** What other scripts may look for, and no script itself. @param {string} src @param {string} type */
function addData(src, type) {
  addElement("script", document.head, { type, src });
}

/** @param {string} url */
async function importModule(url) {
  await globalThis.__imjoyBoot.importModule(url);
}

/** @param {string} url */
function addStylesheet(url) {
  // Not awaited: a page without its style still works, and what is missing is noted.
  addElement("link", document.head, { rel: "stylesheet", href: url });
}

/**
 * @param {string} url
 * @param {Record<string, unknown>} [attributes]
 * @returns {Promise<void>}
 */
function addScript(url, attributes = {}) {
  const boot = globalThis.__imjoyBoot;
  return new Promise((resolve, reject) => {
    addElement("script", document.head, { ...attributes, src: url }, (script) => {
      script.addEventListener("load", () => resolve());
      script.addEventListener("error", async () => {
        const mapped = boot.mapUrl(url);
        const original = boot.originalUrl(mapped);
        reject(
          (await boot.isMissing(mapped)) ? boot.missing(mapped) : new ImJoyError(`${original} could not be fetched`),
        );
      });
    });
  });
}

/**
 * A script in sloppy mode whose declarations are global, as pages have them.
 * @param {string} content
 * @param {Record<string, string | boolean>} attrs
 * @param {import("./scripts.js").Source} source
 */
function runAsElement(content, attrs, source) {
  /** @type {ErrorEvent[]} */
  const errors = [];
  const note = (/** @type {ErrorEvent} */ event) => void errors.push(event);
  window.addEventListener("error", note);
  try {
    addElement("script", document.body, attrs, (script) => {
      script.textContent = globalThis.__imjoyBoot.mapImports(content, attrs.type === "module");
    });
  } finally {
    window.removeEventListener("error", note);
  }
  const [first] = errors;
  if (!first) return;
  // The browser speaks of how the script was added, which is our business alone.
  if (first.error instanceof SyntaxError)
    first.error.message = first.error.message.replace(/^Failed to execute .*?: /, "");
  throw scriptError(first.error ?? first.message, first.lineno || undefined, source);
}

/** @param {string} html */
function addMarkup(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  document.body.append(template.content);
}
