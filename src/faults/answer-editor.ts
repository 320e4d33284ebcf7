import { setTimeout as pause } from "node:timers/promises";
import type { TapOutlet } from "../platform/socket-tap.ts";
import { WireReader } from "../platform/wire-reader.ts";
import type { Fault } from "./fault.ts";

interface Answer {
  lines: string[];
  body: Buffer;
}

const nothing = Buffer.alloc(0);

/** Whoever is gone does not wait for what would have been sent. */
const unref = { ref: false } as const;

/** Takes the service's answers apart, and sends them on as they are or as the faults want them. */
export class AnswerEditor {
  readonly #outlet: TapOutlet;
  readonly #reader: WireReader;
  #faults: readonly Fault[] = [];
  #answer: Answer | undefined;

  constructor(outlet: TapOutlet, faultsOf: (head: string) => readonly Fault[]) {
    this.#outlet = outlet;
    this.#reader = new WireReader("response", {
      head: (text) => {
        this.#faults = faultsOf(text);
        this.#answer = this.#faults.length === 0 ? undefined : { lines: text.split("\r\n"), body: nothing };
        if (this.#answer === undefined) outlet.send(Buffer.from(`${text}\r\n\r\n`, "latin1"));
      },
      body: (raw, data) => {
        if (this.#answer === undefined) outlet.send(raw);
        else this.#answer.body = Buffer.concat([this.#answer.body, data]);
      },
      end: () => {
        if (this.#answer !== undefined && this.#of("no-continue").length === 0) this.#send(this.#answer);
        this.#answer = undefined;
      },
      broken: () => {},
    });
  }

  push(bytes: Buffer): void {
    this.#reader.push(bytes);
  }

  /** In place of the service, and at once. */
  refuse(fault: Fault & { readonly type: "refuse-early" }): void {
    const body = refusalBody(fault.errorType ?? "OnPurpose");
    const head = `HTTP/1.1 ${fault.status} On Purpose\r\nContent-Type: application/json\r\nConnection: close\r\n`;
    this.#outlet.send(Buffer.from(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`));
    this.#outlet.end();
  }

  #send(answer: Answer): void {
    for (const fault of this.#faults) change(answer, fault);
    for (const { ms } of this.#of("delay")) this.#outlet.hold(pause(ms, undefined, unref));
    const head = Buffer.from(`${answer.lines.join("\r\n")}\r\n\r\n`, "latin1");
    const [chunked] = this.#of("chunked");
    const body = chunked === undefined ? answer.body : inChunks(answer.body, chunked.bytes);
    const [reset] = this.#of("reset");
    const [cut] = this.#of("cut-after-head");
    const pieces = cut === undefined ? this.#pieces(head, body) : [head];
    if (reset !== undefined) return this.#reset(pieces, reset.afterBytes);
    this.#pass(pieces);
    if (cut !== undefined || this.#of("close").length > 0) this.#outlet.end();
  }

  /** The answer as it is to be written, a piece at a time. */
  #pieces(head: Buffer, body: Buffer): readonly Buffer[] {
    const [split] = this.#of("split");
    if (split !== undefined) return inPieces(Buffer.concat([head, body]), split.bytes);
    const [trickle] = this.#of("trickle");
    return [head, ...inPieces(body, trickle === undefined ? body.length : Math.ceil(body.length / trickle.pieces))];
  }

  #pass(pieces: readonly Buffer[]): void {
    const [split] = this.#of("split");
    const [trickle] = this.#of("trickle");
    const gapMs = trickle?.gapMs ?? (split === undefined ? undefined : 0);
    for (const [index, piece] of pieces.entries()) {
      if (index > 0 && gapMs !== undefined) this.#outlet.hold(pause(gapMs, undefined, unref));
      this.#outlet.send(piece);
    }
  }

  #reset(pieces: readonly Buffer[], afterBytes: number): void {
    let left = afterBytes;
    const sent = pieces.map((piece) => {
      const part = piece.subarray(0, left);
      left -= part.length;
      return part;
    });
    this.#pass(sent.filter(({ length }) => length > 0));
    this.#outlet.reset();
  }

  #of<T extends Fault["type"]>(type: T): readonly (Fault & { readonly type: T })[] {
    return this.#faults.filter((fault): fault is Fault & { readonly type: T } => fault.type === type);
  }
}

function change(answer: Answer, fault: Fault): void {
  const [first = ""] = answer.lines;
  switch (fault.type) {
    case "remove-header":
      return remove(answer, fault.name);
    case "set-header":
      remove(answer, fault.name);
      answer.lines.push(`${fault.name}: ${fault.value}`);
      return;
    case "odd-case":
      answer.lines = answer.lines.map((line, index) => (index === 0 ? line : oddCase(line)));
      return;
    case "status":
      answer.lines[0] = first.replace(/ \d{3}.*/, ` ${fault.status} Changed`);
      if (fault.errorType === undefined) return;
      // A refusal says nothing of an event.
      answer.lines = answer.lines.filter((line) => !/^lambda-runtime-/i.test(line));
      replaceBody(answer, refusalBody(fault.errorType));
      return;
    case "empty-body":
      return replaceBody(answer, "");
    case "chunked":
      remove(answer, "Content-Length");
      answer.lines.push("Transfer-Encoding: chunked");
      return;
    case "close":
      if (fault.silent !== true) answer.lines.push("Connection: close");
      return;
    case "clock-skew":
      return skew(answer, fault.ms);
    default:
  }
}

/** Every time that the answer tells: in its headers, and in an extension's event. */
function skew(answer: Answer, ms: number): void {
  answer.lines = answer.lines.map((line) => {
    const [, name = "", value = ""] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (name.toLowerCase() === "lambda-runtime-deadline-ms") return `${name}: ${Number(value) + ms}`;
    return name.toLowerCase() === "date" ? `${name}: ${new Date(Date.parse(value) + ms).toUTCString()}` : line;
  });
  const text = answer.body.toString();
  const skewed = text.replace(/("deadlineMs":)(\d+)/, (_, name, deadline) => `${name}${Number(deadline) + ms}`);
  if (/^\{"eventType":/.test(text) && skewed !== text) replaceBody(answer, skewed);
}

function refusalBody(errorType: string): string {
  return `${JSON.stringify({ errorMessage: "On purpose", errorType })}\n`;
}

function remove(answer: Answer, name: string): void {
  const prefix = `${name.toLowerCase()}:`;
  answer.lines = answer.lines.filter((line) => !line.toLowerCase().startsWith(prefix));
}

function replaceBody(answer: Answer, text: string): void {
  answer.body = Buffer.from(text);
  remove(answer, "Content-Length");
  answer.lines.push(`Content-Length: ${answer.body.length}`);
}

function oddCase(line: string): string {
  const colon = line.indexOf(":");
  const name = [...line.slice(0, colon)].map((letter) =>
    letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
  );
  return `${name.join("")}${line.slice(colon)}`;
}

function inPieces(bytes: Buffer, size: number): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

function inChunks(body: Buffer, size: number): Buffer {
  const chunks = inPieces(body, size).flatMap((piece) => [
    Buffer.from(`${piece.length.toString(16)}\r\n`),
    piece,
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]);
}
