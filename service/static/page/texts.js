/** What the page says, in the language of its visitor: all of it is in texts/en.json and the like. */

import { keepHere, kept } from "./kept.js";

/** @typedef {typeof import("./texts/en.json")} Texts */
/** @typedef {Exclude<keyof Texts, "quantities" | "units" | "problems" | "reasons" | "families" | "descriptions" | "limbs">} TextKey */

/** The languages that there are, each by its own name. */
export const LANGUAGES = Object.freeze({ en: "English", de: "Deutsch" });

const KEPT = "language";

/** @type {Texts} */
let texts;

/** @typedef {keyof typeof LANGUAGES} Language */

/** The language of this page, whatever is chosen in another window meanwhile. @type {Language} */
let shown = "en";

/** @returns {Language} that of the texts */
export function language() {
  return shown;
}

/** @returns {Language} the one that was chosen, or else the browser's */
function wanted() {
  for (const each of [kept("localStorage", KEPT) ?? "", ...navigator.languages]) {
    const known = each.slice(0, 2).toLowerCase();
    if (Object.hasOwn(LANGUAGES, known)) return /** @type {Language} */ (known);
  }
  return "en";
}

/** @returns {string} how numbers and dates are written: as where the visitor is */
export function locale() {
  return navigator.languages.find((each) => each.startsWith(language())) ?? language();
}

/** @param {string} chosen one of LANGUAGES, kept for the next visit */
export function choose(chosen) {
  keepHere("localStorage", KEPT, chosen);
}

/** Load the texts. @returns {Promise<void>} */
export async function load() {
  shown = wanted();
  const answer = await fetch(new URL(`./texts/${shown}.json`, import.meta.url));
  texts = await answer.json();
  document.documentElement.lang = shown;
}

/**
 * Give a text.
 *
 * @param {TextKey} key
 * @param {Record<string, string | number>} [values] what stands in its braces
 * @returns {string}
 */
export function text(key, values = {}) {
  return filled(texts[key], values);
}

/** @returns {Texts} all texts */
export function all() {
  return texts;
}

/**
 * @param {string} template
 * @param {Record<string, string | number>} values
 * @returns {string}
 */
export function filled(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/**
 * Give a number as it is written.
 *
 * @param {number} value
 * @param {number} [digits] behind the point
 * @returns {string}
 */
export function number(value, digits = 0) {
  return new Intl.NumberFormat(locale(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value + 0);
}

/**
 * Give a time in a video: "1:02.4".
 *
 * @param {number} seconds
 * @returns {string}
 */
export function clock(seconds) {
  const tenths = Math.round(Math.max(seconds, 0) * 10);
  const rest = String(Math.floor((tenths % 600) / 10)).padStart(2, "0");
  return `${Math.floor(tenths / 600)}:${rest}.${tenths % 10}`;
}

/**
 * Give what a pose is, in the page's language where it has that; someone's own poses it hasn't.
 *
 * @param {import("./server/types.js").Pose} pose
 * @returns {string}
 */
export function descriptionOf({ name, description }) {
  /** @type {Record<string, string>} */
  const descriptions = texts.descriptions;
  return descriptions[name] ?? description;
}

/** @param {string} family @returns {string} its name */
export function familyName(family) {
  /** @type {Record<string, string>} */
  const families = texts.families;
  return families[family] ?? family;
}

/**
 * Give the name of a pose with its side.
 *
 * @param {{ pose: string, side: string | null }} found
 * @returns {string}
 */
export function named({ pose, side }) {
  return side ? `${pose} (${text(side === "left" ? "side.left" : "side.right")})` : pose;
}
