/**
 * Joins the dialog that asks about a plugin from a link with the folder, the server and the plugin manager.
 */

import { showInstall } from "../dialogs/install.js";
import { AddressedPlugin } from "../plugins/addressed_plugin.js";
import { findByAddress } from "../plugins/addressed.js";
import { MirrorClient, mirrorCommand } from "../plugins/mirror_client.js";
import { readPlugin } from "../plugins/reading.js";
import { describeRun } from "../plugins/what_runs.js";

/** @import {Catalogue} from "../plugins/catalogue.js" */
/** @import {PluginManager} from "../plugins/manager.js" */
/** @import {App} from "./app.js" */

/**
 * @param {object} parts
 * @param {App} parts.app
 * @param {PluginManager} parts.manager
 * @param {Catalogue} parts.catalogue
 * @param {string} parts.url
 * @param {string | null} parts.tag
 */
export async function installByLink({ app, manager, catalogue, url, tag }) {
  const plugin = new AddressedPlugin({
    url,
    find: (address) => findByAddress(address, catalogue),
    mirror: new MirrorClient(app.server),
  });
  await showInstall({
    plugin,
    tag,
    workspace: app.workspaces.current.name,
    manager,
    describe: ({ entry, all, text }, chosen) =>
      describeRun(readPlugin(text, chosen, entry.config).config, { all, engine: app.other }),
    command: mirrorCommand(url),
    tell: (text, kind) => void app.notices.show(text, { kind }),
  });
  // A download goes on when its dialog is hidden; how it has ended is said then.
  if (plugin.stage === "bringing") tellEnd(app, plugin, tag);
}

/**
 * @param {App} app
 * @param {AddressedPlugin} plugin
 * @param {string | null} tag
 */
function tellEnd(app, plugin, tag) {
  app.notices.show(`The download of the plugin from ${plugin.url} goes on.`);
  plugin.on("brought", (text) => {
    const isHere = plugin.stage === "found";
    const actions = isHere ? [{ label: "Show it", run: () => void app.showInstall(plugin.url, tag) }] : [];
    app.notices.show(text, { kind: isHere ? "success" : "error", seconds: 120, actions });
  });
}
