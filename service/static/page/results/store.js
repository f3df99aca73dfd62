/** The history: earlier results, in the browser's own storage and nowhere else. */

import { isKept } from "./valid.js";

/** @typedef {import("../server/types.js").Answer} Answer */

/**
 * @typedef {object} Kept
 * @property {string} id
 * @property {string} date when it was analysed, ISO 8601
 * @property {string} name of the video's file
 * @property {string} note
 * @property {string[]} poses those that were looked for; none means all
 * @property {Answer} answer as the service gave it
 * @property {Blob | null} video where it is to be kept as well
 */

/**
 * A result without what is large, which grows with the video's frames.
 *
 * @typedef {Kept & { answer: { landmarks: [], times: [] } }} Short
 */

const DATABASE = "dance-poses";
/** Results without what is large, and that by the same id: a long history is read at once. */
const [SHORT, LARGE] = ["results", "frames"];
const VERSION = 1;

/** What says that a file is an exported history. */
export const EXPORT = "dance-poses history";

/** What can't be stored, as in a private window, is there until the page is left. @type {Map<string, Kept>} */
const unstored = new Map();

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      for (const name of [SHORT, LARGE]) request.result.createObjectStore(name, { keyPath: "id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @template Result
 * @param {IDBTransactionMode} mode
 * @param {(short: IDBObjectStore, large: IDBObjectStore) => IDBRequest<Result>[]} work
 * @returns {Promise<Result[]>} what it gives, once it is stored
 */
async function stored(mode, work) {
  const database = await opened();
  try {
    const change = database.transaction([SHORT, LARGE], mode);
    const requests = work(change.objectStore(SHORT), change.objectStore(LARGE));
    await new Promise((resolve, reject) => {
      change.oncomplete = resolve;
      change.onerror = change.onabort = () => reject(change.error);
    });
    return requests.map(({ result }) => result);
  } finally {
    database.close();
  }
}

/** @returns {string} an id that no other result has */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/**
 * Keep a result, in place of the one with its id if there is one.
 *
 * @param {Kept} kept whole
 * @returns {Promise<boolean>} whether it is there when the page is opened again
 */
export async function keep(kept) {
  const { landmarks, world_landmarks, times, angles, ...answer } = kept.answer;
  const short = { ...kept, answer: { ...answer, landmarks: [], times: [], angles: {} } };
  const large = { id: kept.id, landmarks, world_landmarks, times, angles };
  try {
    await stored("readwrite", (shorts, larges) => [shorts.put(short), larges.put(large)]);
    unstored.delete(kept.id);
    return true;
  } catch {
    unstored.set(kept.id, kept);
    return false;
  }
}

/** @param {string} id @returns {boolean} whether a result is there only until the page is left */
export function isUnstored(id) {
  return unstored.has(id);
}

/**
 * @param {string} id
 * @returns {Promise<Kept | null>} the whole result, null where there is none
 */
export async function get(id) {
  const known = unstored.get(id);
  if (known) return known;
  const [short, large] = await stored("readonly", (shorts, larges) => [
    shorts.get(id),
    larges.get(id),
  ]).catch(() => []);
  if (!short || !large) return null;
  const { id: _, ...frames } = large;
  return { ...short, answer: { ...short.answer, ...frames } };
}

/** @returns {Promise<Short[]>} all results, the newest first */
export async function all() {
  const [found] = await stored("readonly", (shorts) => [shorts.getAll()]).catch(() => [[]]);
  const every = [
    ...found.filter((/** @type {Short} */ { id }) => !unstored.has(id)),
    ...unstored.values(),
  ];
  return every.sort((one, other) => other.date.localeCompare(one.date));
}

/**
 * @param {string} id of a result
 * @param {string} note that it is to have
 */
export async function annotate(id, note) {
  const kept = await get(id);
  if (kept) await keep({ ...kept, note });
}

/** @param {string} id of the result to be deleted */
export async function forget(id) {
  unstored.delete(id);
  await stored("readwrite", (shorts, larges) => [shorts.delete(id), larges.delete(id)]).catch(
    () => undefined,
  );
}

/** Delete all of the history. */
export async function forgetAll() {
  unstored.clear();
  await stored("readwrite", (shorts, larges) => [shorts.clear(), larges.clear()]).catch(
    () => undefined,
  );
}

/**
 * Give all of the history as one file; videos, which are large, stay where they are.
 *
 * @returns {Promise<Blob>} JSON
 */
export async function exported() {
  // One after the other, each as text: all at once they may be more than there is memory for.
  const parts = [`{"kind": ${JSON.stringify(EXPORT)}, "version": ${VERSION}, "results": [`];
  for (const { id } of await all()) {
    if (parts.length > 1) parts.push(", ");
    parts.push(JSON.stringify({ ...(await get(id)), video: null }));
  }
  return new Blob([...parts, "]}"], { type: "application/json" });
}

/**
 * Take in a history that was exported; what is there already stays as it is.
 *
 * @param {Blob} file
 * @returns {Promise<number>} how many results are new
 * @throws {TypeError} where it is no history
 */
export async function imported(file) {
  const known = new Set((await all()).map(({ id }) => id));
  const results = historyIn(await file.text()).filter(({ id }) => !known.has(id));
  for (const kept of results) await keep({ ...kept, video: null });
  return results.length;
}

/**
 * @param {string} text
 * @returns {Kept[]}
 * @throws {TypeError} where it is no history
 */
function historyIn(text) {
  let read;
  try {
    read = JSON.parse(text);
  } catch {
    throw new TypeError("The file is no JSON.");
  }
  if (read?.kind !== EXPORT || !Array.isArray(read.results) || !read.results.every(isKept)) {
    throw new TypeError("The file is no history.");
  }
  return read.results;
}
