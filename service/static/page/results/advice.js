/** What to do about a condition that isn't met, in a teacher's words in the page's language. */

import { all, filled, number, text } from "../texts.js";

/** @typedef {import("../server/types.js").Condition} Condition */
/** @typedef {{ name: string, low: string, high: string, out?: string }} Words */

/** What is negative towards the other side. */
const TOWARDS_A_SIDE = new Set(["{side} lean", "{side} hips out", "{side} head inclined"]);

/** Degrees at which a direction leads to the side; 180 is behind. */
const ASIDE = 90;

/**
 * What says little as long as something else is off: how it moves, and where a limb points that may
 * still hang.
 */
const LATER = new Set([
  "change of the height of the hips",
  "drift of the hips",
  "speed of the fastest joint",
  "{side} leg direction",
  "{side} thigh direction",
]);

/**
 * Tell what to do about a condition: "bend your left knee more".
 *
 * @param {Condition} condition one that isn't met
 * @returns {string}
 */
export function toDo(condition) {
  const about = towards(condition);
  const [name, side] = parts(about.quantity);
  const low = isTooLow(about);
  const words = wordsOf(name);
  const values = { side: sideName(side), other: sideName(side === "left" ? "right" : "left") };
  if (!words) return text(low ? "advice.more" : "advice.less", { quantity: condition.quantity });
  const aside = words.out && low && about.low !== null && about.low < ASIDE;
  return filled(aside ? (words.out ?? "") : low ? words.low : words.high, values);
}

/**
 * Tell it with by how much: "bend your left knee more, by 12 degrees".
 *
 * @param {Condition} condition one that isn't met
 * @returns {string}
 */
export function toDoBy(condition) {
  const about = towards(condition);
  const [low, advice] = [isTooLow(about), toDo(condition)];
  const bound = low ? about.low : about.high;
  const [name] = parts(about.quantity);
  // How far a movement is off says nothing to a dancer.
  const moves = LATER.has(name) && about.unit !== "degrees";
  if (bound === null || about.value === null || moves) return advice;
  const digits = digitsOf(about.unit);
  const off = Math.abs(about.value - bound);
  const amount = number(off, digits);
  // Off by less than can be written.
  if (Number(off.toFixed(digits)) === 0) return advice;
  return text("advice.by", { advice, amount, unit: unitName(about.unit) });
}

/**
 * Tell what somebody nearly did: "Almost Warrior II for 0.8 s: bend your left knee more, by 12 degrees."
 *
 * @param {import("../server/types.js").NearMiss} miss
 * @param {string} pose as it is to be named
 * @returns {string}
 */
export function nearly(miss, pose) {
  const seconds = number(miss.end - miss.start, 1);
  const first = [...miss.off].sort((one, other) => later(one) - later(other));
  const advice = first.map(toDoBy).reduce((one, other) => text("and", { one, other }));
  return text("nearly", { pose, seconds, advice });
}

/**
 * Tell what would leave more room where a condition is only just met, or not quite.
 *
 * @param {Condition} condition
 * @returns {string}
 */
export function toDoForRoom(condition) {
  const { value, low, high } = condition;
  const nearLow = high === null || (low !== null && (value ?? 0) - low < high - (value ?? 0));
  const beyond = nearLow ? (low ?? 0) - 1 : high + 1;
  return toDo({ ...condition, value: beyond });
}

/**
 * Tell how a condition stood: "Left elbow: 148 degrees. Wanted: at least 155 degrees."
 *
 * @param {Condition} condition
 * @returns {string}
 */
export function measured(condition) {
  const { value, held, unit } = condition;
  const quantity = capital(quantityName(condition.quantity));
  const bounds = boundsOf(condition);
  if (value === null) return text("measured.unknown", { quantity, bounds });
  const told = text("measured.value", {
    value: number(value, digitsOf(unit)),
    unit: unitName(unit),
  });
  if (held) return text("measured.held", { quantity, value: told, bounds });
  return text("measured.off", { quantity, value: told, bounds, advice: capital(toDo(condition)) });
}

/**
 * Give the name of a quantity in the page's language.
 *
 * @param {string} quantity as the service names it
 * @returns {string}
 */
export function quantityName(quantity) {
  const [name, side] = parts(quantity);
  return filled(wordsOf(name)?.name ?? quantity, { side: sideName(side) });
}

/**
 * @param {Condition} condition
 * @returns {string} its bounds: "at least 155 degrees"
 */
function boundsOf({ low, high, unit }) {
  const values = {
    low: low === null ? "" : number(low, digitsOf(unit)),
    high: high === null ? "" : number(high, digitsOf(unit)),
    unit: unitName(unit),
  };
  if (low !== null && high !== null) return text("bounds.between", values);
  if (low !== null) return text("bounds.least", values);
  return text(high !== null ? "bounds.most" : "bounds.none", values);
}

/** @param {Condition} condition @returns {number} 1 for one that is said after the others */
function later(condition) {
  return Number(LATER.has(parts(condition.quantity)[0]));
}

/** @param {string} quantity @returns {[name: string, side: string]} its name without its side */
function parts(quantity) {
  const [side] = quantity.split(" ", 1);
  if (side !== "left" && side !== "right") return [quantity, ""];
  return [`{side}${quantity.slice(side.length)}`, side];
}

/** @param {string} name @returns {Words | undefined} */
function wordsOf(name) {
  /** @type {Record<string, Words>} */
  const words = all().quantities;
  return words[name];
}

/** @param {string} side @returns {string} */
function sideName(side) {
  if (!side) return "";
  return text(side === "left" ? "side.left" : "side.right");
}

/** @param {string} unit @returns {string} */
function unitName(unit) {
  /** @type {Record<string, string>} */
  const units = all().units;
  return units[unit] ?? unit;
}

/** @param {string} unit @returns {number} how many digits of it say something */
function digitsOf(unit) {
  return unit === "degrees" ? 0 : 2;
}

/** @param {Condition} condition @returns {boolean} */
function isTooLow({ value, low }) {
  return low !== null && value !== null && value < low;
}

/**
 * @param {Condition} condition
 * @returns {Condition} the same of the other side, where it is towards that side that something is
 *     wanted
 */
function towards(condition) {
  const { quantity, low, high, value } = condition;
  const bound = isTooLow(condition) ? low : high;
  const [name, side] = parts(quantity);
  if (!TOWARDS_A_SIDE.has(name) || bound === null || bound > 0) return condition;
  const other = side === "left" ? "right" : "left";
  return {
    ...condition,
    quantity: name.replace("{side}", other),
    value: value === null ? null : -value,
    low: high === null ? null : -high,
    high: low === null ? null : -low,
  };
}

/** @param {string} sentence @returns {string} with a capital at its beginning */
export function capital(sentence) {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
