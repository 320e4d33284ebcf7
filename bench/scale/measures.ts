/** The measures of scale. Each gives figures by name; none of them judges. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { emulate, type FunctionOptions, LambdaFunction, LambdaService } from "../../src/emulator/index.ts";
import { median, quantile } from "../statistics.ts";
import { callMany } from "./callers.ts";
import type { Stage } from "./stage.ts";
import { mebibytes, traces } from "./traces.ts";

export type Figures = Readonly<Record<string, number | string>>;

/** Many callers, as many environments: every answer is checked. */
export async function load(stage: Stage, invocations: number, callers: number): Promise<Figures> {
  await using lambda = await LambdaFunction.create({ ...stage.real, environmentsMax: callers });
  await using service = new LambdaService(lambda);
  const address = await service.listen(0);
  await callMany(address, 4 * callers, callers);
  const before = traces();
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);
  const { right, wrong, lost, throttled, tookMs, callsUs } = await callMany(address, invocations, callers);
  clearInterval(watch);
  const after = traces();
  return {
    environments: (await lambda.environments()).length,
    right,
    wrong,
    lost,
    "throttled, and asked again": throttled,
    "per second": Math.round((1000 * invocations) / tookMs),
    "median ms": rounded(median(callsUs) / 1000),
    "p99 ms": rounded(quantile(callsUs, 0.99) / 1000),
    "heap MB, before and after": `${before.heapMb} ${after.heapMb}`,
    "resident MB, before, peak and after": `${before.residentMb} ${mebibytes(peak)} ${after.residentMb}`,
  };
}

/** What an environment takes until it waits for its first event, beside the same program started by hand; in pairs. */
export async function ready(stage: Stage, rounds: number): Promise<Figures> {
  const [ours, unconfined, alone]: [number[], number[], number[]] = [[], [], []];
  const isolation = { kind: "none", reason: "to see what confinement takes" } as const;
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await readyMs(stage.real));
    unconfined.push(await readyMs({ ...stage.real, isolation }));
    alone.push(await startMs(stage));
  }
  const beyond = (these: readonly number[]) => these.map((ms, round) => ms - (alone[round] ?? Number.NaN));
  return {
    "environment, median ms": rounded(median(ours)),
    "the same program alone, median ms": rounded(median(alone)),
    "beyond it, median ms": rounded(median(beyond(ours))),
    "beyond it, p90 ms": rounded(quantile(beyond(ours), 0.9)),
    "beyond it and unconfined, median ms": rounded(median(beyond(unconfined))),
  };
}

/** Environments that exist at once, each with processes of its own, and what the emulator holds for one. */
export async function many(stage: Stage, environments: number): Promise<Figures> {
  const before = traces();
  const began = performance.now();
  await using lambda = await emulate({ ...stage.real, environmentsMax: environments });
  const results = await Promise.all(Array.from({ length: environments }, (_, number) => lambda.invoke({ number })));
  const tookMs = performance.now() - began;
  await Promise.all(results.map(({ logTail }) => logTail));
  const after = traces();
  const wrong = results.filter((result, number) => JSON.stringify(result.json()) !== JSON.stringify({ number })).length;
  return {
    environments: (await lambda.environments()).length,
    wrong,
    "seconds until the last has answered": rounded(tookMs / 1000),
    processes: after.processes - before.processes,
    "heap KB for each": Math.round(((after.heapMb - before.heapMb) * 1024) / environments),
  };
}

/** Functions made, invoked once and disposed of, one after another; and what that leaves behind. */
export async function churn(stage: Stage, rounds: number): Promise<Figures> {
  const round = async (number: number) => {
    await using lambda = await emulate(stage.light);
    const result = await lambda.invoke({ number });
    if (JSON.stringify(result.json()) !== JSON.stringify({ number }))
      throw new Error(`Round ${number}: ${Buffer.from(result.payload)}`);
  };
  for (let number = 0; number < 20; number += 1) await round(number);
  const before = traces();
  const began = performance.now();
  for (let number = 0; number < rounds; number += 1) await round(number);
  const tookMs = performance.now() - began;
  const after = traces();
  const left = (["processes", "listeners", "descriptors", "mounts", "folders", "controlGroups"] as const).map(
    (name) => [`${name} left`, after[name] - before[name]] as const,
  );
  return {
    rounds,
    "ms a round": rounded(tookMs / rounds),
    ...Object.fromEntries(left),
    "heap MB, before and after": `${before.heapMb} ${after.heapMb}`,
    "resident MB, before and after": `${before.residentMb} ${after.residentMb}`,
  };
}

async function readyMs(options: FunctionOptions): Promise<number> {
  const began = performance.now();
  await using lambda = await LambdaFunction.create({ ...options, environmentsMax: 1, provisioned: 1 });
  await lambda.provisioned();
  return performance.now() - began;
}

/** From the start of the program to the first byte that it sends to its API. */
async function startMs({ layer, real }: Stage): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const env = { AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`, LAMBDA_TASK_ROOT: real.task, _HANDLER: "index.handler" };
  const began = performance.now();
  const child = spawn(join(layer.folder, "bootstrap"), { env, stdio: "ignore" });
  const [socket] = await once(server, "connection");
  await once(socket, "data");
  const tookMs = performance.now() - began;
  child.kill("SIGKILL");
  await once(child, "exit");
  socket.destroy();
  server.close();
  return tookMs;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
