/** What is chosen before a dance: the pose, the camera, and whether it speaks. */

import { choice, element, labelled } from "../dom.js";
import { ROOT } from "../server/calls.js";
import { descriptionOf, familyName, text } from "../texts.js";
import { SPEAKS } from "./voice.js";

/** @typedef {import("../server/types.js").Pose} Pose */

/**
 * @typedef {object} Wish
 * @property {string} practise the name of a pose, "" for none
 * @property {HTMLImageElement | null} drawing of that pose
 * @property {import("../camera.js").Facing} facing
 * @property {boolean} speech
 */

/**
 * Make the form.
 *
 * @param {Pose[]} poses that can be practised
 * @param {string} wanted the name or another name of one, or "" for none
 * @param {(wish: Wish) => void} onStart
 * @returns {HTMLFormElement}
 */
export function newSetup(poses, wanted, onStart) {
  const about = element("div", { className: "about" });
  const chosen = poses.find((pose) => isCalled(pose, wanted))?.name ?? "";
  const pose = choice([["", text("live.all")]], "", (name) => {
    // So that the address leads here again, and the view stays.
    history.replaceState(null, "", name ? `#/live/${encodeURIComponent(name)}` : "#/live");
    describe(name);
  });
  for (const family of new Set(poses.map((each) => each.family))) {
    const names = poses.filter((each) => each.family === family).map((each) => each.name);
    const options = names.map((name) => element("option", { value: name }, name));
    pose.append(element("optgroup", { label: familyName(family) }, ...options));
  }
  pose.value = chosen;

  /** @param {string} name */
  const describe = (name) => {
    const entry = poses.find((each) => each.name === name);
    about.hidden = !entry;
    if (!entry) return;
    about.replaceChildren(element("p", {}, descriptionOf(entry)));
    about.prepend(drawingOf(entry) ?? "");
  };
  describe(chosen);

  /** @type {Wish["facing"]} */
  let facing = "user";
  const camera = choice(
    [
      ["user", text("live.front")],
      ["environment", text("live.back")],
    ],
    facing,
    (value) => (facing = value === "user" ? "user" : "environment"),
  );
  const speech = element("input", { type: "checkbox", checked: SPEAKS });
  return element(
    "form",
    {
      className: "card setup",
      onsubmit: (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        const entry = poses.find((each) => each.name === pose.value);
        const drawing = entry ? drawingOf(entry) : null;
        onStart({ practise: pose.value, drawing, facing, speech: speech.checked });
      },
    },
    labelled(text("live.pose"), pose),
    about,
    labelled(text("live.camera"), camera),
    SPEAKS && labelled(text("live.speak"), speech),
    element("p", { className: "soft" }, text("live.how")),
    element(
      "div",
      { className: "buttons" },
      element("button", { className: "main" }, text("live.start")),
    ),
  );
}

/** @param {Pose} pose @returns {HTMLImageElement | null} */
function drawingOf({ name, drawing }) {
  if (!drawing) return null;
  const alt = text("live.drawing", { pose: name });
  return element("img", { className: "drawing", src: new URL(drawing, ROOT).href, alt });
}

/** @param {Pose} pose @param {string} name */
function isCalled(pose, name) {
  const [wanted, ...names] = [name, pose.name, ...Object.keys(pose.aliases)].map((each) =>
    each.toLowerCase(),
  );
  return names.includes(wanted);
}
