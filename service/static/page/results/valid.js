/** Whether what a file says is a result that the page can show. */

/** @typedef {import("./store.js").Kept} Kept */

/** @param {unknown} value @returns {value is number} */
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
/** @param {unknown} value @returns {value is string} */
const isText = (value) => typeof value === "string";
/** @param {unknown} value @returns {boolean} */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** @param {unknown} value */
const isMaybeNumber = (value) => value === null || isNumber(value);

/**
 * @param {unknown} list
 * @param {(each: any) => boolean} isOne
 * @returns {boolean} whether it is a list of such things
 */
const isListOf = (list, isOne) => Array.isArray(list) && list.every(isOne);

/** @param {any} value */
const isCondition = (value) =>
  isObject(value) &&
  isText(value.quantity) &&
  isText(value.unit) &&
  [value.value, value.low, value.high].every(isMaybeNumber) &&
  typeof value.held === "boolean" &&
  isListOf(value.joints, isText);

/** @param {any} value */
const isStretch = (value) =>
  isObject(value) &&
  isText(value.pose) &&
  [value.first, value.last, value.start, value.end].every(isNumber);

/** @param {any} value */
const isHold = (value) =>
  isStretch(value) &&
  [null, "left", "right"].includes(value.side) &&
  isNumber(value.best) &&
  isNumber(value.score) &&
  isListOf(value.conditions, isCondition);

/** @param {any} value */
const isPlace = (value) => isListOf(value, isNumber) && value.length === 4;

/** @param {any} value */
const isBody = (value) => value === null || (isListOf(value, isPlace) && value.length === 33);

/** @param {any} answer */
const isAnswer = (answer) =>
  isObject(answer) &&
  isObject(answer.detected_poses) &&
  isListOf(answer.segments, isHold) &&
  isListOf(answer.near_misses, (miss) => isHold(miss) && isListOf(miss.off, isCondition)) &&
  isListOf(answer.undecidable, (each) => isStretch(each) && isText(each.reason)) &&
  isObject(answer.video) &&
  isNumber(answer.video.duration) &&
  isListOf(answer.video.advice, isObject) &&
  isListOf(answer.size, isNumber) &&
  isListOf(answer.times, isNumber) &&
  answer.times.length > 0 &&
  isListOf(answer.landmarks, isBody) &&
  answer.landmarks.length === answer.times.length &&
  isObject(answer.angles) &&
  Object.values(answer.angles).every((values) => isListOf(values, isMaybeNumber));

/**
 * @param {any} value
 * @returns {value is Kept} whether it has all that the page shows of a result
 */
export function isKept(value) {
  return (
    isObject(value) &&
    [value.id, value.date, value.name, value.note].every(isText) &&
    !Number.isNaN(Date.parse(value.date)) &&
    isListOf(value.poses, isText) &&
    isAnswer(value.answer)
  );
}
