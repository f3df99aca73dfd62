/** A field for a video, which can be dropped on it too. */

import { element, labelled } from "../dom.js";

/**
 * @typedef {object} VideoField
 * @property {HTMLElement} place
 * @property {() => File | undefined} file the one that is chosen
 * @property {(required: boolean) => void} require
 */

/**
 * @param {string} label
 * @param {string} why what it shows
 * @returns {VideoField}
 */
export function videoField(label, why) {
  const input = element("input", {
    type: "file",
    accept: "video/*,.mkv,.avi,.mts,.mxf,.gif",
    required: true,
  });
  const place = element(
    "div",
    { className: "drop card" },
    labelled(label, input),
    element("p", { className: "soft" }, why),
  );
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    if (event.dataTransfer?.files.length) input.files = event.dataTransfer.files;
  });
  return {
    place,
    file: () => input.files?.[0],
    require: (required) => (input.required = required),
  };
}
