/**
 * The commands for workspaces: what the menu in the top bar offers.
 */

import { DEFAULT_WORKSPACE } from "../workspace/names.js";

/** @import {App} from "./app.js" */
/** @import {Command, CommandSource} from "./commands.js" */
/** @import {WorkspaceActions} from "./workspace_actions.js" */

const GROUP = "Workspaces";

/**
 * @param {Pick<App, "workspaces" | "workspaceActions">} app
 * @returns {CommandSource}
 */
export function workspaceCommands(app) {
  /** @param {(actions: WorkspaceActions) => Promise<void>} run */
  const act = (run) => async () => {
    const actions = await app.workspaceActions();
    if (actions) await run(actions);
  };
  return {
    list: () => {
      const { current, list } = app.workspaces;
      const others = list.filter(({ key }) => key !== current.key);
      /** @type {Command[]} */
      const commands = others.map((one) => ({
        id: `workspace.show:${one.key}`,
        title: `Switch to the workspace “${one.name}”`,
        group: GROUP,
        icon: "workspace",
        words: "open change",
        run: act((actions) => actions.switchWorkspace(one)),
      }));
      commands.push({
        id: "workspace.create",
        title: "New workspace",
        group: GROUP,
        icon: "add",
        words: "create make",
        run: act((actions) => actions.createWorkspace()),
      });
      if (current.key === DEFAULT_WORKSPACE.key) return commands;
      return [
        ...commands,
        {
          id: "workspace.rename",
          title: `Rename the workspace “${current.name}”`,
          group: GROUP,
          icon: "rename",
          run: act((actions) => actions.renameWorkspace(current)),
        },
        {
          id: "workspace.delete",
          title: `Delete the workspace “${current.name}”`,
          group: GROUP,
          icon: "remove",
          words: "remove",
          run: act((actions) => actions.deleteWorkspace(current)),
        },
      ];
    },
  };
}
