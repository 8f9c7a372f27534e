/**
 * The commands for plugins: for each that is installed what its entry in the list offers, and the installation of each
 * that the catalogue has.
 */

import { wordsOf } from "../core/errors.js";
import { installLabel, describeEntry } from "../plugins/catalogue.js";
import { isWindow } from "../plugins/words.js";
import { activitiesOf } from "./activities.js";
import { hasSettings } from "./plugin_entry.js";

/** @import {CatalogueContent, CatalogueEntry} from "../plugins/catalogue.js" */
/** @import {Operation, Plugin} from "../plugins/plugin.js" */
/** @import {App} from "./app.js" */
/** @import {Command, CommandSource} from "./commands.js" */
/** @import {Workbench} from "./workbench.js" */

const GROUP = "Plugins";

/**
 * @param {App} app
 * @returns {CommandSource}
 */
export function pluginCommands(app) {
  return {
    list: () => {
      const { workbench } = app;
      if (workbench === null) return [];
      const { plugins } = workbench.manager;
      return [
        ...plugins.flatMap((plugin) => runCommands(workbench, plugin)),
        ...stopCommands(workbench),
        ...plugins.flatMap((plugin) => otherCommands(app, workbench, plugin)),
      ];
    },
  };
}

/**
 * What the catalogue has and is not installed, or in another version.
 * @param {App} app
 * @returns {CommandSource}
 */
export function catalogueCommands(app) {
  /** @type {CatalogueContent | null} */
  let content = null;
  return {
    prepare: async () => {
      content = (await app.workbench?.catalogue.load()) ?? null;
    },
    list: () => {
      const { workbench } = app;
      if (workbench === null) return [];
      const all = content?.plugins ?? [];
      return all.flatMap((entry) => installCommands(app, workbench, entry, all));
    },
  };
}

/**
 * @param {Workbench} workbench
 * @param {Plugin} plugin
 * @returns {Command[]}
 */
function runCommands(workbench, plugin) {
  const { name, state, config } = plugin;
  if (state === "stopped") {
    return [
      {
        id: `plugin.start:${name}`,
        title: `Start ${name}`,
        group: GROUP,
        icon: "run",
        run: () => workbench.reload(plugin),
      },
    ];
  }
  const isFree = state === "ready" || (state === "busy" && isWindow(plugin.type));
  if (!isFree) return [];
  return [...plugin.operations.values()].flatMap((operation) => {
    const isMain = operation.name === name;
    if (isMain && !config.runnable) return [];
    return [
      {
        id: `plugin.run:${name}/${isMain ? "" : operation.name}`,
        title: isMain ? `Run ${name}` : `Run ${name}: ${operation.name}`,
        group: GROUP,
        icon: "run",
        words: `${config.description} ${config.tags?.join(" ") ?? ""}`,
        run: () => workbench.run(plugin, operation),
      },
    ];
  });
}

/**
 * @param {Workbench} workbench
 * @returns {Command[]}
 */
function stopCommands(workbench) {
  const running = activitiesOf(workbench.manager.plugins).filter(({ canStop }) => canStop);
  const commands = running.map(({ plugin }) => ({
    id: `plugin.stop:${plugin.name}`,
    title: `Stop ${plugin.name}`,
    group: GROUP,
    icon: "stop",
    words: "cancel abort",
    run: () => workbench.stop(plugin),
  }));
  if (running.length < 2) return commands;
  return [
    ...commands,
    {
      id: "plugin.stop-all",
      title: "Stop all that is running",
      group: GROUP,
      icon: "stop",
      words: "cancel abort",
      run: () => workbench.stopAll(),
    },
  ];
}

/**
 * @param {App} app
 * @param {Workbench} workbench
 * @param {Plugin} plugin
 * @returns {Command[]}
 */
function otherCommands(app, workbench, plugin) {
  const { name } = plugin;
  const settings = {
    id: `plugin.settings:${name}`,
    title: `Settings of ${name}`,
    group: GROUP,
    icon: "settings",
    words: "form",
    run: async () => {
      app.setPanel(true);
      workbench.setForm(plugin, true);
      await workbench.forms.ready();
      // The form is drawn by then.
      setTimeout(() => focusFirstField(name));
    },
  };
  return [
    ...(hasSettings(plugin) ? [settings] : []),
    {
      id: `plugin.log:${name}`,
      title: `Show the log of ${name}`,
      group: "Log",
      icon: "log",
      run: () => workbench.showLog(plugin),
    },
    {
      id: `plugin.docs:${name}`,
      title: `Documentation of ${name}`,
      group: GROUP,
      icon: "docs",
      words: "help",
      run: () => workbench.showDocs(plugin),
    },
    {
      id: `plugin.reload:${name}`,
      title: `Reload ${name}`,
      group: GROUP,
      icon: "reload",
      words: "restart",
      run: () => workbench.reload(plugin),
    },
    {
      id: `plugin.remove:${name}`,
      title: `Remove ${name}…`,
      group: GROUP,
      icon: "remove",
      words: "uninstall delete",
      run: () => workbench.remove(plugin),
    },
  ];
}

/**
 * @param {App} app
 * @param {Workbench} workbench
 * @param {CatalogueEntry} entry
 * @param {readonly CatalogueEntry[]} all
 * @returns {Command[]}
 */
function installCommands(app, workbench, entry, all) {
  const label = installLabel(entry, workbench.manager.find(entry.name)?.record ?? null);
  if (label === null || describeEntry(entry).state === "broken") return [];
  const { name, description } = entry;
  return [
    {
      id: `plugin.install:${name}`,
      title: `${label} ${name}`,
      group: "Catalogue",
      icon: "download",
      words: description,
      run: () => install(app, workbench, entry, all),
    },
  ];
}

/**
 * @param {App} app
 * @param {Workbench} workbench
 * @param {CatalogueEntry} entry
 * @param {readonly CatalogueEntry[]} all
 */
async function install({ notices }, workbench, entry, all) {
  notices.setStatus(`Installing ${entry.name}…`);
  try {
    const plugin = await workbench.manager.install(entry, all);
    notices.setStatus("");
    // What has failed to start is told by the plugin itself.
    if (plugin.state !== "failed") notices.show(`${entry.name} is installed`, { kind: "success" });
  } catch (error) {
    notices.setStatus("");
    notices.showError(`${entry.name} could not be installed: ${wordsOf(error)}`);
  }
}

/** @param {string} name of a plugin */
function focusFirstField(name) {
  const entry = document.querySelector(`[data-plugin="${CSS.escape(name)}"]`);
  const field = entry?.querySelector(".plugin-more :is(input, select, textarea)");
  if (field instanceof HTMLElement) field.focus();
}
