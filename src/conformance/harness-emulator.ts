/** Plays caller and runtime against an emulator. It knows of the emulator what HTTP and the puppet show, and no more. */
import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { headerValues, statusOf, targetOf, type WireExchange } from "../platform/wire-message.ts";
import { unreachable } from "../protocol/unreachable.ts";
import { bytesOf } from "./body-literal.ts";
import type { EmulatorCase, EmulatorMove, PuppetRequest } from "./emulator-case.ts";
import { answeredFirst, complete, stuck, tooSlow } from "./emulator-end.ts";
import type { EmulatorEnd, EmulatorEvidence } from "./emulator-evidence.ts";
import { type EmulatorSubject, type OpenEmulator, openEmulator } from "./emulator-subject.ts";
import { invokeFunction } from "./invoke-function.ts";
import { within } from "./patience.ts";
import type { Puppet } from "./puppet.ts";
import { rawRequest } from "./raw-call.ts";
import { HarnessError } from "./verdict.ts";

type Move<Type extends EmulatorMove["type"]> = EmulatorMove & { type: Type };

/** How long anything may take that should happen at once; an emulator is slow, not wrong, below that. */
const patienceMs = 20_000;

/** How long the news of a started process may take on its way to us. */
const crossingMs = 1_000;

/** What a shared emulator gets to see that a request is being held, before the next caller comes. */
const heldPauseMs = 100;

/** A body above it may still be on its way when the refusal comes, and the refusal is lost with the connection. */
const uploadBytesSafe = 65_536;

/** Makes the moves of a case; what the emulator started has ended afterwards. */
export async function runEmulatorCase(
  subject: EmulatorSubject,
  testCase: EmulatorCase,
  signal: AbortSignal,
): Promise<EmulatorEvidence> {
  await using open = await openEmulator(subject, testCase);
  const stage = new EmulatorStage(open, testCase, signal);
  const evidence = await stage.play();
  if (open.shared) await stage.retire();
  return evidence;
}

const never = new Promise<never>(() => {});

class EmulatorStage {
  readonly #startedAt = performance.now();
  readonly #open: OpenEmulator;
  readonly #case: EmulatorCase;
  readonly #signal: AbortSignal;
  readonly #pending = new Map<string, Promise<WireExchange>>();
  readonly #exchanges = new Map<string, WireExchange>();
  readonly #filesFound = new Map<string, boolean>();
  readonly #file = `/tmp/bootlace-conformance-${randomUUID()}`;
  #puppet: Puppet | undefined;
  #arrival: Promise<Puppet> | undefined;
  #requestId = "";
  /** Of the event that the puppet got last. */
  #deadlineMs = Number.POSITIVE_INFINITY;

  constructor(open: OpenEmulator, testCase: EmulatorCase, signal: AbortSignal) {
    this.#open = open;
    this.#case = testCase;
    this.#signal = signal;
  }

