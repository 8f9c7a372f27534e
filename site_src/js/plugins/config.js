/**
 * A plugin's configuration: its config block read, one tag selected, old spellings upgraded, derived fields added.
 *
 * The twin of `imjoy_offline/plugin/config.py`; both are held together by `tests/vectors/plugin_config.json`. A page
 * cannot read YAML: of such a file the catalogue carries the config as an object, which goes in as `raw`.
 */

import { ConfigError, Fields, isUnset } from "./config_fields.js";
import { blocksOfType } from "./file.js";
import { readJson } from "./literals.js";

/** @import { Block, PluginFile } from "./file.js" */
/** @import { JsonObject, JsonValue } from "./literals.js" */

/**
 * What a plugin says of itself, with one tag selected; the names are those of the config block.
 *
 * `raw` is the config as it was read, before tag and upgrade. `script` is the body of the last script whose tag is the
 * active one, `scripts` are all that are run. `docs` is the docs block, else the config's own. `env`, `ui`, `inputs`
 * and `outputs` stay as written. `notes` are sentences about what was odd but read.
 * @typedef {object} PluginConfig
 * @property {string} name
 * @property {string} type
 * @property {string} version
 * @property {string} api_version
 * @property {string} description
 * @property {string[]} tags
 * @property {string | null} tag
 * @property {JsonValue} ui
 * @property {string} icon
 * @property {string[]} cover
 * @property {string[]} flags
 * @property {string[]} labels
 * @property {string[]} requirements
 * @property {string[]} dependencies
 * @property {JsonValue} env
 * @property {string} cmd
 * @property {JsonObject} defaults
 * @property {boolean} runnable
 * @property {string[]} permissions
 * @property {string} lang
 * @property {JsonValue} inputs
 * @property {JsonValue} outputs
 * @property {string | null} base_frame
 * @property {string | null} base_worker
 * @property {boolean} passive
 * @property {string} docs
 * @property {string | null} script
 * @property {Block[]} scripts
 * @property {Block[]} styles
 * @property {Block[]} windows
 * @property {Block[]} links
 * @property {Block[]} attachments
 * @property {JsonObject} raw
 * @property {string[]} notes
 */

export { ConfigError };

const INTERNAL_TYPES = new Set(
  "web-worker iframe window rpc-window rpc-worker collection".split(" "),
);
/** @type {Record<string, string>} */
const OLD_TYPES = {
  pyworker: "native-python",
  webworker: "web-worker",
  webpython: "web-python",
};
const OLD_SPELLINGS_UP_TO = "0.1.1";
const LANGUAGE_OPTIONAL_UP_TO = "0.1.5";
const NO_SCRIPT_TYPES = new Set(["collection", "rpc-window", "rpc-worker"]);

/**
 * The configuration of a plugin file under `tag`, else under its first tag.
 *
 * Throws ConfigError, with the line in the file, when there is no readable config block, no usable name or type, a
 * tag map without tags, or no script where the type needs one; also for YAML when `raw` is not given.
 * @param {PluginFile} file
 * @param {string | null} [tag]
 * @param {JsonObject | null} [raw] the config as the catalogue carries it
 * @returns {PluginConfig}
 */
export function readConfig(file, tag = null, raw = null) {
  const block = configBlock(file);
  const literal = raw ? { value: raw, notes: [] } : readBlock(block);
  const fields = new Fields(literal.value, block, [...file.notes, ...literal.notes]);
  const apiVersion = fields.text("api_version") || "0.0.0";
  checkLanguage(block, apiVersion);
  const name = readName(fields);
  const tags = fields.texts("tags");
  const active = fields.selectTag(tags, tag);
  const type = readType(fields, apiVersion, active);
  const everyScript = blocksOfType(file, "script");
  const scripts = everyScript.filter((script) => [null, active].includes(scriptTag(script)));
  const matching = scripts.filter((script) => scriptTag(script) === active);
  const baseFrame = fields.text("base_frame");
  const baseWorker = fields.text("base_worker");
  if (!NO_SCRIPT_TYPES.has(type) && !baseFrame && !baseWorker) {
    checkScript(file, scripts, { type, tag: active, block });
  }
  const lang = matching.length === 0 && everyScript[0] ? attribute(everyScript[0], "lang") : null;
  const ui = fields.values["ui"];
  return {
    name,
    type,
    version: fields.text("version") || "0.0.0",
    api_version: apiVersion,
    description: fields.text("description") || "",
    tags,
    tag: active,
    ui: typeof ui === "string" || Array.isArray(ui) ? ui : "",
    icon: fields.text("icon") || "extension",
    cover: fields.texts("cover"),
    flags: fields.texts("flags"),
    labels: fields.texts("labels"),
    requirements: fields.texts("requirements"),
    dependencies: fields.texts("dependencies"),
    env: fields.values["env"] ?? null,
    cmd: fields.text("cmd") || "python",
    defaults: fields.mapping("defaults"),
    runnable: fields.values["runnable"] !== false,
    permissions: fields.texts("permissions"),
    lang: fields.text("lang") || lang || "javascript",
    inputs: fields.schema("inputs"),
    outputs: fields.schema("outputs"),
    base_frame: baseFrame,
    base_worker: baseWorker,
    passive: fields.values["passive"] === true,
    docs: blocksOfType(file, "docs")[0]?.content ?? (fields.text("docs") || ""),
    script: matching.at(-1)?.content ?? null,
    scripts,
    styles: blocksOfType(file, "style"),
    windows: blocksOfType(file, "window"),
    links: blocksOfType(file, "link"),
    attachments: blocksOfType(file, "attachment"),
    raw: literal.value,
    notes: fields.notes,
  };
}

