import { setTimeout as pause } from "node:timers/promises";
import type { TapEditor, TapOutlet } from "../platform/socket-tap.ts";
import type { AnswerSelector, ServiceFault } from "./service-fault-plan.ts";
import { headerValues, statusOf, targetOf } from "./wire-message.ts";
import { WireReader } from "./wire-reader.ts";

interface Answered {
  readonly method: string;
  readonly path: string;
  /** From 1, among the requests with this method and path, on whatever connection. */
  readonly nth: number;
}

interface Answer {
  lines: string[];
  body: Buffer;
}

/**
 * Changes what the service sends, below its API, so that the service itself stays a correct one. Events and requests
 * are counted across connections: a runtime may open a new one for each request.
 */
export class FaultPlan {
  readonly #faults: readonly ServiceFault[];
  readonly #requests = new Map<string, number>();
  #events = 0;

  constructor(faults: readonly ServiceFault[]) {
    this.#faults = faults;
  }

  /** An editor for the service's bytes on one connection. */
  editor(outlet: TapOutlet): TapEditor {
    const waiting: Answered[] = [];
    const requests = new WireReader("request", {
      head: (head) => waiting.push(this.#count(head)),
      body: () => {},
      end: () => {},
      broken: () => {},
    });
    const answers = new AnswerEditor(outlet, (head) => this.#faultsOf(head, waiting));
    return { fromClient: (bytes) => requests.push(bytes), fromServer: (bytes) => answers.push(bytes) };
  }

  #count(head: string): Answered {
    const { method, path } = targetOf({ head, body: nothing });
    const key = `${method} ${path}`;
    const nth = (this.#requests.get(key) ?? 0) + 1;
    this.#requests.set(key, nth);
    return { method, path, nth };
  }

  #faultsOf(head: string, waiting: Answered[]): readonly ServiceFault[] {
    const message = { head, body: nothing };
    if (statusOf(message) < 200) return [];
    const answered = waiting.shift();
    const isEvent = headerValues(message, "Lambda-Runtime-Aws-Request-Id").length > 0;
    if (isEvent) this.#events += 1;
    return this.#faults.filter((fault) => means(fault.answer, answered, isEvent ? this.#events : undefined));
  }
}

const nothing = Buffer.alloc(0);

/** A case that is over does not wait for what it would have sent. */
const unref = { ref: false } as const;

/** Takes the service's answers apart, and sends them on as they are or as the faults want them. */
class AnswerEditor {
  readonly #outlet: TapOutlet;
  readonly #reader: WireReader;
  #faults: readonly ServiceFault[] = [];
  #answer: Answer | undefined;

  constructor(outlet: TapOutlet, faultsOf: (head: string) => readonly ServiceFault[]) {
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
        if (this.#answer !== undefined) this.#send(this.#answer);
        this.#answer = undefined;
      },
      broken: () => {},
    });
  }

  push(bytes: Buffer): void {
    this.#reader.push(bytes);
  }

  #send(answer: Answer): void {
    for (const fault of this.#faults) change(answer, fault);
    const trickle = this.#faults.find((fault) => fault.type === "trickle");
    const chunked = this.#faults.find((fault) => fault.type === "chunked");
    for (const fault of this.#faults) if (fault.type === "delay") this.#outlet.hold(pause(fault.ms, undefined, unref));
    this.#outlet.send(Buffer.from(`${answer.lines.join("\r\n")}\r\n\r\n`, "latin1"));
    if (this.#faults.some(({ type }) => type === "cut-after-head")) return this.#outlet.end();
    const body = chunked === undefined ? answer.body : inChunks(answer.body, chunked.bytes);
    const size = trickle === undefined ? body.length : Math.ceil(body.length / trickle.pieces);
    for (let at = 0; at < body.length; at += size) {
      if (trickle !== undefined) this.#outlet.hold(pause(trickle.gapMs, undefined, unref));
      this.#outlet.send(body.subarray(at, at + size));
    }
    if (this.#faults.some(({ type }) => type === "close")) this.#outlet.end();
  }
}

function means(selector: AnswerSelector, answered: Answered | undefined, event: number | undefined): boolean {
  if (selector === "each") return true;
  if ("event" in selector) return event !== undefined && (selector.event === "each" || selector.event === event);
  const { method, path, nth } = selector;
  if (answered?.method !== method || answered.path !== path) return false;
  return nth === "each" || nth === answered.nth;
}

function change(answer: Answer, fault: ServiceFault): void {
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
      replaceBody(answer, `{"errorMessage":"On purpose","errorType":"${fault.errorType}"}\n`);
      return;
    case "empty-body":
      return replaceBody(answer, "");
    case "chunked":
      remove(answer, "Content-Length");
      answer.lines.push("Transfer-Encoding: chunked");
      return;
    case "close":
      answer.lines.push("Connection: close");
      return;
    default:
  }
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

function inChunks(body: Buffer, size: number): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size);
    chunks.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n"));
  }
  return Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]);
}
