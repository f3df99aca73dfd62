/** Earlier results: opened, followed over time, taken to another browser, deleted. */

import { button, choice, element, labelled, save } from "../dom.js";
import { styled } from "../look.js";
import { posesIn, progressOf } from "../results/progress.js";
import { all, annotate, exported, forget, forgetAll, imported } from "../results/store.js";
import { limits } from "../server/limits.js";
import { locale, number, text } from "../texts.js";

/** @typedef {import("../results/store.js").Kept} Kept */

/** @param {HTMLElement} place */
export async function show(place) {
  place.append(element("h1", {}, text("history.title")));
  const [history] = await Promise.all([all(), styled("history.css"), styled("curve.css")]);
  const refresh = async (/** @type {string} */ told) => {
    place.replaceChildren();
    await show(place);
    const state = place.querySelector("[role=status]");
    if (state) state.textContent = told;
    place.focus();
  };
  place.append(
    element("p", {}, text("history.where")),
    element(
      "p",
      { className: "soft" },
      text("history.service", { hours: number(limits().kept_seconds / 3600) }),
    ),
    element("p", { role: "status" }),
    history.length > 0
      ? list(history, refresh)
      : element("p", { className: "card" }, text("history.empty")),
    buttons(history, refresh),
  );
  if (posesIn(history).length > 0) place.append(progress(history));
}

/**
 * @param {Kept[]} history
 * @param {(told: string) => void} refresh
 * @returns {HTMLElement}
 */
function list(history, refresh) {
  const dated = new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" });
  const items = history.map((kept) => {
    const when = dated.format(new Date(kept.date));
    const note = element("input", {
      value: kept.note,
      onchange: () => annotate(kept.id, note.value),
    });
    const remove = async () => {
      await forget(kept.id);
      refresh(text("history.deleted", { name: kept.name }));
    };
    return element(
      "li",
      { className: "card" },
      element("h2", {}, element("a", { href: `#/result/${kept.id}` }, kept.name)),
      element("p", { className: "soft" }, when, kept.video ? `, ${text("history.video")}` : ""),
      element("p", {}, Object.keys(kept.answer.detected_poses).join(", ") || text("result.none")),
      labelled(text("result.note"), note),
      button(text("history.delete"), remove, {
        "aria-label": text("history.delete.of", { name: kept.name, when }),
      }),
    );
  });
  return element("ul", { className: "cards" }, ...items);
}

/**
 * @param {Kept[]} history
 * @param {(told: string) => void} refresh
 * @returns {HTMLElement}
 */
function buttons(history, refresh) {
  const take = async () => {
    const chosen = file.files?.[0];
    if (!chosen) return;
    try {
      refresh(text("history.imported", { count: await imported(chosen) }));
    } catch {
      refresh(text("history.nohistory"));
    }
  };
  const file = element("input", {
    type: "file",
    accept: ".json,application/json",
    className: "hidden",
    id: "import",
    onchange: take,
  });
  const remove = async () => {
    if (!confirm(text("history.sure"))) return;
    await forgetAll();
    refresh(text("history.alldeleted"));
  };
  return element(
    "div",
    { className: "buttons" },
    button(text("history.export"), async () => save(await exported(), "dance-history.json"), {
      disabled: history.length === 0,
    }),
    file,
    element("label", { className: "button", for: "import" }, text("history.import")),
    button(text("history.deleteall"), remove, { disabled: history.length === 0 }),
  );
}

/** @param {Kept[]} history @returns {HTMLElement} */
function progress(history) {
  const poses = posesIn(history);
  const shown = element("div", {}, progressOf(history, poses[0]));
  const options = poses.map((pose) => /** @type {[string, string]} */ ([pose, pose]));
  const choose = choice(options, poses[0], (pose) =>
    shown.replaceChildren(progressOf(history, pose)),
  );
  return element(
    "section",
    {},
    element("h2", {}, text("progress.title")),
    element("p", { className: "soft" }, text("progress.lead")),
    labelled(text("progress.pose"), choose),
    shown,
  );
}
