/** The videos of the results that were made since the page was opened. */

/** @type {Map<string, Blob>} */
const videos = new Map();

/**
 * @param {string} id of the result
 * @param {Blob} video
 */
export function remember(id, video) {
  videos.set(id, video);
}

/**
 * @param {import("./store.js").Kept} kept
 * @returns {Blob | null} its video, where it is there
 */
export function videoOf(kept) {
  return videos.get(kept.id) ?? kept.video;
}
