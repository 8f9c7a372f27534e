/**
 * How the connection to the engine stands, in words for people: a label for the chip, and what to do.
 *
 * Pure. Called by shell/engine_chip.js, and by shell/workbench.js for plugins that need the engine.
 */

/**
 * `unpaired`: this browser has no token; `connecting`; `connected`; `refused`: the server has said no, with a reason;
 * `gone`: no server answers.
 * @typedef {"unpaired" | "connecting" | "connected" | "refused" | "gone"} EngineStateName
 */

/**
 * @typedef {object} EngineState
 * @property {EngineStateName} name
 * @property {string} reason
 */

/**
 * @typedef {object} EngineWords
 * @property {string} label
 * @property {string} sentence
 * @property {string} advice
 * @property {"good" | "idle" | "bad"} tone
 * @property {boolean} canRetry
 */

/**
 * Which engine it is about: null is the one of this page's own server; `page` is the page's own origin.
 * @typedef {object} EngineWhere
 * @property {string | null} other
 * @property {string} page
 */

const JAVASCRIPT_WORKS = "JavaScript plugins work without it.";
const OWN = Object.freeze({ other: null, page: "" });

/**
 * @param {EngineState} state
 * @param {EngineWhere} [where]
 * @returns {EngineWords}
 */
export function engineWords(state, where = OWN) {
  return where.other === null ? ownWords(state) : otherWords(state, where.other, where.page);
}

/**
 * @param {EngineState} state
 * @param {string} other
 * @param {string} page
 * @returns {EngineWords}
 */
function otherWords({ name, reason }, other, page) {
  switch (name) {
    case "connected":
      return {
        label: "Connected",
        sentence: `This page is connected to the engine at ${other}. Python plugins run there, and not on this computer's own.`,
        advice: "",
        tone: "good",
        canRetry: false,
      };
    case "connecting":
      return {
        label: "Connecting…",
        sentence: `The page is connecting to the engine at ${other}.`,
        advice: JAVASCRIPT_WORKS,
        tone: "idle",
        canRetry: false,
      };
    case "refused":
      return {
        label: "Refused",
        sentence: `The engine at ${other} did not let this page in: ${reason}`,
        advice: "Connect again with the token that is in the link which that engine has printed.",
        tone: "bad",
        canRetry: true,
      };
    case "gone":
      return {
        label: "No answer",
        sentence: `The engine at ${other} does not answer this page.`,
        advice: `It is not running, or it lets no page from here in: then it has to be started with --allow-origin ${page}`,
        tone: "bad",
        canRetry: true,
      };
    default:
      return {
        label: "Not paired",
        sentence: `This browser does not have the token of the engine at ${other}.`,
        advice: "Connect again with the token that is in the link which that engine has printed.",
        tone: "idle",
        canRetry: false,
      };
  }
}

/**
 * @param {EngineState} state
 * @returns {EngineWords}
 */
function ownWords({ name, reason }) {
  switch (name) {
    case "connected":
      return {
        label: "Connected",
        sentence: "This page is connected to the engine on this computer.",
        advice: "",
        tone: "good",
        canRetry: false,
      };
    case "connecting":
      return {
        label: "Connecting…",
        sentence: "The page is connecting to the engine on this computer.",
        advice: JAVASCRIPT_WORKS,
        tone: "idle",
        canRetry: false,
      };
    case "refused":
      return {
        label: "Refused",
        sentence: `The engine did not let this page in: ${reason}`,
        advice: `Open the link that “python -m imjoy” has printed, or “python -m imjoy” again in the same folder. ${JAVASCRIPT_WORKS}`,
        tone: "bad",
        canRetry: true,
      };
    case "gone":
      return {
        label: "Server gone",
        sentence: "The server of this app does not answer. It was stopped, or the computer has slept.",
        advice:
          "Run “python -m imjoy” in its folder; this page connects by itself then. Plugins that are running go on, " +
          "but nothing new can be installed.",
        tone: "bad",
        canRetry: true,
      };
    default:
      return {
        label: "Not paired",
        sentence: "This browser does not have the token of the engine yet.",
        advice: `To pair it, open the link with “token=” that “python -m imjoy” has printed, once. ${JAVASCRIPT_WORKS}`,
        tone: "idle",
        canRetry: false,
      };
  }
}

/**
 * Why no Python plugin can be started now, and what to do; null where one can.
 * @param {EngineState} state
 * @param {EngineWhere} [where]
 * @returns {string | null}
 */
export function engineProblem({ name, reason }, { other, page } = OWN) {
  const there = other === null ? "" : `The engine at ${other} `;
  switch (name) {
    case "connected":
      return null;
    case "connecting":
      return "This page is connecting to it.";
    case "gone":
      if (there) return `${there}does not answer, or was not started with --allow-origin ${page}.`;
      return "It does not answer: run “python -m imjoy” in its folder; the plugin starts by itself then.";
    case "refused":
      return `${there || "It "}did not let this page in: ${reason} The plugin starts by itself when the page is connected.`;
    default:
      if (there) return `${there}wants its token; the plugin starts by itself when the page is connected.`;
      return "Open the link with “token=” that “python -m imjoy” has printed, once; the plugin starts by itself then.";
  }
}
