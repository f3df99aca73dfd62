/** The catalogue of poses with its drawings: searched, and chosen from. */

import { button, element, labelled } from "../dom.js";
import { styled } from "../look.js";
import { ROOT } from "../server/calls.js";
import { catalogue } from "../server/catalogue.js";
import { descriptionOf, familyName, text } from "../texts.js";
import { wantPoses, wantedPoses } from "../wanted.js";

/** @typedef {import("../server/types.js").Pose} Pose */

/**
 * @param {HTMLElement} place
 * @param {string} _
 * @param {AbortSignal} signal
 */
export async function show(place, _, signal) {
  place.append(element("h1", {}, text("poses.title")), element("p", {}, text("poses.lead")));
  const [poses] = await Promise.all([catalogue().catch(told), styled("poses.css")]);
  if (signal.aborted) return;
  if (typeof poses === "string") {
    place.append(element("p", { className: "card problem", role: "alert" }, poses));
    return;
  }
  const wanted = new Set(wantedPoses());
  const chosen = element("p", { role: "status" });
  const changed = () => {
    wantPoses([...wanted]);
    chosen.textContent = wanted.size
      ? text("poses.chosen", { names: [...wanted].join(", ") })
      : text("poses.all");
  };
  const cards = poses.map((pose) => ({ pose, card: cardOf(pose, wanted, changed) }));
  const none = element("p", { hidden: true }, text("poses.none"));
  const search = element("input", { type: "search", oninput: () => filter() });
  const filter = () => {
    for (const { pose, card } of cards) card.hidden = !matches(pose, search.value);
    none.hidden = cards.some(({ card }) => !card.hidden);
  };
  const everything = () => {
    wanted.clear();
    for (const box of place.querySelectorAll("input[type=checkbox]"))
      Reflect.set(box, "checked", false);
    changed();
  };
  place.append(
    labelled(text("poses.search"), search),
    chosen,
    element(
      "div",
      { className: "buttons" },
      element("a", { className: "button main", href: "#/analyse" }, text("menu.analyse")),
      button(text("analyse.back"), everything),
    ),
    none,
    element("ul", { className: "cards" }, ...cards.map(({ card }) => card)),
  );
  changed();
}

/**
 * @param {Pose} pose
 * @param {string} words searched for: of its name, other names, schools, family or description
 * @returns {boolean} whether it has all of them
 */
export function matches(pose, words) {
  const { name, family, description, aliases } = pose;
  const shown = [familyName(family), descriptionOf(pose)];
  const others = Object.entries(aliases).flat();
  const about = plain([name, family, description, ...shown, ...others].join(" "));
  return plain(words)
    .split(/\s+/)
    .every((word) => about.includes(word));
}

/** @param {string} words @returns {string} in small letters without accents */
function plain(words) {
  return words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

/**
 * @param {Pose} pose
 * @param {Set<string>} wanted
 * @param {() => void} changed
 * @returns {HTMLLIElement}
 */
function cardOf(pose, wanted, changed) {
  const others = Object.entries(pose.aliases).map(([name, school]) => `${name} (${school})`);
  const box = element("input", {
    type: "checkbox",
    "aria-label": text("poses.want.of", { pose: pose.name }),
    checked: wanted.has(pose.name),
    onchange: () => {
      if (box.checked) wanted.add(pose.name);
      else wanted.delete(pose.name);
      changed();
    },
  });
  const src = pose.drawing && new URL(pose.drawing, ROOT).href;
  return element(
    "li",
    { className: "card pose" },
    src
      ? element("img", {
          className: "drawing",
          loading: "lazy",
          width: 144,
          height: 144,
          src,
          alt: "",
        })
      : null,
    element("h2", {}, pose.name),
    element(
      "p",
      { className: "soft" },
      familyName(pose.family),
      pose.experimental ? `, ${text("poses.experimental")}` : "",
    ),
    element("p", {}, descriptionOf(pose)),
    others.length > 0 && element("p", {}, text("poses.also", { names: others.join(", ") })),
    labelled(text("poses.want"), box),
    pose.kind === "static" &&
      element(
        "a",
        {
          href: `#/live/${encodeURIComponent(pose.name)}`,
          "aria-label": text("poses.practise.of", { pose: pose.name }),
        },
        text("poses.practise"),
      ),
  );
}

/** @param {unknown} problem @returns {string} */
function told(problem) {
  return problem instanceof Error ? problem.message : String(problem);
}
