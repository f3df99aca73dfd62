/** What the service says, in the language of the page. */

import { toDo } from "../results/advice.js";
import { all, language, text } from "../texts.js";

/** @typedef {import("./session.js").Practised} Practised */

/**
 * @typedef {object} Words
 * @property {string} sentence
 * @property {string} detail the numbers, which are read but not spoken
 * @property {string | null} spoken null where it isn't in the language of the page
 */

/**
 * Give the advice.
 *
 * @param {Practised} practised
 * @returns {Words | null} null where there is none
 */
export function adviceIn({ advice, about, conditions }) {
  if (advice === null) return null;
  if (language() !== "en") {
    const condition = conditions.find(({ quantity }) => quantity === about);
    if (!condition) return { sentence: advice, detail: "", spoken: null };
    const sentence = toDo(condition);
    return { sentence, detail: "", spoken: sentence };
  }
  const [sentence, ...numbers] = advice.split(": ");
  return { sentence, detail: numbers.join(": "), spoken: sentence };
}

/**
 * Give what is wrong with the picture.
 *
 * @param {{ reason: string, text: string }} trouble
 * @returns {Words}
 */
export function troubleIn(trouble) {
  const key = `trouble.${trouble.reason}`;
  // The same in all languages, and short: it is read from afar, by who isn't in the picture yet.
  if (trouble.reason === "nobody") return words(text("live.step"));
  if (language() === "en" || !(key in all())) return words(trouble.text);
  return words(text(/** @type {import("../texts.js").TextKey} */ (key)));
}

/** @param {string} sentence @returns {Words} */
function words(sentence) {
  return { sentence, detail: "", spoken: sentence };
}
