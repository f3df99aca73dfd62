/** Which poses are looked for, as chosen among the catalogue and kept in this browser. */

const KEPT = "poses";

/** @returns {string[]} names of poses; none means all */
export function wantedPoses() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(kept) ? kept.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}

/** @param {string[]} names of poses; none means all */
export function wantPoses(names) {
  localStorage.setItem(KEPT, JSON.stringify(names));
}
