/** What is said aloud: one sentence at a time, in the language of the page. */

import { language } from "../texts.js";

/** For so long no sentence is said again, in milliseconds. */
const NOT_AGAIN = 4000;

/** No sentence takes longer to be said: browsers may forget to tell its end. */
const LONGEST = 8000;

/**
 * @typedef {object} Voice
 * @property {(on: boolean) => void} turn on or off
 * @property {(sentence: string) => void} say after the one that is being said, if none is newer
 * @property {(sentence: string) => void} sayNow instead of the one that is being said
 * @property {() => void} drop what waits to be said, as it isn't so any more
 */

/** Whether the browser can speak. */
export const SPEAKS = "speechSynthesis" in window;

/**
 * Give a voice. Made while a button is being pressed, or browsers keep it silent.
 *
 * @param {AbortSignal} signal that silences it
 * @returns {Voice}
 */
export function newVoice(signal) {
  let isOn = true;
  let begun = -Infinity;
  /** The sentence that is being said. @type {SpeechSynthesisUtterance | null} */
  let current = null;
  /** @type {string | null} */
  let waiting = null;
  /** When each sentence was said last. @type {Map<string, number>} */
  const said = new Map();

  /** @param {string} sentence */
  const speak = (sentence) => {
    const now = performance.now();
    if (now - (said.get(sentence) ?? -Infinity) < NOT_AGAIN) return;
    said.set(sentence, now);
    begun = now;
    const utterance = new SpeechSynthesisUtterance(sentence);
    utterance.lang = language();
    utterance.onend = utterance.onerror = () => {
      // One that was cancelled tells its end when another one is being said.
      if (current !== utterance) return;
      const next = waiting;
      [current, waiting] = [null, null];
      if (next !== null) speak(next);
    };
    current = utterance;
    speechSynthesis.speak(utterance);
  };

  const silence = () => {
    [current, waiting] = [null, null];
    if (SPEAKS) speechSynthesis.cancel();
  };

  const mayNot = () => !SPEAKS || !isOn || signal.aborted;
  if (SPEAKS) speechSynthesis.speak(new SpeechSynthesisUtterance(""));
  signal.addEventListener("abort", silence);
  return {
    turn: (on) => {
      isOn = on;
      if (!on) silence();
    },
    say: (sentence) => {
      if (mayNot()) return;
      if (performance.now() - begun > LONGEST) silence();
      if (current) waiting = sentence;
      else speak(sentence);
    },
    sayNow: (sentence) => {
      if (mayNot()) return;
      silence();
      speak(sentence);
    },
    drop: () => (waiting = null),
  };
}
