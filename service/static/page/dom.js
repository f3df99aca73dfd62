/** Elements of the page, made in one call. */

/**
 * Make an element.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, unknown>} [properties] of the element; those with a dash, and `role`, are
 *     attributes, and what is null or undefined is left out
 * @param {...(Node | string | null | undefined | false)} children what is in it, in its order
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (key.includes("-") || key === "role" || key === "for" || key === "list") {
      made.setAttribute(key, String(value));
    } else {
      Reflect.set(made, key, value);
    }
  }
  made.append(...present(children));
  return made;
}

/**
 * Make an element of an SVG picture.
 *
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {SVGElementTagNameMap[Name]}
 */
export function drawn(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...present(children));
  return made;
}

/**
 * Make a button.
 *
 * @param {string} label
 * @param {(event: MouseEvent) => void} onclick
 * @param {Record<string, unknown>} [properties]
 * @returns {HTMLButtonElement}
 */
export function button(label, onclick, properties = {}) {
  return element("button", { type: "button", onclick, ...properties }, label);
}

/**
 * Make an input with its label.
 *
 * @template {HTMLElement} Input
 * @param {string} label
 * @param {Input} input
 * @returns {HTMLLabelElement}
 */
export function labelled(label, input) {
  const checks = input instanceof HTMLInputElement && input.type === "checkbox";
  return checks
    ? element("label", { className: "check" }, input, label)
    : element("label", {}, element("span", {}, label), input);
}

/**
 * Make a choice.
 *
 * @param {Iterable<[value: string, label: string]>} options
 * @param {string} value the one that is chosen
 * @param {(value: string) => void} onchoice
 * @returns {HTMLSelectElement}
 */
export function choice(options, value, onchoice) {
  const made = element("select", { onchange: () => onchoice(made.value) });
  for (const [each, label] of options) made.append(element("option", { value: each }, label));
  made.value = value;
  return made;
}

/**
 * Put something at the end of an element.
 *
 * @param {HTMLElement} place
 * @param {...(Node | string | null | undefined | false)} children
 */
export function fill(place, ...children) {
  place.append(...present(children));
}

/** @param {(Node | string | null | undefined | false)[]} children */
function present(children) {
  return children.filter((child) => child !== null && child !== undefined && child !== false);
}

/**
 * Have somebody save a file.
 *
 * @param {Blob} content
 * @param {string} name
 */
export function save(content, name) {
  const url = URL.createObjectURL(content);
  element("a", { href: url, download: name }).click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
