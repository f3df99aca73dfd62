/** Events of the service, as they come. */

/**
 * @typedef {{ event: string, [name: string]: any }} ServerEvent
 */

/**
 * Give a reader of lines of JSON that tells each event once.
 *
 * @param {(event: ServerEvent) => void} onEvent
 * @returns {(text: string) => void} to be given all of the text that has come so far
 */
export function linesRead(onEvent) {
  let read = 0;
  return (text) => {
    const end = text.lastIndexOf("\n") + 1;
    const lines = text.slice(read, end).split("\n");
    read = Math.max(read, end);
    for (const line of lines) {
      if (line) onEvent(JSON.parse(line));
    }
  };
}

/**
 * Read server-sent events until they end.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {(event: ServerEvent, id: string | null) => void} onEvent
 */
export async function sentEvents(body, onEvent) {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  /** What has come of an event; a result comes in thousands of pieces. @type {string[]} */
  let pieces = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    pieces.push(decoder.decode(value, { stream: true }));
    if (!pieces.slice(-2).join("").includes("\n\n")) continue;
    const blocks = pieces.join("").split("\n\n");
    pieces = [blocks.pop() ?? ""];
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block);
      if (data) onEvent(JSON.parse(data[1]), /^id: (.*)$/m.exec(block)?.[1] ?? null);
    }
  }
}
