/**
 * All commands of the app, and the parts of the page round which one key goes.
 *
 * Loaded by app.js when the page has been drawn.
 */

import { wordsOf } from "../core/errors.js";
import { focusOn } from "./focus.js";
import { KEY_NOTES, keyboardCommands, viewCommands } from "./app_commands.js";
import { catalogueCommands, pluginCommands } from "./plugin_commands.js";
import { Regions } from "./regions.js";
import { windowCommands } from "./window_commands.js";
import { workspaceCommands } from "./workspace_commands.js";

/** @import {App} from "./app.js" */

/**
 * @param {App} app
 * @returns {Regions}
 */
export function installKeyboard(app) {
  const { commands, notices } = app;
  const regions = new Regions(document, focusOn, () => app.windows.panes);
  commands.provide(pluginCommands(app));
  commands.provide(windowCommands(app.windows));
  commands.register(...viewCommands(app));
  commands.register(...keyboardCommands(app, regions));
  commands.provide(workspaceCommands(app));
  commands.provide(catalogueCommands(app));
  commands.explain(...KEY_NOTES);
  commands.on("failed", ({ command, error }) => {
    notices.showError(`“${command.title}” has failed: ${wordsOf(error)}`);
  });
  return regions;
}
