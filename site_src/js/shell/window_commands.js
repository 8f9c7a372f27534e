/**
 * The commands for windows: one set for each that is open, and what is done with the one in front.
 */

import { windowItems } from "./window_menu.js";

/** @import {AppWindow} from "../windows/window.js" */
/** @import {WindowManager} from "../windows/manager.js" */
/** @import {Command, CommandSource} from "./commands.js" */

const GROUP = "Windows";

/**
 * @param {WindowManager} windows
 * @returns {CommandSource}
 */
export function windowCommands(windows) {
  return {
    list: () => {
      const all = [...windows.windows];
      return [
        ...(windows.active ? commandsForActive(windows, windows.active) : []),
        ...(all.length > 1 ? commandsForSeveral(windows, all) : []),
        ...all.flatMap((one) => commandsForOne(windows, one)),
      ];
    },
  };
}

/**
 * What its menu offers, but what is offered for every window anyway.
 * @param {WindowManager} windows
 * @param {AppWindow} active
 * @returns {Command[]}
 */
function commandsForActive(windows, active) {
  return windowItems(windows, active)
    .filter(({ label }) => !["Close", "Next window", "Previous window"].includes(label))
    .map(({ label, icon, run }) => ({
      id: `window.${label.toLowerCase().replaceAll(" ", "-")}`,
      title: `${label}: ${active.title}`,
      group: GROUP,
      icon,
      run,
    }));
}

/**
 * @param {WindowManager} windows
 * @param {readonly AppWindow[]} all
 * @returns {Command[]}
 */
function commandsForSeveral(windows, all) {
  const step = (/** @type {number} */ by) => {
    const at = all.findIndex((one) => one === windows.active);
    windows.focus(/** @type {AppWindow} */ (all[(at + by + all.length) % all.length]));
  };
  const closeAll = () => all.forEach((one) => windows.close(one));
  return [
    { id: "window.next", title: "Go to the next window", group: GROUP, icon: "visibility", run: () => step(1) },
    { id: "window.previous", title: "Go to the previous window", group: GROUP, icon: "visibility", run: () => step(-1) },
    { id: "window.close-all", title: "Close all windows", group: GROUP, icon: "close", run: closeAll },
  ];
}

/**
 * @param {WindowManager} windows
 * @param {AppWindow} one
 * @returns {Command[]}
 */
function commandsForOne(windows, one) {
  const { title } = one;
  return [
    {
      id: `window.focus:${title}`,
      title: `Go to the window ${title}`,
      group: GROUP,
      icon: "visibility",
      run: () => windows.focus(one),
    },
    {
      id: `window.close:${title}`,
      title: `Close the window ${title}`,
      group: GROUP,
      icon: "close",
      run: () => windows.close(one),
    },
  ];
}
