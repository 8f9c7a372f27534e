/**
 * Finds commands by what somebody types: whole words first, then the beginnings of words, then their letters in order,
 * with what was used lately before its equals.
 *
 * Pure.
 */

/** @typedef {readonly [from: number, to: number]} Range of a text, without its end */

/**
 * @typedef {object} Findable
 * @property {string} id
 * @property {string} title
 * @property {string} group
 * @property {string} [words]
 */

/**
 * @template {Findable} Item
 * @typedef {object} Found
 * @property {Item} item
 * @property {Range[]} ranges of the title, where it was found
 */

/** `isLoose`: only the letters were found. @typedef {{points: number, ranges: Range[], isLoose: boolean}} Match */

/** Points for where a word was found; letters in order give up to 40, which is less than a word elsewhere. */
const POINTS = Object.freeze({ start: 100, wordStart: 80, inside: 50, exact: 60, elsewhere: 42, recent: 18 });
/** Where something is found as well as this, what has but the letters is left out. */
const SURE = 70;
/** For each letter of a word whose letters are found in order. */
const LETTER = Object.freeze({ found: 1, together: 3, wordStart: 3, gap: 1.2, gapToWordStart: 0.3, least: 1 });

/**
 * The items in which every word of the search is found, best first. Without a search all of them: those used lately
 * first, the rest as they come.
 * @template {Findable} Item
 * @param {readonly Item[]} items
 * @param {string} search
 * @param {readonly string[]} [recent] ids, the latest first
 * @returns {Found<Item>[]}
 */
export function rank(items, search, recent = []) {
  const words = fold(search).split(/\s+/u).filter(Boolean);
  const found = items.flatMap((item, place) => {
    const match = words.length === 0 ? { points: 0, ranges: [], isLoose: false } : matchItem(item, words);
    return match === null ? [] : [{ item, place, ...match, points: match.points + recentPoints(item, recent) }];
  });
  found.sort((a, b) => b.points - a.points || a.place - b.place);
  const isSure = found.some(({ points, isLoose }) => points > SURE && !isLoose);
  return found.filter(({ isLoose }) => !(isSure && isLoose)).map(({ item, ranges }) => ({ item, ranges }));
}

/**
 * @param {Findable} item
 * @param {readonly string[]} recent
 */
function recentPoints({ id }, recent) {
  const at = recent.indexOf(id);
  return at < 0 ? 0 : POINTS.recent * (1 - at / (2 * recent.length));
}

/**
 * @param {Findable} item
 * @param {readonly string[]} words
 * @returns {Match | null} null where a word is not found
 */
function matchItem({ title, group, words: more = "" }, words) {
  const text = fold(title);
  const rest = fold(`${group} ${more}`);
  const starts = wordStarts(text);
  let points = text === words.join(" ") ? POINTS.exact : 0;
  /** @type {Range[]} */
  const ranges = [];
  let isLoose = false;
  for (const word of words) {
    const match = matchWord(word, text, starts) ?? matchElsewhere(word, rest) ?? matchLetters(word, text, starts);
    if (match === null) return null;
    points += match.points;
    ranges.push(...match.ranges);
    isLoose ||= match.isLoose;
  }
  // Of two titles the one that says little else is meant.
  return { points: points / words.length - text.length / 20, ranges: joined(ranges), isLoose };
}

/**
 * @param {string} word
 * @param {string} text
 * @param {ReadonlySet<number>} starts
 * @returns {Match | null}
 */
function matchWord(word, text, starts) {
  let at = text.indexOf(word);
  if (at < 0) return null;
  for (let next = at; next >= 0 && !starts.has(at); next = text.indexOf(word, next + 1)) {
    if (starts.has(next)) at = next;
  }
  const points = at === 0 ? POINTS.start : starts.has(at) ? POINTS.wordStart - Math.min(at, 20) / 4 : POINTS.inside;
  return { points, ranges: [[at, at + word.length]], isLoose: false };
}

/**
 * @param {string} word
 * @param {string} text
 * @returns {Match | null}
 */
function matchElsewhere(word, text) {
  const isFound = text.split(/\s+/u).some((one) => one.startsWith(word));
  return isFound ? { points: POINTS.elsewhere, ranges: [], isLoose: false } : null;
}

/**
 * The letters in order, beginning with that of a word: the way through the text that jumps least.
 * @param {string} word
 * @param {string} text
 * @param {ReadonlySet<number>} starts
 * @returns {Match | null}
 */
function matchLetters(word, text, starts) {
  /** For each place of the text, the points of the best way that ends there. */
  let points = Array.from({ length: text.length }, (_, at) =>
    starts.has(at) && text[at] === word[0] ? LETTER.found + LETTER.wordStart : -Infinity,
  );
  /** Where each of these ways comes from, letter by letter. @type {number[][]} */
  const origins = [];
  for (const letter of word.slice(1)) {
    /** @type {number[]} */
    const from = [];
    let far = -1;
    points = points.map((_, at, before) => {
      // All places but the one just before are as far as any other.
      if (at > 1 && value(before, at - 2) > value(before, far)) far = at - 2;
      if (text[at] !== letter) return -Infinity;
      const jumped = value(before, far) + (starts.has(at) ? LETTER.wordStart - LETTER.gapToWordStart : -LETTER.gap);
      const together = value(before, at - 1) + LETTER.together;
      from[at] = together >= jumped ? at - 1 : far;
      return LETTER.found + Math.max(together, jumped);
    });
    origins.push(from);
  }
  const best = Math.max(...points);
  if (best / word.length < LETTER.least) return null;
  const places = [points.indexOf(best)];
  for (const from of origins.reverse()) places.unshift(/** @type {number} */ (from[/** @type {number} */ (places[0])]));
  return {
    points: 8 + (8 * best) / word.length,
    ranges: joined(places.map((at) => /** @type {const} */ ([at, at + 1]))),
    isLoose: true,
  };
}

/**
 * @param {readonly number[]} points
 * @param {number} at
 */
function value(points, at) {
  return points[at] ?? -Infinity;
}

/**
 * @param {string} text
 * @returns {Set<number>}
 */
function wordStarts(text) {
  return new Set([...text.matchAll(/[\p{L}\p{N}]+/gu)].map(({ index }) => index));
}

/**
 * Without capitals and accents; as long as the text, so that places stay.
 * @param {string} text
 * @returns {string}
 */
function fold(text) {
  return Array.from(text, (sign) => {
    const plain = sign.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    return plain.length === sign.length ? plain : sign;
  }).join("");
}

/**
 * @param {Range[]} ranges
 * @returns {Range[]} in order, without overlaps
 */
function joined(ranges) {
  /** @type {[number, number][]} */
  const result = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
