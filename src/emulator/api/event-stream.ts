/** AWS event-stream framing. https://smithy.io/2.0/aws/amazon-eventstream.html */
import { crc32 } from "node:zlib";

/** Header values here are all strings, type 7. */
const stringType = 7;

/** One message: lengths, their checksum, headers, payload, and the checksum of everything before. */
export function eventStreamMessage(headers: Readonly<Record<string, string>>, payload: Uint8Array): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)));
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(8 + 4 + head.length + payload.length + 4, 0);
  prelude.writeUInt32BE(head.length, 4);
  const message = Buffer.concat([prelude, checksum(prelude), head, payload]);
  return Buffer.concat([message, checksum(message)]);
}

/** A piece of a streamed response, as InvokeWithResponseStream sends it. */
export function payloadChunk(payload: Uint8Array): Buffer {
  const headers = {
    ":event-type": "PayloadChunk",
    ":content-type": "application/octet-stream",
    ":message-type": "event",
  };
  return eventStreamMessage(headers, payload);
}

/** The end of a streamed response. Real ones carry no error, even when the function failed. */
export function invokeComplete(logResult: string | undefined): Buffer {
  const headers = { ":event-type": "InvokeComplete", ":content-type": "application/json", ":message-type": "event" };
  const body = logResult === undefined ? {} : { LogResult: logResult };
  return eventStreamMessage(headers, Buffer.from(JSON.stringify(body)));
}

function encodeHeader(name: string, value: string): Buffer {
  const nameBytes = Buffer.from(name);
  const valueBytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(valueBytes.length);
  return Buffer.concat([Buffer.from([nameBytes.length]), nameBytes, Buffer.from([stringType]), length, valueBytes]);
}

function checksum(bytes: Uint8Array): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
}
