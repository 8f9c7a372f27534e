/**
 * The commands of the app itself: what is shown, its colours, the engine, its dialogs, the keyboard.
 */

import { chosenEngine } from "../engine/choice.js";
import { engineWords } from "../engine/words.js";
import { focusOn } from "./focus.js";

/** @import {App} from "./app.js" */
/** @import {Command, KeyNote} from "./commands.js" */
/** @import {Regions} from "./regions.js" */
/** @import {Theme} from "./theme.js" */

/** @type {readonly {theme: Theme, title: string, icon: string}[]} */
const THEMES = Object.freeze([
  { theme: "light", title: "Colours: light", icon: "sun" },
  { theme: "dark", title: "Colours: dark", icon: "moon" },
  { theme: "system", title: "Colours: as the system", icon: "system" },
]);

/** Keys that the parts of the page handle themselves. @type {readonly KeyNote[]} */
export const KEY_NOTES = Object.freeze([
  { group: "Everywhere", title: "Close what lies on top: menu, dialog, list, log", shortcuts: ["Escape"] },
  { group: "Everywhere", title: "Next or previous button or field", shortcuts: ["Tab", "Shift+Tab"] },
  { group: "Lists and menus", title: "Next or previous entry", shortcuts: ["ArrowDown", "ArrowUp"] },
  { group: "Lists and menus", title: "First or last entry of a menu", shortcuts: ["Home", "End"] },
  { group: "Windows, on a tab", title: "From tab to tab", shortcuts: ["ArrowLeft", "ArrowRight"] },
  { group: "Windows, on a tab", title: "Into the window", shortcuts: ["Enter"] },
  { group: "Windows, on a tab", title: "Move the window to a side, or split", shortcuts: ["Shift+ArrowLeft", "Shift+ArrowUp"] },
  { group: "Windows, on a tab", title: "Wider, narrower, taller, shorter", shortcuts: ["Ctrl+ArrowRight", "Ctrl+ArrowUp"] },
  { group: "Windows, on a tab", title: "Move the tab", shortcuts: ["Ctrl+Shift+ArrowLeft", "Ctrl+Shift+ArrowRight"] },
  { group: "Windows, on a tab", title: "Maximise or restore", shortcuts: ["Shift+Enter"] },
  { group: "Windows, on a tab", title: "Close the window", shortcuts: ["Delete"] },
  { group: "Windows, on a tab", title: "Menu of the window", shortcuts: ["Shift+F10"] },
  { group: "Windows", title: "Next or previous window", shortcuts: ["Ctrl+F6", "Ctrl+Shift+F6"] },
  { group: "Log", title: "Make the log higher or lower, on its upper edge", shortcuts: ["ArrowUp", "ArrowDown"] },
]);

/**
 * Those of the keyboard.
 * @param {App} app
 * @param {Regions} regions
 * @returns {Command[]}
 */
export function keyboardCommands(app, regions) {
  const group = "Everywhere";
  return [
    {
      id: "app.shortcuts",
      title: "Keyboard shortcuts",
      group,
      icon: "keyboard",
      words: "keys help",
      shortcuts: ["Shift+F1"],
      inDialogs: true,
      run: () => app.showShortcuts(),
    },
    {
      id: "region.next",
      title: "Go to the next part of the page",
      group,
      icon: "panel",
      words: "focus region",
      shortcuts: ["F6"],
      run: () => void regions.go(1),
    },
    {
      id: "region.previous",
      title: "Go to the previous part of the page",
      group,
      icon: "panel",
      shortcuts: ["Shift+F6"],
      words: "focus region",
      run: () => void regions.go(-1),
    },
    {
      id: "plugins.focus",
      title: "Go to the list of plugins",
      group: "Plugins",
      icon: "list",
      words: "focus show",
      run: () => {
        app.setPanel(true);
        // It is drawn by then.
        queueMicrotask(() => regions.goTo("plugins"));
      },
    },
  ];
}

/**
 * Those of what is shown.
 * @param {App} app
 * @returns {Command[]}
 */
export function viewCommands(app) {
  const { notices } = app;
  return [
    {
      id: "plugins.add",
      title: "Add plugins: open the catalogue",
      group: "Plugins",
      icon: "add",
      words: "install",
      run: () => app.showCatalogue(),
    },
    {
      id: "log.toggle",
      title: "Show or hide the log",
      group: "Log",
      icon: "log",
      shortcuts: ["F8"],
      when: () => app.workbench !== null,
      run: () => app.toggleLog(),
    },
    {
      id: "log.all",
      title: "Show the log of all plugins",
      group: "Log",
      icon: "log",
      when: () => app.workbench !== null,
      run: () => app.showLog(null),
    },
    ...THEMES.map(({ theme, title, icon }) => ({
      id: `theme.${theme}`,
      title,
      group: "View",
      icon,
      words: "theme mode",
      when: () => app.theme !== theme,
      run: () => app.setTheme(theme),
    })),
    {
      id: "plugins.hide",
      title: "Hide the plugins at the side",
      group: "View",
      icon: "panel",
      words: "list",
      when: () => app.panelOpen,
      run: () => app.setPanel(false),
    },
    {
      id: "engine.retry",
      title: "Engine: try again to connect",
      group: "Engine",
      icon: "engine",
      words: "reconnect",
      when: () => engineWords(app.engineState).canRetry,
      run: () => app.retryEngine(),
    },
    {
      id: "engine.show",
      title: "Engine: how it stands",
      group: "Engine",
      icon: "engine",
      words: "connection",
      when: () => enginePanel() !== null,
      run: showEnginePanel,
    },
    {
      id: "engine.connect",
      title: "Engine: connect to another one",
      group: "Engine",
      icon: "engine",
      words: "address token remote pair",
      run: () => app.connectEngine(),
    },
    {
      id: "engine.own",
      title: "Engine: use this server's own",
      group: "Engine",
      icon: "engine",
      words: "connect back",
      when: () => chosenEngine() !== null,
      run: async () => (await app.engineActions())?.useOwn(),
    },
    {
      id: "messages.dismiss",
      title: "Dismiss all messages",
      group: "View",
      icon: "close",
      words: "errors clear",
      when: () => notices.messages.length > 0,
      run: () => notices.messages.forEach(({ id }) => notices.dismiss(id)),
    },
    {
      id: "status.show",
      title: "Show the whole status text",
      group: "View",
      icon: "info",
      when: () => notices.status !== "",
      run: () => app.showWholeStatus(notices.status),
    },
    {
      id: "dialogs.close",
      title: "Close the open dialogs",
      group: "View",
      icon: "close",
      when: () => openDialogs().length > 0,
      run: () => openDialogs().forEach((dialog) => dialog.close()),
    },
  ];
}

/** The dialogs below the palette, which is closed before a command is run. */
function openDialogs() {
  return /** @type {HTMLDialogElement[]} */ ([...document.querySelectorAll("dialog[open]:not(.palette)")]);
}

function showEnginePanel() {
  const panel = enginePanel();
  panel?.showPopover();
  if (panel) focusOn(panel);
}

/** @returns {HTMLElement | null} */
function enginePanel() {
  return document.querySelector("#engine-panel[popover]");
}
