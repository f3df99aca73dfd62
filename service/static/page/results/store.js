/** The history: earlier results, in the browser's own storage and nowhere else. */

/** @typedef {import("../server/types.js").Answer} Answer */

/**
 * @typedef {object} Kept
 * @property {string} id
 * @property {string} date when it was analysed, ISO 8601
 * @property {string} name of the video's file
 * @property {string} note
 * @property {Answer} answer as the service gave it
 * @property {Blob | null} video where it is to be kept as well
 */

const DATABASE = "dance-poses";
const RESULTS = "results";
const VERSION = 1;

/** What says that a file is an exported history. */
export const EXPORT = "dance-poses history";

/** What can't be stored, as in a private window, is there until the page is left. @type {Map<string, Kept>} */
const unstored = new Map();

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => request.result.createObjectStore(RESULTS, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @template Result
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<Result>} work
 * @returns {Promise<Result>} what it gives, once it is stored
 */
async function stored(mode, work) {
  const database = await opened();
  try {
    const change = database.transaction(RESULTS, mode);
    const request = work(change.objectStore(RESULTS));
    await new Promise((resolve, reject) => {
      change.oncomplete = resolve;
      change.onerror = change.onabort = () => reject(change.error);
    });
    return request.result;
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
 * @param {Kept} kept
 * @returns {Promise<boolean>} whether it is there when the page is opened again
 */
export async function keep(kept) {
  try {
    await stored("readwrite", (store) => store.put(kept));
    unstored.delete(kept.id);
    return true;
  } catch {
    unstored.set(kept.id, kept);
    return false;
  }
}

/**
 * @param {string} id
 * @returns {Promise<Kept | null>} null where there is none
 */
export async function get(id) {
  const found = await stored("readonly", (store) => store.get(id)).catch(() => undefined);
  return unstored.get(id) ?? found ?? null;
}

/** @returns {Promise<Kept[]>} all results, the newest first */
export async function all() {
  /** @type {Kept[]} */
  const found = await stored("readonly", (store) => store.getAll()).catch(() => []);
  const every = [...found.filter(({ id }) => !unstored.has(id)), ...unstored.values()];
  return every.sort((one, other) => other.date.localeCompare(one.date));
}

/** @param {string} id of the result to be deleted */
export async function forget(id) {
  unstored.delete(id);
  await stored("readwrite", (store) => store.delete(id)).catch(() => undefined);
}

/** Delete all of the history. */
export async function forgetAll() {
  unstored.clear();
  await stored("readwrite", (store) => store.clear()).catch(() => undefined);
}

/**
 * Give all of the history as one file; videos, which are large, stay where they are.
 *
 * @returns {Promise<Blob>} JSON
 */
export async function exported() {
  const results = (await all()).map((kept) => ({ ...kept, video: null }));
  return new Blob([JSON.stringify({ kind: EXPORT, version: VERSION, results })], {
    type: "application/json",
  });
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

/**
 * @param {any} value
 * @returns {boolean} whether it has what the page shows of a result
 */
function isKept(value) {
  const texts = [value?.id, value?.date, value?.name, value?.note];
  const lists = ["segments", "near_misses", "undecidable", "times", "landmarks", "size"];
  return (
    texts.every((each) => typeof each === "string") &&
    !Number.isNaN(Date.parse(value.date)) &&
    lists.every((name) => Array.isArray(value.answer?.[name])) &&
    typeof value.answer.video?.duration === "number" &&
    typeof value.answer.angles === "object"
  );
}
