import type { TapEditor, TapOutlet } from "../platform/socket-tap.ts";
import { headerValues, statusOf, targetOf } from "../platform/wire-message.ts";
import { WireReader } from "../platform/wire-reader.ts";
import { AnswerEditor } from "./answer-editor.ts";
import { calls, type Fault, type FaultPlan, type Nth } from "./fault.ts";

/** A fault that was carried out, and on which answer. */
export interface FiredFault {
  /** Its place in the plan, from 1. */
  readonly fault: number;
  readonly type: Fault["type"];
  readonly method: string;
  readonly path: string;
  /** Which of the requests with this method and path, from 1. */
  readonly nth: number;
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly nth: number;
  /** Which call of its kind, from 1; 0 where it is none that has a name. */
  readonly nthCall: number;
}

/**
 * Changes what the service sends, below its API, so that the service itself stays a correct one. Events and requests
 * are counted across connections: a runtime may open a new one for each request.
 */
export class FaultInjector {
  readonly #plan: FaultPlan;
  readonly #fired: (fired: FiredFault) => void;
  readonly #requests = new Map<string, number>();
  readonly #chances = new Map<Fault, number>();
  #events = 0;

  /** `fired` hears of each fault as it is carried out. */
  constructor(plan: FaultPlan, fired: (fired: FiredFault) => void = () => {}) {
    this.#plan = plan;
    this.#fired = fired;
  }

  /** An editor for the service's bytes on one connection. */
  editor(outlet: TapOutlet): TapEditor {
    const waiting: Request[] = [];
    const answers = new AnswerEditor(outlet, (head) => this.#faultsOf(head, waiting));
    const requests = new WireReader("request", {
      head: (head) => {
        const request = this.#count(head);
        const [early] = this.#choose(request, undefined, isEarly);
        if (early?.type === "refuse-early") answers.refuse(early);
        else if (early !== undefined) outlet.reset();
        else waiting.push(request);
      },
      body: () => {},
      end: () => {},
      broken: () => {},
    });
    return { fromClient: (bytes) => requests.push(bytes), fromServer: (bytes) => answers.push(bytes) };
  }

  #count(head: string): Request {
    const { method, path } = targetOf({ head, body: Buffer.alloc(0) });
    const kind = callOf(method, path);
    return { method, path, nth: this.#next(`${method} ${path}`), nthCall: kind ? this.#next(kind) : 0 };
  }

  #next(key: string): number {
    const nth = (this.#requests.get(key) ?? 0) + 1;
    this.#requests.set(key, nth);
    return nth;
  }

  #faultsOf(head: string, waiting: Request[]): readonly Fault[] {
    const message = { head, body: Buffer.alloc(0) };
    // 1xx announces the answer that follows.
    if (statusOf(message) < 200) return this.#choose(waiting[0], undefined, (type) => type === "no-continue");
    const isEvent = headerValues(message, "Lambda-Runtime-Aws-Request-Id").length > 0;
    if (isEvent) this.#events += 1;
    return this.#choose(waiting.shift(), isEvent ? this.#events : undefined, isLate);
  }

  #choose(
    request: Request | undefined,
    event: number | undefined,
    kind: (type: Fault["type"]) => boolean,
  ): readonly Fault[] {
    const chosen = this.#plan.faults.filter(
      (fault) => kind(fault.type) && means(fault, request, event) && this.#taken(fault),
    );
    for (const fault of chosen) {
      const { method = "", path = "", nth = 0 } = request ?? {};
      this.#fired({ fault: this.#plan.faults.indexOf(fault) + 1, type: fault.type, method, path, nth });
    }
    return chosen;
  }

  /** Each fault has a series of chances of its own, so that one fault does not change the luck of another. */
  #taken(fault: Fault): boolean {
    if (fault.chance === undefined) return true;
    const nth = (this.#chances.get(fault) ?? 0) + 1;
    this.#chances.set(fault, nth);
    return fraction(this.#plan.seed, this.#plan.faults.indexOf(fault), nth) < fault.chance;
  }
}

/** Done when the head of a call has been read. */
function isEarly(type: Fault["type"]): boolean {
  return type === "refuse-early" || type === "reset-early";
}

/** Done to an answer. */
function isLate(type: Fault["type"]): boolean {
  return !isEarly(type) && type !== "no-continue";
}

function means({ answer }: Fault, request: Request | undefined, event: number | undefined): boolean {
  if (answer === "each") return true;
  if ("event" in answer) return event !== undefined && counts(answer.event, event);
  if (request === undefined) return false;
  if ("call" in answer)
    return callOf(request.method, request.path) === answer.call && counts(answer.nth, request.nthCall);
  return request.method === answer.method && request.path === answer.path && counts(answer.nth, request.nth);
}

function counts(wanted: Nth, nth: number): boolean {
  if (wanted === "each") return true;
  return typeof wanted === "number" ? wanted === nth : nth % wanted.every === 0;
}

function callOf(method: string, path: string): string | undefined {
  return Object.entries(calls).find(([, [wanted, pattern]]) => {
    const [before = "", after] = pattern.split("{id}");
    const same = after === undefined ? path === before : path.startsWith(before) && path.endsWith(after);
    return method === wanted && same;
  })?.[0];
}

/** A number from 0 to 1 that three numbers decide: the finishing steps of MurmurHash3, as often published. */
function fraction(...numbers: readonly number[]): number {
  const mixed = numbers.reduce((hash, number) => {
    let next = Math.imul(hash ^ number, 0x85ebca6b);
    next = Math.imul(next ^ (next >>> 13), 0xc2b2ae35);
    return next ^ (next >>> 16);
  }, 0x9e3779b9);
  return (mixed >>> 0) / 0x1_0000_0000;
}
