/** The token of a service that wants one: asked for once, kept until the window is closed. */

import { button, element, labelled } from "../dom.js";
import { keepHere, kept } from "../kept.js";
import { text } from "../texts.js";

const KEPT = "token";

/** How its dialog is closed by who has given it. */
const GIVEN = "given";

/** @returns {string} the token, or "" where none is known */
export function token() {
  return kept("sessionStorage", KEPT) ?? "";
}

/** @returns {Record<string, string>} the headers that show it */
export function authorization() {
  return token() ? { Authorization: `Bearer ${token()}` } : {};
}

/** @type {Promise<boolean> | null} */
let asking = null;

/**
 * Ask for the token.
 *
 * @param {string} [refused] the token that was not taken, if there was one
 * @returns {Promise<boolean>} whether one was given
 */
export function askForToken(refused = "") {
  // Another one has been given meanwhile.
  if (token() !== refused) return Promise.resolve(true);
  asking ??= asked(refused).finally(() => (asking = null));
  return asking;
}

/** @param {string} refused @returns {Promise<boolean>} */
function asked(refused) {
  return new Promise((resolve) => {
    const input = element("input", {
      type: "password",
      autocomplete: "current-password",
      required: true,
      // What a header can carry.
      pattern: "[!-~]+",
    });
    const dialog = element(
      "dialog",
      { "aria-labelledby": "token-title", onclose: () => end() },
      element(
        "form",
        { method: "dialog" },
        element("h2", { id: "token-title" }, text("token.title")),
        element("p", {}, text(refused ? "token.refused" : "token.why")),
        labelled(text("token.label"), input),
        element(
          "div",
          { className: "buttons" },
          element("button", { className: "main", value: GIVEN }, text("token.use")),
          button(text("cancel"), () => dialog.close()),
        ),
      ),
    );
    const end = () => {
      const given = dialog.returnValue === GIVEN;
      if (given) keepHere("sessionStorage", KEPT, input.value);
      dialog.remove();
      resolve(given);
    };
    document.body.append(dialog);
    dialog.showModal();
  });
}
