/** Two peers with a real channel between them; closed when the test is over. */

/** @import { TestContext } from "node:test" */
/** @import { Turns } from "../../../site_src/js/rpc/ports.js" */
import { Peer } from "../../../site_src/js/rpc/peer.js";
import { connectPort, portSender } from "../../../site_src/js/rpc/ports.js";

/** @param {TestContext} context @param {Turns} [turns] of the host's side */
export function pair(context, turns) {
  const { port1, port2 } = new MessageChannel();
  const host = new Peer({ name: "Viewer", send: portSender(port1) });
  const plugin = new Peer({ name: "ImJoy", send: portSender(port2) });
  connectPort(port1, host, turns);
  connectPort(port2, plugin);
  context.after(() => {
    host.close("the test is over");
    plugin.close("the test is over");
  });
  return { host, plugin, port1, port2 };
}
