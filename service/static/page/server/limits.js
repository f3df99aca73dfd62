/** What the service takes at most, as the page has been told. */

/** @returns {import("./types.js").Limits} */
export function limits() {
  const told = document.querySelector('meta[name="limits"]');
  return JSON.parse(told?.getAttribute("content") ?? "{}");
}
