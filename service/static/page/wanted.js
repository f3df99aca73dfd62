/** Which poses are looked for, as chosen among the catalogue and kept in this browser. */

import { keepHere, kept } from "./kept.js";

const KEPT = "poses";

/** @returns {string[]} names of poses; none means all */
export function wantedPoses() {
  try {
    const names = JSON.parse(kept("localStorage", KEPT) ?? "[]");
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}

/** @param {string[]} names of poses; none means all */
export function wantPoses(names) {
  keepHere("localStorage", KEPT, JSON.stringify(names));
}
