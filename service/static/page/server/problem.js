/** What went wrong, in one sentence with the next step. */

import { all, filled, language, text } from "../texts.js";

/** The kinds of problems that are no answer of the service. */
export const UNREACHABLE = "unreachable";

/** What a proxy answers in place of a service that it can't reach. */
const AWAY = new Set([502, 503, 504]);

export class Problem extends Error {
  /**
   * @param {string} kind as /docs lists them, or one of this module's
   * @param {string} sentence
   * @param {number | null} [retrySeconds] after which it is worth trying again
   */
  constructor(kind, sentence, retrySeconds = null) {
    super(sentence);
    this.kind = kind;
    this.retrySeconds = retrySeconds;
  }
}

/** @returns {Problem} that the service isn't there */
export function unreachable() {
  return new Problem(UNREACHABLE, text("problem.unreachable"));
}

/**
 * Read the problem that the service answers, or tells as an event.
 *
 * @param {string} body JSON
 * @param {number} status of HTTP
 * @param {string | null} [retryAfter] as the header has it
 * @returns {Problem}
 */
export function problemIn(body, status, retryAfter = null) {
  /** @type {{ type?: string, error?: string }} */
  let told = {};
  try {
    told = JSON.parse(body);
  } catch {
    // A proxy's page, and no answer of the service.
  }
  // A proxy says so where the service is away for a moment.
  if (!told.type && AWAY.has(status)) return unreachable();
  const kind = told.type?.split("#")[1] ?? `status-${status}`;
  const sentence = told.error ?? text("problem.status", { status });
  const seconds = Number(retryAfter);
  return new Problem(kind, translated(kind, sentence), retryAfter === null ? null : seconds);
}

/**
 * @param {string} kind
 * @param {string} sentence in English
 * @returns {string} in the language of the page, as far as it knows the kind
 */
function translated(kind, sentence) {
  /** @type {Record<string, string>} */
  const known = all().problems;
  // The service speaks to programmers there.
  if (kind === "unauthorized") return text("token.missing");
  return language() === "en" || !(kind in known) ? sentence : filled(known[kind], { sentence });
}
