/**
 * The app's first module: takes the token from the address, shows the shell, then starts what is installed.
 */

import { App } from "./shell/app.js";
import { readLink, withoutToken } from "./shell/link.js";
import { readSetting, watchSetting, writeSetting } from "./workspace/settings.js";

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const app = new App(root);

/** A token without an engine's address is that of this server; it is kept, and leaves the address bar at once. */
function pairByLink() {
  const before = readSetting("token");
  const { parameters } = readLink(location.hash);
  const token = parameters.get("token");
  if (!token || parameters.has("engine")) {
    void app.pair(before);
    return;
  }
  writeSetting("token", token);
  history.replaceState(null, "", location.pathname + location.search + withoutToken(location.hash));
  void app.pair(token, before);
}

void app.start();
pairByLink();
addEventListener("hashchange", pairByLink);
watchSetting("token", (token) => void app.pair(token));
