/**
 * What the plugins are doing now, in words: for the status bar and for the commands that stop something.
 *
 * Pure.
 */

import { isWindow } from "../plugins/words.js";

/** @import {Plugin} from "../plugins/plugin.js" */

/** A longer text is cut; all of them end with dots. */
const LONGEST_TEXT = 60;

/**
 * @typedef {object} Activity
 * @property {Plugin} plugin
 * @property {string} text without the plugin's name
 * @property {number | null} progress in percent
 * @property {boolean} canStop
 */

/**
 * One for each plugin that starts, runs or is being stopped.
 * @param {readonly Plugin[]} plugins
 * @returns {Activity[]}
 */
export function activitiesOf(plugins) {
  return plugins.flatMap((plugin) => {
    const text = activityText(plugin);
    return text === null ? [] : [{ plugin, text, progress: progressOf(plugin), canStop: plugin.canStop }];
  });
}

/**
 * What a plugin is doing, in few words; null where it does nothing.
 * @param {Plugin} plugin
 * @returns {string | null}
 */
export function activityText(plugin) {
  const { state, activity, type, isCalled } = plugin;
  const said = shortened(activity.replace(/\s+/gu, " ")).replace(/[\s.…]+$/u, "");
  const progress = progressOf(plugin);
  const percent = progress === null ? "" : ` ${Math.round(progress)} %`;
  if (state === "starting") return `${said || "Starting"}…`;
  if (state === "stopping") return "Stopping…";
  if (state === "busy") return `${said || (isWindow(type) ? "Opening" : "Running")}…${percent}`;
  return isCalled ? "Working for another plugin…" : null;
}

/** @param {Plugin} plugin */
function progressOf({ state, progress }) {
  return state === "busy" ? progress : null;
}

/** @param {string} text */
function shortened(text) {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;
}
