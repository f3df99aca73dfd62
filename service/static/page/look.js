/** Looks that only some views need, loaded with them. */

/** @type {Map<string, Promise<void>>} */
const loaded = new Map();

/**
 * Load a style sheet, once.
 *
 * @param {string} file in look/
 * @returns {Promise<void>} when what it styles can be shown
 */
export function styled(file) {
  const known = loaded.get(file);
  if (known) return known;
  const loading = new Promise((/** @type {(value: void) => void} */ resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL(`look/${file}`, import.meta.url).href;
    // Without it the view is plainer, and no worse than that.
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
  loaded.set(file, loading);
  return loading;
}
