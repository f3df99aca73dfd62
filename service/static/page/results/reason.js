/** Why something can't be told, in the page's language. */

import { all, text } from "../texts.js";

/** How the service names from where a dancer is seen. */
const FROM = /** @type {const} */ ({
  "from the front": "from.front",
  "from behind": "from.behind",
  "in profile": "from.profile",
});

const VIEWS = /** @type {const} */ ({
  front: "view.front",
  "three-quarter": "view.three-quarter",
  profile: "view.profile",
});

/**
 * Give the reason of an undecidable stretch.
 *
 * @param {string} reason as the service has it: "seen in profile, wants a front view", or "the left
 *     hand can't be seen"
 * @returns {string} it, to stand behind a colon
 */
export function reasonOf(reason) {
  const seen = /^seen (.*), wants a (.*) view$/.exec(reason);
  if (seen && seen[1] in FROM) {
    const from = text(FROM[/** @type {keyof typeof FROM} */ (seen[1])]);
    const views = seen[2]
      .split(" or ")
      .map((view) => text(VIEWS[/** @type {keyof typeof VIEWS} */ (view)]));
    return text("seen.from", { from, views: views.join(text("list.or")) });
  }
  const hidden = /^the (.*) can't be seen$/.exec(reason);
  if (!hidden) return reason;
  /** @type {Record<string, string>} */
  const words = all().reasons;
  const parts = hidden[1]
    .split(" and the ")
    .map((part) => words[part] ?? words[`the ${part}`] ?? part);
  return text("unseen", { parts: parts.join(text("list.and")) });
}
