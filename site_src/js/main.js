/**
 * The app's first module: reads the link, chooses the workspace, shows the shell, then does what the link asks for.
 */

import { App } from "./shell/app.js";
import { LinkActions, showInAddress, takeLink } from "./shell/link_actions.js";
import { readSetting, watchSetting } from "./workspace/settings.js";
import { Workspaces } from "./workspace/workspaces.js";

/** @import {AppLink} from "./shell/link.js" */

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const workspaces = new Workspaces();
const link = takeLink();
const problem = workspaces.open(link.workspace);
const app = new App(root, workspaces);
const actions = new LinkActions(app);

/** @param {AppLink} asked @param {string} sentence */
function tellWorkspace(asked, sentence) {
  app.notices.showError(`The link asks for the workspace “${asked.workspace}”, which cannot be. ${sentence}`);
}

/** A link that was typed or pasted into this very page, or an entry of its history. */
function followAnother() {
  const { search, hash } = location;
  const another = takeLink();
  const { workspace } = another;
  if (workspace !== null && workspaces.find(workspace)?.key !== workspaces.current.key) {
    const sentence = workspaces.find(workspace) ? null : workspaces.problemOf(workspace);
    if (sentence === null) return void app.workspaceActions().then((one) => one?.goTo({ search, hash }, workspace));
    tellWorkspace(another, sentence);
  }
  showInAddress(workspaces);
  void actions.follow(another);
}

if (problem !== null) tellWorkspace(link, problem);
showInAddress(workspaces);
void app.start();
void app.useKeyboard();
// A token that goes with an engine is not, or not yet, that of the page's own server.
if (link.token === null || link.engine !== null) void app.pair(readSetting("token"));
void actions.follow(link);
addEventListener("hashchange", followAnother);
watchSetting("token", (token) => void app.pair(token));
