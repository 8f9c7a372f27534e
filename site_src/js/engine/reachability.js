/**
 * Whether a page can reach an engine at all, before anything is tried: a browser tells a page nothing but "failed".
 *
 * Pure: a table over where the page is, where the engine is, and the browser. Every engine of this app answers to
 * 127.0.0.1 alone, whatever its computer is called. Called by the connect dialog and by links.
 */

/** @typedef {"chromium" | "firefox" | "safari"} Browser */
/**
 * `loopback`: this computer itself; `local`: the network around it; `public`: everything beyond.
 * @typedef {"loopback" | "local" | "public"} Place
 */
/**
 * `own`: the engine of this page's own server; `yes`; `asks`: the browser asks the person first; `maybe`: nothing speaks
 * against it that can be known; `no`.
 * @typedef {"own" | "yes" | "asks" | "maybe" | "no"} Reach
 */

/**
 * @typedef {object} Verdict
 * @property {Reach} reach
 * @property {string | null} origin the engine's exact origin; null where the text names none
 * @property {string} sentence for the person, before anything is tried; empty where nothing is to be said
 */

/** What the app is served at when nobody has chosen another port. */
const USUAL_PORT = 8080;
const HOME = "127.0.0.1";
const LOCAL_NUMBERS =
  /^(?:10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/u;
const BROWSER_NAMES = Object.freeze({ chromium: "This browser", firefox: "Firefox", safari: "Safari" });

/**
 * @param {object} question
 * @param {string} question.page the page's own origin
 * @param {string} question.engine what was typed, or stood in a link
 * @param {Browser} question.browser
 * @returns {Verdict}
 */
export function judge({ page, engine, browser }) {
  const here = new URL(page);
  const there = readEngine(engine);
  if (typeof there === "string") return { reach: "no", origin: null, sentence: there };
  const { url, note } = there;
  const from = { secure: here.protocol === "https:", place: placeOf(here.hostname) };
  const to = { secure: url.protocol === "https:", place: placeOf(url.hostname) };
  const words = { host: url.hostname, port: url.port || (to.secure ? "443" : "80"), origin: url.origin, browser };
  if (url.origin === here.origin) return { reach: "own", origin: url.origin, sentence: note };
  const row = RULES.find(({ holds }) => holds(from, to, browser));
  const { reach, sentence } = row ?? { reach: /** @type {Reach} */ ("yes"), sentence: () => "" };
  return { reach, origin: url.origin, sentence: [note, sentence(words)].filter((one) => one !== "").join(" ") };
}

/** @typedef {{secure: boolean, place: Place}} End */

/**
 * The first rule that holds decides; where none does, the engine can be reached.
 * @type {readonly {
 *   holds: (page: End, engine: End, browser: Browser) => boolean,
 *   reach: Reach,
 *   sentence: (words: {host: string, port: string, origin: string, browser: Browser}) => string,
 * }[]}
 */
const RULES = [
  {
    // An encrypted page must not use what is not; this computer itself is the exception, though not for Safari.
    holds: (page, engine, browser) => page.secure && isPlainHome(engine) && browser === "safari",
    reach: "no",
    sentence: ({ origin }) =>
      `Safari lets a page that came by https reach no engine that is asked by http, not even on the same computer. Open the app at ${origin} itself, or use Chrome, Edge or Firefox.`,
  },
  {
    holds: (page, engine) => page.secure && !engine.secure && engine.place !== "loopback",
    reach: "no",
    sentence: ({ browser }) =>
      `${BROWSER_NAMES[browser]} lets a page that came by https reach encrypted engines only, and this address begins with http. Open the app on the computer of that engine, or give an https address.`,
  },
  {
    holds: (_page, engine) => !engine.secure && engine.place !== "loopback",
    reach: "no",
    sentence: ({ host, port }) =>
      `An engine answers only to its own computer, so nothing answers at ${host} from here. Lead its port here by a tunnel with the same number at both ends (ssh -L ${port}:${HOME}:${port} ${host}), then connect to http://${HOME}:${port}.`,
  },
  {
    // Without encryption a page may not go to what is nearer to the person than its own server.
    holds: (page, engine, browser) => !page.secure && isNearer(engine, page) && browser === "chromium",
    reach: "no",
    sentence: ({ origin }) =>
      `This browser lets a page that came by http from another computer reach nothing that is nearer to you than that. Open the app at ${origin} itself.`,
  },
  {
    holds: (page, engine, browser) => isNearer(engine, page) && browser !== "safari",
    reach: "asks",
    sentence: ({ browser }) =>
      `${BROWSER_NAMES[browser]} will ask whether this page may reach this computer or the network around it. Allow it, or the engine is not reached.`,
  },
  {
    holds: (_page, engine) => engine.place !== "loopback",
    reach: "maybe",
    sentence: ({ host }) =>
      `An engine answers only to its own computer; at ${host} one is reached only where somebody has put an encrypted relay before it.`,
  },
];

/** @type {Readonly<Record<Place, number>>} */
const NEARNESS = Object.freeze({ public: 0, local: 1, loopback: 2 });

/**
 * @param {End} one
 * @param {End} other
 */
function isNearer(one, other) {
  return NEARNESS[one.place] > NEARNESS[other.place];
}

/** @param {End} end */
function isPlainHome({ secure, place }) {
  return !secure && place === "loopback";
}

/**
 * The address of an engine, or in a sentence why the text is none.
 * @param {string} text
 * @returns {{url: URL, note: string} | string}
 */
function readEngine(text) {
  const given = text.trim();
  if (given === "") return "Type the address that the engine has printed, such as http://127.0.0.1:8080.";
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//iu.exec(given)?.[1]?.toLowerCase();
  let url;
  try {
    url = new URL(scheme ? given.replace(/^ws/iu, "http") : `http://${given}`);
  } catch {
    return `“${given}” is not a readable address. An engine's address looks like http://127.0.0.1:${USUAL_PORT}.`;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return `An engine's address begins with http:// or https://, not with ${url.protocol}//.`;
  }
  if (url.username || url.password) return "An engine's address has no user name or password; it has a token.";
  if (!/^\/(?:engine\/?)?$/u.test(url.pathname)) return "An engine's address has nothing behind its port.";
  if (!scheme && url.port === "" && !/:\d+$/u.test(given)) url.port = String(USUAL_PORT);
  return leadHome(url);
}

/**
 * Every name of this computer is written as 127.0.0.1: to a browser they are different addresses, and the engine answers
 * to this one alone.
 * @param {URL} url
 * @returns {{url: URL, note: string} | string}
 */
function leadHome(url) {
  const name = url.hostname;
  if (name === HOME) return { url, note: "" };
  if (placeOf(name) === "loopback" || name === "0.0.0.0" || name === "[::]") {
    url.hostname = HOME;
    return { url, note: `An engine does not answer to “${name}”; it is asked at ${HOME}, which is the same computer.` };
  }
  if (!name.startsWith("[")) return { url, note: "" };
  return `Browsers have no way to allow a page just ${name}. Give the name of that computer instead.`;
}

/**
 * @param {string} host as a URL has it
 * @returns {Place}
 */
export function placeOf(host) {
  if (/^\d+\.\d+\.\d+\.\d+$/u.test(host)) {
    if (host.startsWith("127.")) return "loopback";
    return LOCAL_NUMBERS.test(host) ? "local" : "public";
  }
  if (/(?:^|\.)localhost$/u.test(host) || host === "[::1]") return "loopback";
  if (host.startsWith("[")) return /^\[(?:f[cd]|fe[89ab])/iu.test(host) ? "local" : "public";
  // A name without a dot is known to the network around alone; so are those of these endings.
  return !host.includes(".") || /\.(?:local|lan|home\.arpa|internal)$/iu.test(host) ? "local" : "public";
}

/**
 * Which of the three families a browser is of; Chromium's name themselves after all others.
 * @param {string} userAgent
 * @returns {Browser}
 */
export function browserOf(userAgent) {
  if (/Chrome\/|Chromium\/|Edg\//u.test(userAgent)) return "chromium";
  if (/Firefox\//u.test(userAgent)) return "firefox";
  return /AppleWebKit\//u.test(userAgent) ? "safari" : "chromium";
}