  async play(): Promise<EmulatorEvidence> {
    let end: EmulatorEnd = { type: "complete" };
    for (const move of this.#case.moves) {
      end = (await within(patienceMs, this.#signal, this.#perform(move))) ?? stuck(move, patienceMs);
      if (end.type !== "complete" || this.#signal.aborted) break;
    }
    const { timeoutMs } = this.#open;
    return {
      startedAt: this.#startedAt,
      exchanges: this.#exchanges,
      filesFound: this.#filesFound,
      processes: this.#open.theatre.started,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      end,
    };
  }

  /** Ends the puppet so that the next case meets a new one. A frozen one has to be woken by an invocation first. */
  async retire(): Promise<void> {
    const held = [...this.#pending].some(([name]) => !this.#exchanges.has(name));
    if (held) void invokeFunction(this.#open, Buffer.from("{}"), {}, this.#signal);
    if (this.#puppet !== undefined) await within(patienceMs, this.#signal, this.#puppet.exit(0));
  }

  async #perform(move: EmulatorMove): Promise<EmulatorEnd> {
    switch (move.type) {
      case "invoke":
        this.#begin(move.as, invokeFunction(this.#open, bytesOf(move.event), move.headers ?? {}, this.#signal));
        return complete;
      case "await-caller":
        return this.#awaitExchange(move.of);
      case "await-runtime":
        return this.#awaitRuntime();
      case "begin":
        this.#request(move);
        if (this.#open.shared) await pause(heldPauseMs);
        return complete;
      case "call":
        this.#request(move);
        return this.#awaitAnswer(move.as);
      case "await-answer":
        return this.#awaitAnswer(move.of);
      case "exit":
        await this.#player().exit(move.code);
        this.#puppet = undefined;
        return complete;
      case "exit-until-answered":
        return this.#exitUntilAnswered(move);
      case "write-file":
        return (await this.#player().file("write-file", this.#file)) === undefined ? tooSlow : complete;
      case "look-for-file":
        this.#filesFound.set(move.as, (await this.#player().file("look-for-file", this.#file)) ?? false);
        return complete;
      default:
        return unreachable(move);
    }
  }

  #begin(name: string, exchange: Promise<WireExchange>): void {
    this.#pending.set(name, exchange);
    exchange.then((settled) => this.#exchanges.set(name, settled));
  }

  #request({ as, method, path, headers = {}, body }: PuppetRequest): void {
    const puppet = this.#player();
    const request = rawRequest(puppet.api, {
      method,
      path: path.replace("{id}", this.#requestId),
      headers: { "User-Agent": "puppet", ...headers },
      ...(body === undefined ? {} : { body: bytesOf(body) }),
    });
    this.#begin(as, puppet.send(request));
  }

  async #awaitExchange(name: string): Promise<EmulatorEnd> {
    const exchange = await this.#pending.get(name);
    if (exchange === undefined) throw new HarnessError(`Case ${this.#case.id} never began "${name}"`);
    if (exchange.lost !== undefined && exchange.request.body.length > uploadBytesSafe) {
      return { type: "unclear", reason: `${exchange.lost} while a large body was sent, so an answer may be lost` };
    }
    return complete;
  }

  async #awaitAnswer(name: string): Promise<EmulatorEnd> {
    this.#arrival ??= this.#open.theatre.arrival();
    const elsewhere = this.#arrival.then((): "elsewhere" => "elsewhere");
    const first = await Promise.race([this.#awaitExchange(name), elsewhere]);
    if (first === "elsewhere" && !this.#exchanges.has(name))
      return { type: "unclear", reason: "the emulator started a second environment, and the event went there" };
    const { request, answer } = this.#exchanges.get(name) ?? {};
    const isEvent = request !== undefined && targetOf(request).path.endsWith("/invocation/next");
    if (!isEvent || answer === undefined || statusOf(answer) !== 200) {
      return Date.now() > this.#deadlineMs ? tooSlow : complete;
    }
    this.#requestId = headerValues(answer, "Lambda-Runtime-Aws-Request-Id")[0] ?? "";
    return this.#noteDeadline(Number(headerValues(answer, "Lambda-Runtime-Deadline-Ms")[0]));
  }

  #noteDeadline(deadlineMs: number): EmulatorEnd {
    const leftMs = deadlineMs - Date.now();
    const { deadlineMsMax = Number.POSITIVE_INFINITY } = this.#case;
    // A deadline that has passed already, or none, is for the case to judge.
    this.#deadlineMs = leftMs > 0 ? deadlineMs : Number.POSITIVE_INFINITY;
    if (!(leftMs > deadlineMsMax)) return complete;
    const reason = `the function's time-out is ${Math.round(leftMs / 1000)} s: this case needs ${deadlineMsMax / 1000} s or less`;
    return { type: "unclear", reason };
  }

  async #awaitRuntime(): Promise<EmulatorEnd> {
    if (this.#puppet !== undefined && (await this.#puppet.alive())) return complete;
    this.#arrival ??= this.#open.theatre.arrival();
    const callers = [...this.#pending].filter(([name]) => !this.#exchanges.has(name)).map(([, exchange]) => exchange);
    // An answer and the news of a process may cross, so the process gets a moment more.
    const answered = Promise.race([never, ...callers]).then((exchange) => pause(crossingMs, exchange));
    const first = await Promise.race([this.#arrival, answered]);
    if ("request" in first) return answeredFirst(first);
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#puppet = first;
    this.#arrival = undefined;
    return complete;
  }

  async #exitUntilAnswered({ code, of }: Move<"exit-until-answered">): Promise<EmulatorEnd> {
    const answered = this.#awaitExchange(of);
    for (;;) {
      this.#arrival ??= this.#open.theatre.arrival();
      const first = await Promise.race([answered, this.#arrival]);
      if ("type" in first) return first;
      this.#arrival = undefined;
      await first.exit(code);
    }
  }

  #player(): Puppet {
    if (this.#puppet === undefined) throw new HarnessError(`Case ${this.#case.id} plays a runtime that is not there`);
    return this.#puppet;
  }
}
