/**
 * What a plugin will run, where, and with what, in words for the person who is asked whether to install it.
 *
 * Pure. Called by dialogs/install.js.
 */

import { dependencyName } from "./catalogue.js";
import { counted, isWindow, needsEngine, typeWords, whyNotHere } from "./words.js";

/** @import {CatalogueEntry} from "./catalogue.js" */
/** @import {PluginConfig} from "./config.js" */

/**
 * @typedef {object} RunWords
 * @property {"sandbox" | "computer" | "nothing"} where
 * @property {string} sentence
 * @property {readonly {label: string, lines: readonly string[]}[]} details
 */

const REACH = "It sees what you give it; your files, this computer and the network are out of its reach.";
/** @type {Readonly<Record<string, string>>} */
const LANGUAGES = Object.freeze({ javascript: "JavaScript", js: "JavaScript", python: "Python", ts: "TypeScript" });
/** Requirements that are no packages but things to be done. */
const DEED = /^(?:cmd|conda|repo|git)\s*:/iu;

/**
 * @param {PluginConfig} config of the tag that is chosen
 * @param {object} around
 * @param {readonly CatalogueEntry[]} around.all
 * @param {string | null} around.engine the address of another engine that is used; null for the own
 * @returns {RunWords}
 */
export function describeRun(config, { all, engine }) {
  const impossible = whyNotHere({ type: config.type });
  const details = [
    { label: "Code", lines: config.scripts.map(scriptWords) },
    { label: needsEngine(config.type) ? "Python packages" : "Libraries", lines: config.requirements.filter((one) => !DEED.test(one)) },
    { label: "What it wants to have done", lines: deedsOf(config) },
    { label: "Pages of its own", lines: [config.base_frame, config.base_worker].filter((one) => typeof one === "string") },
    { label: "Plugins that come with it", lines: config.dependencies.map((one) => dependencyWords(one, all)) },
  ].filter(({ lines }) => lines.length > 0);
  if (impossible) return { where: "nothing", sentence: impossible, details };
  if (needsEngine(config.type)) {
    const place = engine === null ? "this computer" : `the computer of the engine at ${engine}`;
    return {
      where: "computer",
      sentence: `Runs as a program on ${place}, outside the browser, and may do there all that you may: read and change your files, and use the network. Install it only where you trust who wrote it.`,
      details,
    };
  }
  const what = isWindow(config.type) ? "Opens windows" : "Works in the background";
  return { where: "sandbox", sentence: `${what} in a sandbox in this browser. ${REACH}`, details };
}

/** @param {import("./file.js").Block} block */
function scriptWords({ attrs, content }) {
  const given = typeof attrs["lang"] === "string" ? attrs["lang"].toLowerCase() : "javascript";
  const language = LANGUAGES[given] ?? given;
  if (typeof attrs["src"] === "string") return `${language} from ${attrs["src"]}`;
  return `${language}, ${counted(content.trim().split("\n").length, "line", "lines")}`;
}

/** @param {PluginConfig} config */
function deedsOf({ requirements, env, cmd, type }) {
  const environments = (Array.isArray(env) ? env : [env]).filter((one) => typeof one === "string" && one.trim() !== "");
  const own = needsEngine(type) && cmd.trim() !== "" && cmd.trim() !== "python" ? [`${cmd.trim()} (instead of python)`] : [];
  return [...requirements.filter((one) => DEED.test(one)), ...environments.map(String), ...own];
}

/**
 * @param {string} dependency
 * @param {readonly CatalogueEntry[]} all
 */
function dependencyWords(dependency, all) {
  const name = dependencyName(dependency);
  const entry = all.find((one) => one.name === name);
  return entry ? `${entry.name}: ${typeWords(entry.type).toLowerCase()}` : `${dependency}: not in this folder`;
}
