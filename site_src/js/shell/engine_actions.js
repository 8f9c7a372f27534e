/**
 * What a person can do about the engine: choose another one, go back to the own, forget one.
 *
 * Another engine is added to what the page may connect to by the app's own server, at the person's word and with the
 * token of that server; the page is then loaded anew, for a page keeps the policy that it came with.
 */

import { wordsOf } from "../core/errors.js";
import { chooseEngine, chosenEngine, forgetEngine, tokenOf } from "../engine/choice.js";
import { browserOf, judge } from "../engine/reachability.js";
import { writeSetting } from "../workspace/settings.js";
import { readLink } from "./link.js";

/** @import {App} from "./app.js" */

/** Actions of one app. */
export class EngineActions {
  #app;

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
  }

  /**
   * What can be said of an address before anything is tried.
   * @param {string} engine
   */
  judge(engine) {
    return judge({ page: location.origin, engine, browser: browserOf(navigator.userAgent) });
  }

  /**
   * Asks for an engine; with what a link has said of one, where it comes from there.
   * @param {{engine?: string, token?: string | null, fromLink?: boolean}} [given]
   */
  async connect({ engine = "", token = null, fromLink = false } = {}) {
    const dialogs = await this.#app.load(() => import("../dialogs/connect.js"));
    await dialogs?.showConnect({
      page: location.origin,
      browser: browserOf(navigator.userAgent),
      engine,
      token,
      fromLink,
      tokenOf,
      tokenIn: tokenInLink,
      connect: (choice) => (choice.isOwn ? this.#useOwn(choice.token) : this.#use(choice.origin, choice.token)),
    });
  }

  /** The engines that were confirmed before; empty where the server cannot be asked. @returns {Promise<string[]>} */
  async known() {
    try {
      return (await this.#app.server.get("/api/engines")).engines;
    } catch {
      return [];
    }
  }

  /** Goes back to the engine of the page's own server. */
  async useOwn() {
    chooseEngine(null);
    location.reload();
  }

  /**
   * Takes an engine out of what the page may connect to.
   * @param {string} origin
   */
  async forget(origin) {
    const app = this.#app;
    try {
      await app.server.post("/api/engines/forget", { origin });
      const wasChosen = chosenEngine()?.origin === origin;
      forgetEngine(origin);
      if (wasChosen) location.reload();
      else await app.enginePanel?.refresh();
    } catch (error) {
      app.notices.showError(`The engine at ${origin} could not be forgotten: ${wordsOf(error)}`);
    }
  }

  /**
   * @param {string} origin
   * @param {string} token
   */
  async #use(origin, token) {
    await this.#app.server.post("/api/engines/confirm", { origin });
    chooseEngine(origin, token);
    location.reload();
  }

  /** @param {string} token */
  async #useOwn(token) {
    const wasOther = chosenEngine() !== null;
    chooseEngine(null);
    writeSetting("token", token);
    if (wasOther) location.reload();
    else await this.#app.pair(token);
  }
}

/**
 * The token in a link that an engine has printed.
 * @param {string} text
 * @returns {string | null}
 */
function tokenInLink(text) {
  if (!/^https?:\/\/.*[?&]token=/u.test(text.trim())) return null;
  try {
    const { search, hash } = new URL(text.trim());
    return readLink({ search, hash }).token;
  } catch {
    return null;
  }
}
