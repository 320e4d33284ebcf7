import { crc32 } from "node:zlib";
import type { WireMessage } from "../platform/wire-message.ts";
import { bytesOf, describeBody } from "./body-literal.ts";
import type { EmulatorExpectation } from "./emulator-expectation.ts";
import type { Mismatch } from "./judge-answer.ts";
import { quoted } from "./text-check.ts";

/** One message of the AWS event-stream encoding. https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html */
interface StreamMessage {
  readonly type: string;
  readonly payload: Buffer;
}

/** Lengths and the checksum over them; the checksum over everything at the end. */
const preludeBytes = 12;
const checksumBytes = 4;
/** The type of a header whose value is a string. */
const stringType = 7;

/** InvokeWithResponseStream's answer, message by message. */
export function eventStreamMismatch(
  expectation: EmulatorExpectation & { readonly type: "event-stream" | "event-stream-bytes" },
  { body }: WireMessage,
): Mismatch | undefined {
  const { of } = expectation;
  const messages = readMessages(body);
  const whole = `the answer to "${of}" consists of sound event-stream messages`;
  if (typeof messages === "string") return { expected: whole, saw: messages };
  const types = messages.map(({ type }) => type);
  const ended = types.at(-1) === "InvokeComplete" && types.indexOf("InvokeComplete") === types.length - 1;
  if (!ended || types.slice(0, -1).some((type) => type !== "PayloadChunk")) {
    const expected = `the answer to "${of}" has PayloadChunk messages and one InvokeComplete behind them`;
    return { expected, saw: types.length > 8 ? `${types.length} messages` : types.join(", ") };
  }
  const payload = Buffer.concat(messages.slice(0, -1).map((message) => message.payload));
  if (expectation.type === "event-stream-bytes") {
    const { atLeast, atMost } = expectation;
    const expected = `the payload of the answer to "${of}" has ${atLeast} to ${atMost} bytes`;
    const passes = payload.length >= atLeast && payload.length <= atMost;
    return passes ? undefined : { expected, saw: `${payload.length} bytes` };
  }
  const expected = `the payload of the answer to "${of}" is ${describeBody(expectation.payload)}`;
  return bytesOf(expectation.payload).equals(payload)
    ? undefined
    : { expected, saw: quoted(payload.subarray(0, 200).toString()) };
}

/** Every message, or what is wrong with the bytes. */
function readMessages(body: Buffer): readonly StreamMessage[] | string {
  const messages: StreamMessage[] = [];
  for (let at = 0; at < body.length; ) {
    const rest = body.length - at;
    const length = rest < preludeBytes ? 0 : body.readUInt32BE(at);
    if (length < preludeBytes + checksumBytes || length > rest) return `no whole message at byte ${at}`;
    const message = body.subarray(at, at + length);
    if (crc32(message.subarray(0, 8)) !== message.readUInt32BE(8)) return `a wrong checksum at byte ${at + 8}`;
    if (crc32(message.subarray(0, -checksumBytes)) !== message.readUInt32BE(length - checksumBytes))
      return `a wrong checksum at byte ${at + length - checksumBytes}`;
    const headersEnd = preludeBytes + message.readUInt32BE(4);
    const headers = readHeaders(message.subarray(preludeBytes, headersEnd));
    if (headers === undefined) return `headers that cannot be read at byte ${at + preludeBytes}`;
    messages.push({ type: headers.get(":event-type") ?? "", payload: message.subarray(headersEnd, -checksumBytes) });
    at += length;
  }
  return messages;
}

/** All of Lambda's are strings. */
function readHeaders(bytes: Buffer): ReadonlyMap<string, string> | undefined {
  const headers = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    if (nameEnd + 3 > bytes.length || bytes.readUInt8(nameEnd) !== stringType) return undefined;
    const valueEnd = nameEnd + 3 + bytes.readUInt16BE(nameEnd + 1);
    if (valueEnd > bytes.length) return undefined;
    headers.set(bytes.toString("utf8", at + 1, nameEnd), bytes.toString("utf8", nameEnd + 3, valueEnd));
    at = valueEnd;
  }
  return headers;
}
