/** What processes do in a simulation: the runtime and the extensions, well-behaved until a fault strikes. */
import type { Answer } from "../../core/environment/effect.ts";
import type { Input } from "../../core/environment/input.ts";
import type { CallId } from "../../core/environment/model.ts";
import { managed } from "../../core/environment/views.ts";
import { unreachable } from "../../protocol/unreachable.ts";
import type { EnvironmentWorld, Process } from "./environment-world.ts";
import type { Random } from "./random.ts";
import type { FaultKind, Swarm } from "./swarm.ts";

/** Chance and malice. Faults stop striking when the world has been healed. */
export interface Fate {
  readonly swarm: Swarm;
  readonly random: Random;
  strikes(fault: FaultKind, probability: number): boolean;
}

export function startProcess(world: EnvironmentWorld, process: Process, fate: Fate): void {
  const { random } = fate;
  process.stubborn = fate.strikes("stubborn", 0.3);
  if (fate.strikes("start-failure", 0.05)) {
    return world.later(process, 1, () => world.failToStart(process));
  }
  if (fate.strikes("crash", 0.15)) {
    const code = random.pick([0, 1, 17]);
    world.later(process, random.between(1, 20_000), () => {
      if (fate.strikes("crash", 1)) world.exit(process, { how: "code", code });
    });
  }
  const act = process.name === "runtime" ? runtime : extension;
  world.later(process, random.between(1, 300), () => act(world, process, fate));
}

/** Some take longer than they are given. */
export function terminate(world: EnvironmentWorld, process: Process, { random }: Fate): void {
  if (process.stubborn) return;
  world.later(process, random.between(0, 400), () => world.exit(process, { how: "code", code: 0 }));
}

function runtime(world: EnvironmentWorld, process: Process, fate: Fate): void {
  if (fate.strikes("hang", 0.05)) return;
  if (fate.swarm.internalExtension) new Extension(world, process, "i", fate).register([]);
  if (fate.strikes("init-error", 0.2)) return reportAndExit(world, process, fate, "runtime-init-error");
  const workers = managed(world.state) ? fate.swarm.settings.invocationsMax : 1;
  const serve = () => {
    for (let worker = 0; worker < workers; worker++) new Worker(world, process, fate).ask();
  };
  const snapStart = fate.swarm.settings.initializationType === "snap-start";
  if (snapStart && fate.random.chance(0.8)) return awaitRestore(world, process, fate, serve);
  serve();
}

function awaitRestore(world: EnvironmentWorld, process: Process, fate: Fate, serve: () => void): void {
  const restored = () => {
    if (fate.strikes("hang", 0.1)) return;
    if (fate.strikes("restore-error", 0.3)) return reportAndExit(world, process, fate, "runtime-restore-error");
    world.later(process, fate.random.between(1, 500), serve);
  };
  const refused = () => world.exit(process, { how: "code", code: 1 });
  const call = world.call({ process, answered: restored, refused }, (id) => ({
    type: "runtime-restore-next",
    call: id,
  }));
  if (fate.strikes("lost-connection", 0.2))
    loseAndRepeat(world, process, fate, call, () => awaitRestore(world, process, fate, serve));
}

function reportAndExit(
  world: EnvironmentWorld,
  process: Process,
  fate: Fate,
  type: "runtime-init-error" | "runtime-restore-error",
): void {
  const exit = () =>
    world.later(process, fate.random.between(0, 50), () => world.exit(process, { how: "code", code: 1 }));
  const report = (call: CallId): Input => (type === "runtime-init-error" ? { type, call, bytes: 2 } : { type, call });
  world.call({ process, answered: exit, refused: exit }, report);
}

function loseAndRepeat(world: EnvironmentWorld, process: Process, fate: Fate, call: CallId, repeat: () => void): void {
  world.later(process, fate.random.between(1, 3_000), () => {
    if (!world.waits(call) || !fate.strikes("lost-connection", 1)) return;
    world.drop(call);
    world.later(process, fate.random.between(0, 20), repeat);
  });
}

/** Asks for an event, answers it, asks again. */
class Worker {
  readonly #world: EnvironmentWorld;
  readonly #process: Process;
  readonly #fate: Fate;

  constructor(world: EnvironmentWorld, process: Process, fate: Fate) {
    this.#world = world;
    this.#process = process;
    this.#fate = fate;
  }

