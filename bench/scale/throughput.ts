/** One caller, one invocation after another: our emulator beside the official one, with the same runtime and function. */
import { type ChildProcess, spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { packageRoot } from "../../src/platform/package-root.ts";
import { median, pairedRatio } from "../statistics.ts";
import { callMany } from "./callers.ts";
import type { Figures } from "./measures.ts";
import type { Stage } from "./stage.ts";

const blockInvocations = 200;

/** Longer than the moment after which an environment is frozen. */
const pauseMs = 30;
const pausedInvocations = 5;

/** Both stand in the same place, as processes of their own; blocks take turns. Without `rie`, a path, ours is alone. */
export async function throughput(stage: Stage, blocks: number, rie: string | undefined): Promise<Figures> {
  await using ours = await started([process.execPath, join(packageRoot(), "src/cli/main.ts"), "rie"], stage);
  await using official = rie === undefined ? undefined : await started([rie], stage);
  const perSecond = async (target: string) => {
    const { right, tookMs } = await callMany(target, blockInvocations, 1);
    if (right !== blockInvocations) throw new Error(`Of ${blockInvocations} answers of ${target} ${right} are right`);
    return (1000 * blockInvocations) / tookMs;
  };
  const [own, theirs]: [number[], number[]] = [[], []];
  const [ownPaused, theirsPaused]: [number[], number[]] = [[], []];
  for (let block = -1; block < blocks; block += 1) {
    const first = await perSecond(ours.address);
    const second = official === undefined ? undefined : await perSecond(official.address);
    // The first block warms both up.
    if (block < 0) continue;
    own.push(first);
    if (second !== undefined) theirs.push(second);
    ownPaused.push(...(await afterPauses(ours.address)));
    if (official !== undefined) theirsPaused.push(...(await afterPauses(official.address)));
  }
  const alone = {
    blocks,
    "ours, median per second": Math.round(median(own)),
    [`ours after ${pauseMs} ms, median ms`]: milliseconds(median(ownPaused)),
  };
  if (official === undefined) return { ...alone, "the official emulator": "not measured: name it with --rie PATH" };
  const ratio = pairedRatio(own, theirs);
  return {
    ...alone,
    "the official emulator, median per second": Math.round(median(theirs)),
    [`the official emulator after ${pauseMs} ms, median ms`]: milliseconds(median(theirsPaused)),
    "ours to the official, paired": `${ratio.median.toFixed(2)} (${ratio.lowerQuartile.toFixed(2)}-${ratio.upperQuartile.toFixed(2)})`,
  };
}

/** How long invocations take whose environment has been idle for a while, in microseconds. */
async function afterPauses(target: string): Promise<readonly number[]> {
  const callsUs: number[] = [];
  for (let number = 0; number < pausedInvocations; number += 1) {
    await pause(pauseMs);
    callsUs.push(...(await callMany(target, 1, 1)).callsUs);
  }
  return callsUs;
}

function milliseconds(us: number): number {
  return Math.round(us / 100) / 10;
}

/** An emulator with the official one's command line, our bootstrap and the same function. */
async function started([program = "", ...args]: readonly string[], { layer, real }: Stage) {
  const [address, api] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const listen = [
    "--runtime-interface-emulator-address",
    address,
    "--runtime-api-address",
    api,
    "--log-level",
    "error",
  ];
  const { PATH, TMPDIR } = process.env;
  const env = { PATH, TMPDIR, LAMBDA_TASK_ROOT: real.task, _HANDLER: "index.handler" };
  const options = { env, cwd: real.task, stdio: "ignore" } as const;
  const emulator = spawn(program, [...args, ...listen, join(layer.folder, "bootstrap")], options);
  await listening(address);
  return { address, [Symbol.asyncDispose]: async () => end(emulator) };
}

/** Its runtime has a process group of its own. */
function end({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  const children = globSync(`/proc/${pid}/task/*/children`).flatMap((file) => readFileSync(file, "utf8").split(" "));
  for (const child of [pid, ...children.filter((text) => text.trim() !== "").map(Number)])
    process.kill(child, "SIGKILL");
}

async function listening(address: string): Promise<void> {
  const [host = "", port] = address.split(":");
  for (let tries = 0; tries < 250; tries += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), host, () => resolve(true));
      socket.on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
    if (open) return;
    await pause(20);
  }
  throw new Error(`The official emulator does not listen on ${address}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // as: a TCP server that listens has an address with a port; the type also covers pipes.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
