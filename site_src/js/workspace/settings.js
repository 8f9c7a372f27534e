/**
 * The few small things that this browser remembers for the app: token, client name, theme, which forms are open, and for
 * each workspace where its windows were.
 *
 * Kept in localStorage of the app's own origin, which no plugin shares. Where the browser keeps nothing (a private
 * window, storage switched off) they live as long as the page. Not for plugins or their data: see persistence.js.
 */

/** @typedef {"token" | "client" | "theme" | "panel" | "open_forms" | "layout"} SettingName */

/** The names under which the values lie; the first two are those of the first generation of the app. */
const KEYS = Object.freeze({
  token: "imjoy_connection_token",
  client: "imjoy_client_id",
  theme: "imjoy_theme",
  panel: "imjoy_panel",
  open_forms: "imjoy_open_forms",
  layout: "imjoy_layout",
});

/** @type {Map<string, string>} */
const unsaved = new Map();

/**
 * @param {SettingName} name
 * @param {string | null} [workspace] for what each workspace has of its own
 * @returns {string}
 */
function keyOf(name, workspace = null) {
  return workspace === null ? KEYS[name] : `${KEYS[name]}/${workspace}`;
}

/**
 * @param {SettingName} name
 * @param {string | null} [workspace]
 * @returns {string | null}
 */
export function readSetting(name, workspace = null) {
  const key = keyOf(name, workspace);
  try {
    return localStorage.getItem(key) ?? unsaved.get(key) ?? null;
  } catch {
    return unsaved.get(key) ?? null;
  }
}

/**
 * @param {SettingName} name
 * @param {string | null} value null forgets it
 * @param {string | null} [workspace]
 */
export function writeSetting(name, value, workspace = null) {
  const key = keyOf(name, workspace);
  if (value === null) unsaved.delete(key);
  else unsaved.set(key, value);
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Nothing can be kept: the value above serves until the page is closed.
  }
}

/**
 * Calls back when another tab of the app has changed a value.
 * @param {SettingName} name
 * @param {(value: string | null) => void} changed
 */
export function watchSetting(name, changed) {
  addEventListener("storage", (event) => {
    if (event.key === KEYS[name]) changed(event.newValue);
  });
}
