/**
 * From the stored text of a plugin to what is needed to list and start it.
 *
 * Pure. The text has the last word: the catalogue's own reading of the config is taken only for YAML, which a page does
 * not read. Called by manager.js, installer.js and launcher.js.
 */

import { readConfig } from "./config.js";
import { blocksOfType, parsePluginFile } from "./file.js";
import { parseForm } from "./ui.js";

/** @import {CodeItem} from "../types.js" */
/** @import {PluginRecord} from "../workspace/records.js" */
/** @import {PluginConfig} from "./config.js" */
/** @import {Block} from "./file.js" */
/** @import {JsonObject} from "./literals.js" */
/** @import {FormPart} from "./ui.js" */

/**
 * @typedef {object} PluginReading
 * @property {PluginConfig} config
 * @property {readonly FormPart[]} form that of the plugin's own operation
 */

/**
 * Throws PluginFileError or ConfigError, with the line, where the text cannot be used.
 * @param {string} code
 * @param {string | null} tag
 * @param {Record<string, unknown> | null} raw the config as the catalogue carries it
 * @returns {PluginReading}
 */
export function readPlugin(code, tag, raw) {
  const file = parsePluginFile(code);
  const lang = blocksOfType(file, "config")[0]?.attrs["lang"];
  const isYaml = typeof lang === "string" && lang.toLowerCase() === "yaml";
  const config = readConfig(file, tag, isYaml && raw ? /** @type {JsonObject} */ (raw) : null);
  return { config, form: parseForm(config.ui) };
}

/**
 * What can be said of a plugin whose text cannot be used.
 * @param {PluginRecord} record
 * @returns {PluginConfig}
 */
export function fromRecord(record) {
  return {
    name: record.name,
    type: record.type,
    version: record.version,
    api_version: "0.0.0",
    description: "",
    tags: [],
    tag: record.tag,
    ui: "",
    icon: "extension",
    cover: [],
    flags: [],
    labels: [],
    requirements: [],
    dependencies: [],
    env: null,
    cmd: "",
    defaults: {},
    runnable: true,
    permissions: [],
    lang: "javascript",
    inputs: null,
    outputs: null,
    base_frame: null,
    base_worker: null,
    passive: false,
    docs: "",
    script: null,
    scripts: [],
    styles: [],
    windows: [],
    links: [],
    attachments: [],
    raw: {},
    notes: [],
  };
}

/**
 * What the sandbox runs, in this order: requirements, then for windows styles, links and HTML, then the scripts.
 * @param {PluginConfig} config
 * @returns {CodeItem[]}
 */
export function codeOf(config) {
  const isSeen = config.type === "window";
  return [
    { type: "requirements", requirements: [...config.requirements] },
    ...(isSeen ? config.styles.map((block) => item("style", block)) : []),
    ...(isSeen ? config.links.map((block) => item("link", block)) : []),
    ...(isSeen ? config.windows.map((block) => item("html", block)) : []),
    ...config.scripts.map((block) => item("script", block)),
  ];
}

/**
 * @param {CodeItem["type"]} type
 * @param {Block} block
 * @returns {CodeItem}
 */
function item(type, block) {
  const { attrs, content, contentLine } = block;
  const text = (/** @type {string} */ name) => {
    const value = attrs[name];
    return typeof value === "string" ? value : undefined;
  };
  const members = { lang: text("lang"), src: text("src"), rel: text("rel"), href: text("href"), type_: text("type") };
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return { type, content, attrs, line: contentLine, ...Object.fromEntries(given) };
}

/**
 * The config as the plugin's sandbox gets it: plain values only.
 * @param {PluginConfig} config
 * @returns {Record<string, unknown>}
 */
export function sandboxConfig(config) {
  const { name, type, version, api_version, description, tag, flags, permissions, defaults, passive, lang } = config;
  return { name, type, version, api_version, description, tag, flags, permissions, defaults, passive, lang };
}