  ask(): void {
    const answered = (answer: Answer) => {
      if (answer.type === "invocation") this.#work(answer.requestId);
    };
    const call = this.#call(
      (id) => ({ type: "runtime-next", call: id }),
      answered,
      () => this.#refused(),
    );
    if (this.#fate.strikes("lost-connection", 0.1))
      loseAndRepeat(this.#world, this.#process, this.#fate, call, () => this.ask());
  }

  #work(requestId: string): void {
    const { random, swarm } = this.#fate;
    const invocationId = this.#world.attempt(requestId)?.invocationId ?? "unknown";
    // As one that could not read what it was handed.
    if (this.#fate.strikes("second-next", 0.1)) return this.ask();
    if (this.#fate.strikes("hang", 0.1)) return;
    const { timeoutMs } = swarm.settings;
    const slow = this.#fate.strikes("slow", 0.2);
    const durationMs = slow ? random.between(timeoutMs / 2, 3 * timeoutMs) : random.between(1, timeoutMs / 4);
    this.#world.later(this.#process, durationMs, () => this.#respond(requestId, invocationId));
  }

  #respond(requestId: string, invocationId: string): void {
    const { random } = this.#fate;
    const stale = this.#fate.strikes("stale-answer", 0.1);
    const began = {
      type: "answer-began",
      requestId: stale ? `${requestId}-of-yesterday` : requestId,
      answer: random.chance(0.8) ? "response" : "error",
      mode: this.#fate.strikes("invalid-mode", 0.05) ? "invalid" : random.chance(0.2) ? "streaming" : "buffered",
      invocationId,
    } as const;
    const next = () => this.#world.later(this.#process, random.between(0, 20), () => this.ask());
    const refused = () => this.#refused();
    const call = this.#call((id) => ({ ...began, call: id }), next, refused, invocationId);
    if (this.#world.waits(call)) this.#send(call);
    if (this.#fate.strikes("second-answer", 0.1))
      this.#call(
        (id) => ({ ...began, call: id }),
        () => {},
        () => {},
        invocationId,
      );
  }

  #send(call: CallId): void {
    const truncated = this.#fate.strikes("truncated-answer", 0.1);
    const oversize = this.#fate.strikes("oversize-answer", 0.1);
    const ending = truncated ? "truncated" : oversize ? "oversize" : "complete";
    const slow = this.#fate.strikes("slow", 0.1);
    const { timeoutMs } = this.#fate.swarm.settings;
    const durationMs = this.#fate.random.between(0, slow ? 2 * timeoutMs : 30);
    this.#world.later(this.#process, durationMs, () => {
      if (this.#world.waits(call)) this.#world.accept({ type: "answer-ended", call, ending, bytes: 2 });
    });
  }

  /** Goes on, as those do that know of late answers, or gives up. */
  #refused(): void {
    const gives = this.#fate.strikes("gives-up", 0.3);
    const give = () => this.#world.exit(this.#process, { how: "code", code: 1 });
    this.#world.later(this.#process, this.#fate.random.between(1, 50), gives ? give : () => this.ask());
  }

  #call(
    inputOf: (call: CallId) => Input,
    answered: (answer: Answer) => void,
    refused: () => void,
    meantFor?: string,
  ): CallId {
    return this.#world.call({ process: this.#process, answered, refused }, inputOf, meantFor);
  }
}

function extension(world: EnvironmentWorld, process: Process, fate: Fate): void {
  if (fate.strikes("never-registers", 0.1)) return;
  const sets: readonly [readonly string[], ...(readonly string[])[]] = [
    ["INVOKE", "SHUTDOWN"],
    ["INVOKE"],
    ["SHUTDOWN"],
    [],
  ];
  const wanted = managed(world.state) ? ["SHUTDOWN"] : fate.random.pick(sets);
  const events = fate.strikes("wrong-events", 0.1) ? ["INVOKE", "BOGUS"] : wanted;
  new Extension(world, process, process.name.slice("extension:".length), fate).register(events);
}

/** Registers, waits for events, works on them, waits again. */
class Extension {
  readonly #world: EnvironmentWorld;
  readonly #process: Process;
  readonly #name: string;
  readonly #identifier: string;
  readonly #fate: Fate;

  constructor(world: EnvironmentWorld, process: Process, name: string, fate: Fate) {
    this.#world = world;
    this.#process = process;
    this.#name = name;
    this.#identifier = `${name} of ${world.inputs.length}`;
    this.#fate = fate;
  }

  register(events: readonly string[]): void {
    const identifier = this.#identifier;
    const input = { type: "extension-register", name: this.#name, identifier, events } as const;
    this.#call(
      (call) => ({ ...input, call }),
      () => this.#world.later(this.#process, 1, () => this.#ask()),
    );
  }

  #ask(): void {
    if (this.#fate.strikes("exit-error", 0.05)) return this.#fail();
    const input = { type: "extension-next", identifier: this.#identifier } as const;
    const call = this.#call(
      (id) => ({ ...input, call: id }),
      (answer) => this.#hear(answer),
    );
    if (this.#fate.strikes("lost-connection", 0.1))
      loseAndRepeat(this.#world, this.#process, this.#fate, call, () => this.#ask());
  }

  #hear(answer: Answer): void {
    const { random, swarm } = this.#fate;
    switch (answer.type) {
      case "invoke-event": {
        if (this.#fate.strikes("hang", 0.05)) return;
        const { timeoutMs } = swarm.settings;
        const slow = this.#fate.strikes("slow", 0.1);
        const durationMs = slow ? random.between(timeoutMs, 2 * timeoutMs) : random.between(1, timeoutMs / 4);
        return this.#world.later(this.#process, durationMs, () => this.#ask());
      }
      case "shutdown-event":
        return this.#exitAfter(random.between(1, this.#process.stubborn ? 5_000 : 1_000));
      case "accepted":
      case "invocation":
      case "registered":
      case "restored":
        return;
      default:
        return unreachable(answer);
    }
  }

  #fail(): void {
    const report = this.#fate.random.chance(0.5) ? "init-error" : "exit-error";
    const input = {
      type: "extension-error",
      identifier: this.#identifier,
      report,
      errorType: "Extension.Boom",
    } as const;
    this.#call(
      (call) => ({ ...input, call }),
      () => this.#exitAfter(10),
    );
  }

  #exitAfter(durationMs: number): void {
    this.#world.later(this.#process, durationMs, () => this.#world.exit(this.#process, { how: "code", code: 0 }));
  }

  /** Refused, an external extension ends; an internal one goes on without. */
  #call(inputOf: (call: CallId) => Input, answered: (answer: Answer) => void): CallId {
    const refused = () => {
      if (this.#process.name !== "runtime") this.#exitAfter(1);
    };
    return this.#world.call({ process: this.#process, answered, refused }, inputOf);
  }
}
