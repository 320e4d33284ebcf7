import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { headerValues, statusOf, targetOf, type WireExchange } from "../platform/wire-message.ts";
import { unreachable } from "../protocol/unreachable.ts";
import { EmulatorCaller } from "./emulator-caller.ts";
import type { EmulatorCase } from "./emulator-case.ts";
import { answeredFirst, complete, tooSlow } from "./emulator-end.ts";
import type { EmulatorEnd, EmulatorEvidence } from "./emulator-evidence.ts";
import type { Actor, EmulatorMove, PuppetRequest } from "./emulator-move.ts";
import type { OpenEmulator } from "./emulator-subject.ts";
import { fillPlaceholders } from "./placeholders.ts";
import type { Puppet } from "./puppet.ts";
import type { PuppetListener } from "./puppet-listener.ts";
import { chunk, lastChunk, requestBytes } from "./puppet-request.ts";
import { HarnessError } from "./verdict.ts";

type Move<Type extends EmulatorMove["type"]> = EmulatorMove & { type: Type };

/** How long the news of a started process may take on its way to us. */
const crossingMs = 1_000;

/** What a shared emulator gets to see that a request is being held, before the next caller comes. */
const heldPauseMs = 100;

/** A body above it may still be on its way when the refusal comes, and the refusal is lost with the connection. */
const uploadBytesSafe = 65_536;

/** How long a body waits that nobody asks for. RFC 9110, section 10.1.1 leaves it to the client. */
const continueMs = 1_000;

/** A piece of a flood. */
const floodPieceBytes = 1_048_576;

const runtime = "runtime";
const first = "first";
const never = new Promise<never>(() => {});

/** One case as it is played: who is there, what was sent, what came back. */
export class EmulatorStage {
  readonly #startedAt = performance.now();
  readonly #open: OpenEmulator;
  readonly #case: EmulatorCase;
  readonly #signal: AbortSignal;
  readonly #callers = new Map<string, EmulatorCaller>();
  readonly #pending = new Map<string, Promise<WireExchange>>();
  readonly #exchanges = new Map<string, WireExchange>();
  readonly #sentAt = new Map<string, number>();
  readonly #requests = new Map<string, PuppetRequest>();
  readonly #ports = new Map<string, number>();
  readonly #listeners = new Map<string, PuppetListener>();
  readonly #filesFound = new Map<string, boolean>();
  readonly #file = `/tmp/bootlace-conformance-${randomUUID()}`;
  readonly #puppets = new Map<string, Puppet>();
  readonly #arrivals = new Map<string, Promise<Puppet>>();
  #requestId = "";
  /** Of the event that the runtime got last. */
  #deadlineMs = Number.POSITIVE_INFINITY;

  constructor(open: OpenEmulator, testCase: EmulatorCase, signal: AbortSignal) {
    this.#open = open;
    this.#case = testCase;
    this.#signal = signal;
  }

