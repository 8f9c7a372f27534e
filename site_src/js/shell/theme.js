/**
 * Light or dark: as the system has it, or as the person chose, remembered in this browser.
 *
 * Loaded ahead of everything else, so that the page is never drawn in the wrong colours first.
 */

import { readSetting, watchSetting, writeSetting } from "../workspace/settings.js";

/** @typedef {"system" | "light" | "dark"} Theme */

/** @returns {Theme} */
export function currentTheme() {
  const stored = readSetting("theme");
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** @param {Theme} theme */
export function chooseTheme(theme) {
  writeSetting("theme", theme === "system" ? null : theme);
  applyTheme();
}

/** Shows the page in the colours chosen. */
export function applyTheme() {
  document.documentElement.dataset.theme = currentTheme();
}

applyTheme();
watchSetting("theme", applyTheme);
