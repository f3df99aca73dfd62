/** The service asked to compare two. */

import { limits } from "../server/limits.js";
import { told } from "../server/analysis.js";
import { Problem, UNREACHABLE } from "../server/problem.js";
import { megabytes } from "../sending/facts.js";
import { text } from "../texts.js";

/** @typedef {import("./form.js").Pair} Pair */
/** @typedef {import("./types.js").Comparison} Comparison */

/** Bytes of a form around the files. */
const AROUND = 4096;

/**
 * Compare two. Nothing of them stays on the service.
 *
 * @param {Pair} pair
 * @param {import("../server/analysis.js").Progress} progress
 * @param {AbortSignal} signal that ends it
 * @returns {Promise<Comparison>}
 * @throws {Problem} where they can't be compared
 */
export async function compared({ video, reference, options }, progress, signal) {
  const theirs = reference instanceof File ? reference : answerOf(reference);
  const [size, most] = [video.size + theirs.size, limits().bytes];
  if (size + AROUND > most) {
    const sizes = { size: megabytes(size), limit: megabytes(most) };
    throw new Problem("upload-too-large", text("compare.tooLarge", sizes));
  }
  const form = new FormData();
  for (const [name, value] of Object.entries(options)) form.append(name, value);
  form.append("video", video);
  form.append("reference", theirs);
  try {
    return /** @type {Comparison} */ (await told("compare", form, progress, signal));
  } catch (problem) {
    const lost = problem instanceof Problem && problem.kind === UNREACHABLE;
    throw lost ? new Problem(UNREACHABLE, text("compare.lost")) : problem;
  }
}

/** @param {import("../results/store.js").Kept} kept @returns {File} */
function answerOf({ answer }) {
  return new File([JSON.stringify(answer)], "reference.json", { type: "application/json" });
}
