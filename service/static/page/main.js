/** The page: its frame, its language, and the view that its address names. */

import { button, choice, element } from "./dom.js";
import { LANGUAGES, choose, language, load, text } from "./texts.js";

/**
 * @typedef {object} View
 * @property {(place: HTMLElement, rest: string, signal: AbortSignal) => void | Promise<void>} show
 *     fills a place; the rest of the address says with what, and the signal when it is left
 */

/** The views, each loaded when it is first looked at. @type {Record<string, () => Promise<View>>} */
const VIEWS = {
  analyse: () => import("./views/analyse.js"),
  result: () => import("./views/result.js"),
  live: () => import("./views/live.js"),
  compare: () => import("./views/compare.js"),
  poses: () => import("./views/poses.js"),
  history: () => import("./views/history.js"),
};

/** Those that can be chosen, with what they are called. */
const MENU = /** @type {const} */ ([
  ["analyse", "menu.analyse"],
  ["live", "menu.live"],
  ["compare", "menu.compare"],
  ["poses", "menu.poses"],
  ["history", "menu.history"],
]);

let left = new AbortController();

/** @returns {[name: string, rest: string]} the view that the address names: `#/result/17` */
function named() {
  const [name, ...rest] = location.hash.replace(/^#\//, "").split("/");
  if (!Object.hasOwn(VIEWS, name)) return ["analyse", ""];
  try {
    return [name, rest.map(decodeURIComponent).join("/")];
  } catch {
    return [name, ""];
  }
}

/** Show the view that the address names. */
async function show() {
  left.abort();
  left = new AbortController();
  const { signal } = left;
  const [name, rest] = named();
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#/${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const place = element("main", { id: "main", tabIndex: -1 });
  const first = !document.querySelector("main")?.id;
  try {
    const view = await VIEWS[name]();
    if (signal.aborted) return;
    document.querySelector("main")?.replaceWith(place);
    await view.show(place, rest, signal);
  } catch {
    if (!signal.aborted) fail(place);
  }
  if (signal.aborted) return;
  const heading = place.querySelector("h1");
  document.title = heading ? `${heading.textContent} · ${text("title")}` : text("title");
  // Whoever chose it, by keys or by voice, is in it then.
  if (!first) {
    place.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

/** @param {HTMLElement} place of a view that can't be shown, as where it can't be loaded */
function fail(place) {
  const again = button(text("view.again"), () => location.reload(), { className: "main" });
  place.replaceChildren(
    element("h1", {}, text("title")),
    element(
      "div",
      { className: "card problem", role: "alert" },
      element("p", {}, text("view.failed")),
      again,
    ),
  );
  document.querySelector("main")?.replaceWith(place);
}

/** Make what is around the views. */
function frame() {
  const languages = choice(Object.entries(LANGUAGES), language(), (chosen) => {
    choose(chosen);
    location.reload();
  });
  languages.setAttribute("aria-label", text("menu.language"));
  const links = MENU.map(([name, key]) =>
    element("li", {}, element("a", { href: `#/${name}` }, text(key))),
  );
  document.body.replaceChildren(
    element("a", { className: "skip", href: "#main", onclick: toMain }, text("menu.skip")),
    element(
      "header",
      {},
      element("a", { className: "name", href: "#/analyse" }, text("title")),
      element("nav", { "aria-label": text("menu.label") }, element("ul", {}, ...links)),
      languages,
    ),
    // Its place, so that nothing moves when the first view is there.
    element("main"),
    element("footer", {}, element("p", {}, text("footer.private")), footerLinks()),
  );
}

/** @returns {HTMLElement} */
function footerLinks() {
  const link = element("a", { href: "docs" }, text("footer.docs"));
  return element("p", {}, link);
}

/** @param {Event} event */
function toMain(event) {
  // The address names the view, and no place in it.
  event.preventDefault();
  document.querySelector("main")?.focus();
}

await load();
frame();
addEventListener("hashchange", show);
await show();
