/** Small things that the browser keeps: until its data are cleared, or the window is closed. */

/** What a browser that keeps nothing for this page has until it is left. @type {Map<string, string>} */
const unkept = new Map();

/**
 * @param {"localStorage" | "sessionStorage"} where
 * @param {string} name
 * @returns {string | null}
 */
export function kept(where, name) {
  try {
    return unkept.get(name) ?? window[where].getItem(name);
  } catch {
    return null;
  }
}

/**
 * @param {"localStorage" | "sessionStorage"} where
 * @param {string} name
 * @param {string | null} value null to be kept no longer
 */
export function keepHere(where, name, value) {
  unkept.delete(name);
  try {
    if (value === null) window[where].removeItem(name);
    else window[where].setItem(name, value);
  } catch {
    if (value !== null) unkept.set(name, value);
  }
}
