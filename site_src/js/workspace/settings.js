/**
 * The few small things that this browser remembers for the app: token, client name, theme, which forms are open, and for
 * each workspace where its windows were.
 *
 * Kept in localStorage of the app's own origin, which no plugin shares. Where the browser keeps nothing (a private
 * window, storage switched off) they live as long as the page. Some are of the browser, others of a workspace: those
 * are kept apart once `scopeSettings` has been called. Not for plugins or their data: see persistence.js.
 */

/** @typedef {keyof typeof KEYS} SettingName */

/** The names under which the values lie; the first two are those of the first generation of the app. */
const KEYS = Object.freeze({
  token: "imjoy_connection_token",
  client: "imjoy_client_id",
  theme: "imjoy_theme",
  workspace: "imjoy_workspace",
  workspaces: "imjoy_workspaces",
  engine: "imjoy_engine",
  panel: "imjoy_panel",
  open_forms: "imjoy_open_forms",
  layout: "imjoy_layout",
  log_height: "imjoy_log_height",
  commands: "imjoy_commands",
});
/** Those of which every workspace has its own. @type {ReadonlySet<SettingName>} */
const OF_A_WORKSPACE = new Set(/** @type {SettingName[]} */ (["panel", "open_forms", "layout"]));
/** The workspace whose things lie under the plain names. */
const FIRST = "default";

/** @type {Map<string, string>} */
const unsaved = new Map();
let scope = FIRST;

/**
 * From now on, the settings of a workspace are those of this one.
 * @param {string} workspace its key
 */
export function scopeSettings(workspace) {
  scope = workspace;
}

/**
 * Where a value lies.
 * @param {SettingName} name
 * @param {string} [workspace]
 */
function placeOf(name, workspace = scope) {
  return OF_A_WORKSPACE.has(name) && workspace !== FIRST ? `${KEYS[name]}:${workspace}` : KEYS[name];
}

/**
 * Forgets all settings of a workspace.
 * @param {string} workspace its key
 */
export function forgetSettings(workspace) {
  for (const name of OF_A_WORKSPACE) store(placeOf(name, workspace), null);
}

/**
 * @param {SettingName} name
 * @param {string} [workspace] another one than that which is open
 * @returns {string | null}
 */
export function readSetting(name, workspace = scope) {
  const key = placeOf(name, workspace);
  try {
    return localStorage.getItem(key) ?? unsaved.get(key) ?? null;
  } catch {
    return unsaved.get(key) ?? null;
  }
}

/**
 * @param {SettingName} name
 * @param {string | null} value null forgets it
 * @param {string} [workspace] another one than that which is open
 */
export function writeSetting(name, value, workspace = scope) {
  store(placeOf(name, workspace), value);
}

/**
 * @param {string} key
 * @param {string | null} value
 */
function store(key, value) {
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
    if (event.key === placeOf(name)) changed(event.newValue);
  });
}
