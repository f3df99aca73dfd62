/** The holds of a dance: those that are over, and the best so far. */

import { element } from "../dom.js";
import { named, number, text } from "../texts.js";

/**
 * @typedef {object} Holds
 * @property {HTMLElement} best where the best one is told
 * @property {HTMLElement} list where all are told
 * @property {(hold: import("./session.js").TellsHold) => void} add one that is over
 */

/** @returns {Holds} none yet */
export function newHolds() {
  const best = element("p", { className: "best" }, text("live.no-best"));
  const rows = element("ol", { reversed: true });
  const none = element("p", { className: "soft" }, text("live.no-holds"));
  const list = element("section", {}, element("h2", {}, text("live.holds")), none, rows);
  let longest = 0;

  return {
    best,
    list,
    add: (hold) => {
      const seconds = hold.end - hold.start;
      const values = { seconds: number(seconds, 1), score: number(hold.score * 100) };
      if (seconds > longest) {
        longest = seconds;
        best.textContent = text("live.best", { pose: named(hold), seconds: values.seconds });
      }
      none.remove();
      // The newest first, as there is no time to look for it.
      rows.prepend(element("li", {}, element("b", {}, named(hold)), text("live.held-row", values)));
    },
  };
}