  evidence(end: EmulatorEnd): EmulatorEvidence {
    const { timeoutMs, theatre, output } = this.#open;
    return {
      startedAt: this.#startedAt,
      exchanges: new Map(this.#exchanges),
      sentAt: this.#sentAt,
      filesFound: this.#filesFound,
      telemetry: new Map([...this.#listeners].map(([name, { batches }]) => [name, [...batches]])),
      processes: theatre.runtimes,
      firsts: theatre.firsts,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(output === undefined ? {} : { printed: { stdout: output.stdout, stderr: output.stderr } }),
      end,
    };
  }

  /**
   * Resolves when the emulator is at rest, whatever the case left behind. Processes that are frozen hear of their end
   * only when an invocation has woken them.
   */
  async rest(): Promise<void> {
    const held = [...this.#pending].some(([name]) => !this.#exchanges.has(name));
    this.#open.theatre.dismiss();
    const wake = { type: "invoke", as: "wake", event: "{}", once: true } as const;
    if (held) await new EmulatorCaller(this.#open, wake, this.#signal).exchange;
    await Promise.all([...this.#callers.values()].map((caller) => caller.exchange));
    await this.#open.theatre.empty();
  }

  async perform(move: EmulatorMove): Promise<EmulatorEnd> {
    switch (move.type) {
      case "invoke":
        return this.#invoke(move);
      case "await-caller":
        return this.#awaitCaller(move.of);
      case "await-bytes":
        return this.#awaitBytes(move);
      case "abandon":
        return this.#done(this.#callers.get(move.of)?.abandon());
      case "await-start":
        return this.#awaitStart(move.who ?? runtime);
      case "begin":
      case "call":
        return this.#send(move);
      case "await-answer":
        return this.#awaitAnswer(move.of);
      case "await-any":
        return this.#awaitAny(move.of);
      case "wait":
        return this.#done(await pause(move.ms));
      case "repeat-until-answered":
        return this.#repeat(move);
      case "end-emulator":
        return this.#done(this.#open.end());
      default:
        return this.#direct(move);
    }
  }

  /** What a puppet is told to do. */
  async #direct(
    move: Move<
      | "chunk"
      | "flood"
      | "finish"
      | "raw"
      | "disconnect"
      | "together"
      | "exit"
      | "kill"
      | "await-end"
      | "ignore-sigterm"
      | "listen"
      | "await-event"
      | "print"
      | "write-file"
      | "look-for-file"
    >,
  ): Promise<EmulatorEnd> {
    switch (move.type) {
      case "chunk":
        return this.#done(await this.#append(move.of, chunk(Buffer.from(move.body))));
      case "flood":
        return this.#flood(move);
      case "finish":
        return this.#done(await this.#append(move.of, lastChunk(move.trailers ?? {})));
      case "raw":
        return this.#raw(move);
      case "disconnect":
        return this.#done(this.#player(move.by).disconnect(move.over ?? first, move.when ?? "now"));
      case "together":
        return this.#together(move);
      case "exit":
        return this.#leave(move.by, (puppet) => puppet.exit(move.code));
      case "kill":
        return this.#leave(move.by, (puppet) => puppet.kill());
      case "await-end":
        return this.#leave(move.by, (puppet) => puppet.gone);
      case "ignore-sigterm":
        return this.#done(await this.#player(move.by).ignoreSigterm());
      case "listen":
        return this.#listen(move);
      case "await-event":
        return this.#done(await this.#listeners.get(move.of)?.heard(move.event, move.times ?? 1));
      case "print":
        return this.#done(await this.#player(move.by).print(move.to, move.text));
      case "write-file":
        return (await this.#player().file("write-file", this.#file)) === undefined ? tooSlow : complete;
      case "look-for-file":
        this.#filesFound.set(move.as, (await this.#player().file("look-for-file", this.#file)) ?? false);
        return complete;
      default:
        return unreachable(move);
    }
  }

  #done(_: unknown): EmulatorEnd {
    return complete;
  }

  #invoke(move: Move<"invoke">): EmulatorEnd {
    const caller = new EmulatorCaller(this.#open, move, this.#signal);
    this.#callers.set(move.as, caller);
    this.#begin(move.as, caller.exchange);
    return complete;
  }

  #begin(name: string, exchange: Promise<WireExchange>): void {
    this.#pending.set(name, exchange);
    this.#sentAt.set(name, performance.now());
    exchange.then((settled) => this.#exchanges.set(name, settled));
  }

  async #send(move: PuppetRequest): Promise<EmulatorEnd> {
    if (move.unless !== undefined && this.#exchanges.has(move.unless)) return complete;
    const puppet = this.#player(move.by);
    const label = move.over ?? first;
    const request = requestBytes(puppet.api, move, (text) => this.#fill(text));
    // Whoever has answered is done in time.
    if (/\/invocation\/.*\/(response|error)$/.test(move.path)) this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#requests.set(move.as, move);
    const expects = move.framing === "expects-continue";
    this.#begin(move.as, expects ? puppet.sendWhenContinued(label, request, continueMs) : puppet.send(label, request));
    if (move.type === "call") return this.#awaitAnswer(move.as);
    if (this.#open.shared) await pause(heldPauseMs);
    return complete;
  }

  async #raw({ as, by, over = first, text, fill = 0 }: Move<"raw">): Promise<EmulatorEnd> {
    const puppet = this.#player(by);
    const [head = "", tail = ""] = this.#fill(text).split("{fill}");
    const request = { head: `${head}${fill === 0 ? "" : "…"}${tail}`, body: Buffer.alloc(0) };
    this.#begin(as, puppet.sendRaw(over, request, Buffer.from(head, "latin1"), fill, Buffer.from(tail, "latin1")));
    return complete;
  }

  async #listen({ as, by, protocol = "HTTP", refused = 0 }: Move<"listen">): Promise<EmulatorEnd> {
    const puppet = this.#player(by);
    this.#ports.set(as, await puppet.listen(as, protocol, refused));
    const listener = puppet.listeners.get(as);
    if (listener !== undefined) this.#listeners.set(as, listener);
    return complete;
  }

  async #append(name: string, bytes: Buffer): Promise<void> {
    const request = this.#requests.get(name);
    if (request === undefined) throw new HarnessError(`Case ${this.#case.id} never began "${name}"`);
    await this.#player(request.by).write(request.over ?? first, bytes);
  }

  /** Goes on as long as what was sent before has gone out, and stops where the answer has come. */
  async #flood({ of, bytes }: Move<"flood">): Promise<EmulatorEnd> {
    const request = this.#requests.get(of);
    const head = Buffer.from(`${floodPieceBytes.toString(16)}\r\n`);
    for (let sent = 0; sent < bytes && !this.#exchanges.has(of); sent += floodPieceBytes) {
      await this.#player(request?.by).write(request?.over ?? first, head, floodPieceBytes, Buffer.from("\r\n"));
    }
    return complete;
  }

  async #together({ moves }: Move<"together">): Promise<EmulatorEnd> {
    const actors = moves.filter((move): move is EmulatorMove & Actor => "by" in move || "over" in move || "as" in move);
    const puppets = new Set(actors.map(({ by }) => this.#player(by)));
    for (const { by, over } of actors) await this.#player(by).open(over ?? first);
    for (const puppet of puppets) puppet.cork();
    const performed = moves.map((move) => this.perform(move));
    for (const puppet of puppets) puppet.uncork();
    await Promise.all(performed);
    return complete;
  }

  async #leave(by: string | undefined, how: (puppet: Puppet) => Promise<void>): Promise<EmulatorEnd> {
    await how(this.#player(by));
    this.#puppets.delete(by ?? runtime);
    return complete;
  }

  async #awaitCaller(name: string): Promise<EmulatorEnd> {
    const exchange = await this.#settled(name);
    if (exchange.lost !== undefined && exchange.request.body.length > uploadBytesSafe) {
      return { type: "unclear", reason: `${exchange.lost} while a large body was sent, so an answer may be lost` };
    }
    return this.#doorMissing(exchange) ?? complete;
  }

  #doorMissing({ request, answer }: WireExchange): EmulatorEnd | undefined {
    const streamed = targetOf(request).path.endsWith("/response-streaming-invocations");
    if (!streamed || answer === undefined || ![404, 405, 501].includes(statusOf(answer))) return undefined;
    return { type: "unclear", reason: "the emulator has no InvokeWithResponseStream" };
  }

  #settled(name: string): Promise<WireExchange> {
    const exchange = this.#pending.get(name);
    if (exchange === undefined) throw new HarnessError(`Case ${this.#case.id} never began "${name}"`);
    return exchange;
  }

  async #awaitBytes({ of, text }: Move<"await-bytes">): Promise<EmulatorEnd> {
    const ended = this.#awaitCaller(of);
    const seen =
      this.#callers
        .get(of)
        ?.saw(text)
        .then((): "seen" => "seen") ?? never;
    const end = await Promise.race([seen, ended]);
    if (end === "seen") return complete;
    return end.type === "complete" ? { type: "stuck", expected: `"${text}" before the end`, saw: "the end" } : end;
  }

  async #awaitAnswer(name: string): Promise<EmulatorEnd> {
    const elsewhere = this.#arrival(runtime).then((): "elsewhere" => "elsewhere");
    const own = this.#requests.get(name)?.by === undefined;
    const ended = await Promise.race([this.#awaitCaller(name), own ? elsewhere : never]);
    if (ended === "elsewhere" && !this.#exchanges.has(name))
      return { type: "unclear", reason: "the emulator started a second environment, and the event went there" };
    if (ended !== "elsewhere" && ended.type !== "complete") return ended;
    return own ? this.#noteAnswer(name) : complete;
  }

  async #awaitAny(names: readonly string[]): Promise<EmulatorEnd> {
    await Promise.race(names.map((name) => this.#settled(name)));
    for (const name of names) if (this.#exchanges.has(name)) this.#noteAnswer(name);
    return complete;
  }

  /** The event that the runtime has now, and until when. */
  #noteAnswer(name: string): EmulatorEnd {
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

  /** The next process of this role, whoever asks first. */
  #arrival(role: string): Promise<Puppet> {
    const known = this.#arrivals.get(role) ?? this.#open.theatre.arrival(role);
    this.#arrivals.set(role, known);
    return known;
  }

  async #awaitStart(role: string): Promise<EmulatorEnd> {
    const present = this.#puppets.get(role);
    if (present !== undefined && (await present.alive())) return complete;
    const callers = [...this.#pending].filter(([name]) => !this.#exchanges.has(name)).map(([, exchange]) => exchange);
    // An answer and the news of a process may cross, so the process gets a moment more.
    const answered = Promise.race([never, ...callers]).then((exchange) => pause(crossingMs, exchange));
    const came = await Promise.race([this.#arrival(role), answered]);
    if ("request" in came) return this.#doorMissing(came) ?? answeredFirst(role, came);
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#puppets.set(role, came);
    this.#arrivals.delete(role);
    return complete;
  }

  async #repeat({ of, who = runtime, moves }: Move<"repeat-until-answered">): Promise<EmulatorEnd> {
    const answered = this.#awaitCaller(of);
    for (;;) {
      const came = await Promise.race([answered, this.#arrival(who)]);
      if ("type" in came) return came;
      this.#arrivals.delete(who);
      this.#puppets.set(who, came);
      for (const move of moves) {
        const end = await Promise.race([this.perform(move), answered]);
        if (end.type !== "complete") return end;
      }
    }
  }

  #fill(text: string): string {
    return fillPlaceholders(text, { requestId: this.#requestId, exchanges: this.#exchanges, ports: this.#ports });
  }

  #player(by = runtime): Puppet {
    const puppet = this.#puppets.get(by);
    if (puppet === undefined) throw new HarnessError(`Case ${this.#case.id} plays "${by}", who is not there`);
    return puppet;
  }
}
