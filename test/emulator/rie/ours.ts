import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LambdaFunction } from "../../../src/emulator/lambda-function.ts";
import { LambdaService } from "../../../src/emulator/lambda-service.ts";
import type { Supervisor, SupervisorEvents } from "../../../src/emulator/supervisor/supervisor.ts";
import { type Answer, play } from "./play.ts";
import type { Scenario } from "./script.ts";

/** What our emulator answers, as far as it is to be like the official one. */
export async function ours(scenario: Scenario): Promise<Readonly<Record<string, Answer>>> {
  const task = mkdtempSync(join(tmpdir(), "bootlace-rie-"));
  const started = Promise.withResolvers<string>();
  try {
    await using lambda = await LambdaFunction.create({
      task,
      profile: "rie",
      functionName: "test_function",
      accountId: "012345678912",
      timeoutMs: (scenario.timeoutSeconds ?? 30) * 1000,
      ...(scenario.tenants === true ? { tenantIsolationMode: "PER_TENANT" } : {}),
      isolation: { kind: "none", reason: "nothing is started" },
      supervise: (events) => new Nothing(events, started.resolve),
    });
    await using service = new LambdaService(lambda);
    return await play(scenario, { frontDoor: await service.listen(0), api: () => started.promise });
  } finally {
    rmSync(task, { recursive: true, force: true });
  }
}

/** A process that does nothing until it is killed, as the bootstrap of the record. */
class Nothing implements Supervisor {
  readonly #events: SupervisorEvents;
  readonly #started: (api: string) => void;

  constructor(events: SupervisorEvents, started: (api: string) => void) {
    this.#events = events;
    this.#started = started;
  }

  start({ env }: Parameters<Supervisor["start"]>[0]): void {
    this.#started(env.AWS_LAMBDA_RUNTIME_API ?? "");
  }

  signal(): void {
    this.#events.exited("runtime", { how: "signal", signal: "killed" });
    this.#events.outputEnded("runtime");
  }

  freeze(): void {}
  thaw(): void {}
  close(): void {}
  peakMemoryBytes(): undefined {}
}
