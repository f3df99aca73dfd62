/** The catalogue of poses, asked for once. */

import { ask } from "./calls.js";

/** @typedef {import("./types.js").Pose} Pose */

/** @type {Promise<Pose[]> | null} */
let asked = null;

/**
 * @returns {Promise<Pose[]>}
 * @throws {import("./problem.js").Problem} where it can't be had
 */
export function catalogue() {
  asked ??= ask("poses")
    .then((answer) => answer.json())
    .then(({ poses }) => poses);
  asked.catch(() => (asked = null));
  return asked;
}
