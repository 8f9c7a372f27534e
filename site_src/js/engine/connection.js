/**
 * Makes the client of the engine that this browser has chosen: that of the page's own server, or another one.
 */

import { readSetting, writeSetting } from "../workspace/settings.js";
import { EngineClient } from "./client.js";

/**
 * @param {string | null} other the exact origin of another engine; null for the page's own
 * @returns {EngineClient}
 */
export function makeEngineClient(other) {
  const origin = other ?? location.origin;
  return new EngineClient({
    address: `${origin.replace(/^http/u, "ws")}/engine`,
    status: `${other ?? ""}/api/status`,
    client: clientName(),
    openSocket: (address) => new WebSocket(address),
    fetch: (address, options) => fetch(address, options),
  });
}

/** The name by which the engine knows this browser. */
function clientName() {
  const known = readSetting("client");
  if (known) return known;
  const name = `imjoy_web_${crypto.randomUUID()}`;
  writeSetting("client", name);
  return name;
}
