/** Changes at most this far apart are one: the place and length of each are eight bytes. */
const nearbyBytes = 16;
const headBytes = 8;

/** What makes `to` of `from`, whose bytes mostly lie at the same places: each change with its place, then the length. */
export function patchBetween(from: Uint8Array, to: Uint8Array): Buffer {
  const parts: Uint8Array[] = [numbers(to.length, 0)];
  let at = 0;
  while (at < to.length) {
    const start = nextDifference(from, to, at);
    if (start >= to.length) break;
    at = endOfChange(from, to, start);
    parts.push(numbers(start, at - start), to.subarray(start, at));
  }
  return Buffer.concat(parts);
}

/** The other bytes, of which `patch` says what differs. */
export function patched(from: Uint8Array, patch: Uint8Array): Buffer {
  const view = Buffer.from(patch.buffer, patch.byteOffset, patch.length);
  const to = Buffer.alloc(view.readUInt32LE(0));
  to.set(from.subarray(0, to.length));
  let at = headBytes;
  while (at < view.length) {
    const [start, length] = [view.readUInt32LE(at), view.readUInt32LE(at + 4)];
    at += headBytes;
    to.set(view.subarray(at, at + length), start);
    at += length;
  }
  return to;
}

function nextDifference(from: Uint8Array, to: Uint8Array, start: number): number {
  let at = start;
  while (at < to.length && from[at] === to[at]) at += 1;
  return at;
}

function endOfChange(from: Uint8Array, to: Uint8Array, start: number): number {
  let end = start + 1;
  for (let at = end; at < to.length && at < end + nearbyBytes; at += 1) if (from[at] !== to[at]) end = at + 1;
  return end;
}

function numbers(first: number, second: number): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(first);
  head.writeUInt32LE(second, 4);
  return head;
}
