/**
 * The API of the app's own server: asked with the token that this browser has of it, and told what is to be done.
 *
 * Every failure is an error in words for people; `code` is the server's own where it gives one.
 */

import { ImJoyError } from "./errors.js";

/** The server has no answer, or one that says no. */
export class ServerError extends ImJoyError {
  /**
   * @param {string} message
   * @param {{code?: string, hint?: string, status?: number}} [details] `status` is 0 where nothing answered
   */
  constructor(message, { code = "server", hint = "", status = 0 } = {}) {
    super(message, { code });
    this.hint = hint;
    this.status = status;
  }
}

/** One server, the one that the page came from. */
export class OwnServer {
  #token;
  #fetch;

  /**
   * @param {() => string | null} token
   * @param {(address: string, options: RequestInit) => Promise<Response>} [fetcher]
   */
  constructor(token, fetcher = (address, options) => fetch(address, options)) {
    this.#token = token;
    this.#fetch = fetcher;
  }

  /** True where this browser has a token of the server, be it the right one or not. */
  get isPaired() {
    return this.#token() !== null;
  }

  /**
   * @param {string} path
   * @returns {Promise<any>} the JSON of the answer
   */
  async get(path) {
    return this.#json(await this.#ask(path, {}));
  }

  /**
   * @param {string} path
   * @param {object} document
   * @returns {Promise<any>} the JSON of the answer
   */
  async post(path, document) {
    const headers = { "Content-Type": "application/json" };
    return this.#json(await this.#ask(path, { method: "POST", headers, body: JSON.stringify(document) }));
  }

  /**
   * The objects of an answer that has one on each line, as they come.
   * @param {string} path
   * @param {AbortSignal} [signal]
   * @returns {AsyncGenerator<any, void>}
   */
  async *lines(path, signal) {
    const response = await this.#ask(path, signal ? { signal } : {});
    const decoder = new TextDecoder();
    const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
    let rest = "";
    try {
      for (;;) {
        const { done, value } = await reader.read();
        rest += decoder.decode(value, { stream: !done });
        const lines = rest.split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) if (line !== "") yield JSON.parse(line);
        if (done) return;
      }
    } catch (error) {
      if (signal?.aborted) return;
      throw new ServerError("The connection to the server of this app was lost.", { code: "lost" });
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  /**
   * @param {string} path
   * @param {RequestInit} options
   * @returns {Promise<Response>}
   */
  async #ask(path, options) {
    const token = this.#token();
    if (token === null) {
      throw new ServerError("This browser is not paired with the server of this app.", {
        code: "unpaired",
        hint: "Open the link with “token=” that “python -m imjoy” has printed, once.",
      });
    }
    let response;
    try {
      const headers = { ...options.headers, Authorization: `Bearer ${token}` };
      response = await this.#fetch(path, { ...options, headers, cache: "no-store" });
    } catch {
      if (options.signal?.aborted) throw new ServerError("It was given up.", { code: "aborted" });
      throw new ServerError("The server of this app does not answer.", {
        code: "gone",
        hint: "Run “python -m imjoy” in its folder, then try again.",
      });
    }
    if (response.ok) return response;
    throw await failureOf(response);
  }

  /** @param {Response} response */
  async #json(response) {
    try {
      return await response.json();
    } catch {
      throw new ServerError("What the server of this app has answered cannot be read.", { status: response.status });
    }
  }
}

/** @param {Response} response */
async function failureOf(response) {
  const { status } = response;
  if (status === 401) {
    return new ServerError("The token that this browser remembers is not, or no longer, that of the server.", {
      code: "unpaired",
      status,
      hint: "Open the link with “token=” that “python -m imjoy” has printed, once.",
    });
  }
  const text = await response.text().catch(() => "");
  try {
    const { code, message, hint } = JSON.parse(text).error;
    return new ServerError(String(message), { code: String(code), hint: String(hint ?? ""), status });
  } catch {
    return new ServerError(text.trim() || `The server of this app answered with the status ${status}.`, { status });
  }
}
