/** A puppet's requests as bytes. */
import { bytesOf } from "./body-literal.ts";
import type { PuppetRequest } from "./emulator-move.ts";
import { type RawRequest, rawRequest } from "./raw-call.ts";

/** The request; the body of one that is left open has begun. `fill` puts values in the place of placeholders. */
export function requestBytes(api: string, move: PuppetRequest, fill: (text: string) => string): RawRequest {
  const { method, path, headers = {}, body, framing, version } = move;
  const bytes = body === undefined ? undefined : bytesOf(typeof body === "string" ? fill(body) : body);
  const sent = Object.entries({ "User-Agent": "puppet", ...headers }).flatMap(([name, value]) =>
    value === null ? [] : [[name, fill(value)]],
  );
  const common = {
    method,
    path: fill(path),
    headers: Object.fromEntries(sent),
    ...(version === undefined ? {} : { version }),
  };
  if (framing === "chunked" || framing === "open") {
    const chunks = bytes === undefined || bytes.length === 0 ? [] : [chunk(bytes)];
    const end = framing === "chunked" ? [lastChunk({})] : [];
    const body = Buffer.concat([...chunks, ...end]);
    return rawRequest(api, { ...common, body, framing: { "Transfer-Encoding": "chunked" } });
  }
  if (typeof framing === "object") {
    const declared = { "Content-Length": String(framing.declared) };
    return rawRequest(api, { ...common, framing: declared, ...(bytes === undefined ? {} : { body: bytes }) });
  }
  const expects = framing === "expects-continue" ? { Expect: "100-continue" } : {};
  const all = { ...common, headers: { ...common.headers, ...expects } };
  return rawRequest(api, bytes === undefined ? all : { ...all, body: bytes });
}

export function chunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

export function lastChunk(trailers: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(trailers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`0\r\n${lines.join("")}\r\n`);
}
