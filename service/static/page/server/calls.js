/** Calls of the service, wherever it is mounted: with the token, and with problems as sentences. */

import { problemIn, unreachable } from "./problem.js";
import { askForToken, authorization, token } from "./token.js";

/** The address of the service, two folders above that of the page's files. */
export const ROOT = new URL("../../../", import.meta.url);

/**
 * Ask the service for something.
 *
 * @param {string} path from ROOT
 * @param {RequestInit} [request]
 * @returns {Promise<Response>} one that succeeded
 * @throws {import("./problem.js").Problem} where it didn't
 */
export async function ask(path, request = {}) {
  for (;;) {
    const used = token();
    const headers = { ...request.headers, ...authorization() };
    const answer = await fetch(new URL(path, ROOT), { ...request, headers }).catch((error) => {
      throw request.signal?.aborted ? error : unreachable();
    });
    if (answer.ok) return answer;
    if (answer.status === 401 && (await askForToken(used))) continue;
    throw problemIn(await answer.text(), answer.status, answer.headers.get("Retry-After"));
  }
}

/**
 * @typedef {object} Posted
 * @property {number} status
 * @property {string | null} location
 * @property {Blob} content
 */

/**
 * @typedef {object} Watching
 * @property {AbortSignal} [signal] that ends it
 * @property {(sent: number, of: number) => void} [onSent] told how many bytes are on their way
 * @property {(text: string) => void} [onText] told all of the answer that has come so far, while it
 *     comes; the content is empty then
 */

/**
 * Send a form, which fetch can't tell the progress of.
 *
 * @param {string} path from ROOT
 * @param {FormData} form
 * @param {Record<string, string>} headers
 * @param {Watching} watching
 * @returns {Promise<Posted>} one that succeeded
 * @throws {import("./problem.js").Problem} where it didn't
 */
export async function post(path, form, headers, watching) {
  for (;;) {
    const used = token();
    try {
      return await posted(path, form, { ...headers, ...authorization() }, watching);
    } catch (problem) {
      const wanted = problem instanceof Error && "kind" in problem && problem.kind;
      if (wanted !== "unauthorized" || !(await askForToken(used))) throw problem;
    }
  }
}

/**
 * @param {string} path
 * @param {FormData} form
 * @param {Record<string, string>} headers
 * @param {Watching} watching
 * @returns {Promise<Posted>}
 */
function posted(path, form, headers, { signal, onSent, onText }) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", new URL(path, ROOT));
    call.responseType = onText ? "text" : "blob";
    for (const [name, value] of Object.entries(headers)) call.setRequestHeader(name, value);
    call.upload.onprogress = ({ loaded, total }) => onSent?.(loaded, total);
    call.onprogress = () => call.status === 200 && onText?.(call.responseText);
    call.onerror = () => reject(unreachable());
    call.onabort = () => reject(signal?.reason);
    call.onload = async () => {
      if (call.status >= 200 && call.status < 300) {
        onText?.(call.responseText);
        const content = onText ? new Blob() : call.response;
        resolve({ status: call.status, location: call.getResponseHeader("Location"), content });
      } else {
        const body = onText ? call.responseText : await call.response.text();
        reject(problemIn(body, call.status, call.getResponseHeader("Retry-After")));
      }
    };
    signal?.addEventListener("abort", () => call.abort());
    if (signal?.aborted) reject(signal.reason);
    else call.send(form);
  });
}
