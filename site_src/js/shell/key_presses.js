/**
 * Leads key presses to the commands whose shortcuts they are, from the first moment of the page on.
 */

import { isApple } from "./shortcuts.js";

/** @import {CommandRegistry} from "./commands.js" */

/** @param {CommandRegistry} registry */
export function listenToKeys(registry) {
  const apple = isApple(navigator.platform);
  document.addEventListener("keydown", (event) => {
    // What has the focus comes first.
    if (event.defaultPrevented || event.isComposing) return;
    const inDialog = document.querySelector("dialog:modal") !== null;
    const command = registry.pressed(event, { apple, inDialog });
    if (!command) return;
    event.preventDefault();
    if (!event.repeat) void registry.run(command);
  });
}
