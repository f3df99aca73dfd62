/** Keys of the player, while what is around it has the focus. */

/**
 * @param {HTMLElement} place whose keys are heard
 * @param {import("./player.js").DancePlayer} player
 * @param {() => void} loop what the key for it does
 */
export function watchKeys(place, player, loop) {
  /** @type {Record<string, () => void>} */
  const keys = {
    " ": () => player.toggle(),
    k: () => player.toggle(),
    ",": () => player.step(-1),
    ".": () => player.step(1),
    ArrowLeft: () => player.step(-1),
    ArrowRight: () => player.step(1),
    "-": () => player.faster(-1),
    "+": () => player.faster(1),
    m: () => player.mirror(),
    l: loop,
  };
  place.addEventListener("keydown", (event) => {
    const does = keys[event.key];
    if (!does || event.ctrlKey || event.metaKey || event.altKey) return;
    if (usesItself(event.target, event.key)) return;
    event.preventDefault();
    does();
  });
}

/**
 * @param {EventTarget | null} target
 * @param {string} key
 * @returns {boolean} whether an element needs a key for itself
 */
function usesItself(target, key) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches("input[type=range]")) return key.startsWith("Arrow");
  if (target.matches("button, a, summary")) return key === " ";
  return target.matches("input, textarea, select, video");
}