/**
 * Whether a plugin of this type runs in a plugin engine and not in the browser itself.
 * @param {string} type
 * @returns {boolean}
 */
export function needsEngine(type) {
  return !INTERNAL_TYPES.has(type);
}

/**
 * Negative, 0 or positive as `left` is older, equal or newer; a part that is no number counts as 0.
 * @param {string} left
 * @param {string} right
 * @returns {number}
 */
export function compareVersions(left, right) {
  const [first = [], second = []] = [left, right].map((text) =>
    text.split(".").map((part) => (/^[0-9]{1,15}$/.test(part) ? Number(part) : 0)),
  );
  for (let place = 0; place < Math.max(first.length, second.length); place += 1) {
    const difference = (first[place] ?? 0) - (second[place] ?? 0);
    if (difference !== 0) {
      return Math.sign(difference);
    }
  }
  return 0;
}

/**
 * @param {PluginFile} file
 * @returns {Block}
 */
function configBlock(file) {
  const block = blocksOfType(file, "config")[0];
  if (block) {
    return block;
  }
  const opaque = file.blocks.filter(({ type }) => ["script", "style", "attachment"].includes(type));
  for (const { index } of file.text.matchAll(/<config[\s>]/gi)) {
    if (!opaque.some(({ start, end }) => start <= index && index < end)) {
      const line = 1 + (file.text.slice(0, index).match(/\n/g)?.length ?? 0);
      throw new ConfigError(
        `The <config> block on line ${line} lies inside another element and does not count.`,
        { line, hint: "Move it out, or close the element around it first." },
      );
    }
  }
  throw new ConfigError("This plugin has no <config> block.", {
    line: 1,
    hint: 'Add one that holds at least "name", "type" and "version".',
  });
}

/**
 * @param {Block} block
 * @returns {{value: JsonObject, notes: string[]}}
 */
function readBlock(block) {
  if (language(block) === "yaml") {
    throw new ConfigError(
      `The config block (line ${block.line}) is written in YAML, which a page cannot read.`,
      { line: block.line, hint: "YAML config: install this plugin from the catalogue." },
    );
  }
  return readJson(block.content, {
    what: "config block",
    firstLine: block.contentLine,
    error: (problem, place) => new ConfigError(problem, place),
  });
}

/**
 * @param {Block} block
 * @returns {string}
 */
function language(block) {
  return (attribute(block, "lang") ?? "").toLowerCase();
}

/**
 * @param {Block} block
 * @param {string} apiVersion
 */
function checkLanguage(block, apiVersion) {
  if (["json", "yaml"].includes(language(block))) {
    return;
  }
  if (compareVersions(apiVersion, LANGUAGE_OPTIONAL_UP_TO) > 0) {
    throw new ConfigError(
      `The <config> block does not say whether it is JSON or YAML (line ${block.line}).`,
      { line: block.line, hint: 'Write <config lang="json">.' },
    );
  }
}

/**
 * @param {Fields} fields
 * @returns {string}
 */
function readName(fields) {
  const name = fields.values["name"];
  if (typeof name !== "string" || !name.trim()) {
    throw fields.error(
      "The config has no name",
      'Add "name": "..." with the name of the plugin.',
      "name",
    );
  }
  if (name.includes("/")) {
    throw fields.error(`The name "${name}" holds a slash`, 'Choose a name without "/".', "name");
  }
  return name;
}

/**
 * The type, under its present name; old names count only in files as old as they are.
 * @param {Fields} fields
 * @param {string} apiVersion
 * @param {string | null} tag
 * @returns {string}
 */
function readType(fields, apiVersion, tag) {
  let written = fields.text("type");
  if (compareVersions(apiVersion, OLD_SPELLINGS_UP_TO) <= 0) {
    written ||= fields.text("mode");
    written = written && Object.hasOwn(OLD_TYPES, written) ? (OLD_TYPES[written] ?? "") : written;
  }
  if (written) {
    return written;
  }
  if (!isUnset(fields.values["mode"])) {
    throw fields.error(
      'The config says "mode", which is the old name of "type"',
      'Write "type".',
      "mode",
    );
  }
  if (tag !== null && Object.hasOwn(fields.values, "type")) {
    throw fields.error(
      `The config has no type for the tag "${tag}"`,
      "Add it under that tag.",
      "type",
    );
  }
  throw fields.error(
    "The config has no type",
    'Add "type", for example "type": "window".',
    "type",
  );
}

/**
 * @param {Block} block
 * @param {string} name
 * @returns {string | null}
 */
function attribute(block, name) {
  const value = Object.hasOwn(block.attrs, name) ? block.attrs[name] : null;
  return typeof value === "string" ? value : null;
}

/**
 * @param {Block} script
 * @returns {string | null}
 */
function scriptTag(script) {
  return attribute(script, "tag") || null;
}

/**
 * Refuses a plugin that could only hang: nothing would ever be run.
 * @param {PluginFile} file
 * @param {Block[]} scripts
 * @param {{type: string, tag: string | null, block: Block}} about
 */
function checkScript(file, scripts, { type, tag, block }) {
  if (scripts.some((script) => script.content.trim() || attribute(script, "src"))) {
    return;
  }
  if (type === "window" && blocksOfType(file, "window").length > 0) {
    return;
  }
  const everyScript = blocksOfType(file, "script");
  const line = (scripts[0] ?? everyScript[0] ?? block).line;
  let problem = `This ${type} plugin has no <script> block`;
  if (scripts.length > 0) {
    problem = `The script of this ${type} plugin is empty`;
  } else if (everyScript.length > 0) {
    problem = `This ${type} plugin has no script for the tag "${tag}"`;
  }
  throw new ConfigError(`${problem} (line ${line}).`, {
    line,
    hint: "Add the code that is to run.",
  });
}
