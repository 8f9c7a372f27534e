/**
 * Makes the client of the engine that belongs to this page's own server.
 */

import { readSetting, writeSetting } from "../workspace/settings.js";
import { EngineClient } from "./client.js";

/** @returns {EngineClient} */
export function makeEngineClient() {
  return new EngineClient({
    address: `${location.origin.replace(/^http/u, "ws")}/engine`,
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
