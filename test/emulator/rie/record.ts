/**
 * Records what the official emulator answers to the script: `record.ts PATH VERSION`, where PATH is an executable of it
 * that somebody has put on this machine. The record is committed, the emulator is not.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { play } from "./play.ts";
import { type Scenario, scenarios } from "./script.ts";

const [program, version] = process.argv.slice(2);
if (program === undefined || version === undefined)
  throw new Error("Say where the emulator is, and which version it is");

const answers: Record<string, unknown> = {};
for (const scenario of scenarios) {
  console.log(scenario.name);
  answers[scenario.name] = await recorded(program, scenario);
}
const record = {
  of: "aws-lambda-runtime-interface-emulator, classic core",
  version,
  recorded: new Date().toISOString().slice(0, 10),
  how: "test/emulator/rie/record.ts: a process of its own for each scenario, whose bootstrap only sleeps; the recorder makes the runtime's and the extensions' calls",
  answers,
};
writeFileSync(join(import.meta.dirname, "recorded.json"), `${JSON.stringify(record, undefined, 2)}\n`);

async function recorded(path: string, scenario: Scenario) {
  const [frontDoor, api] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const args = ["--runtime-interface-emulator-address", frontDoor, "--runtime-api-address", api, "/bin/sleep", "600"];
  const env = { PATH: process.env.PATH, AWS_LAMBDA_FUNCTION_TIMEOUT: String(scenario.timeoutSeconds ?? 30) };
  const emulator = spawn(path, args, { env, stdio: "ignore", detached: true });
  try {
    await listening(frontDoor);
    return await play(scenario, {
      frontDoor,
      api: async () => {
        await listening(api);
        // The listener is there before the Init phase that gives its calls a meaning.
        await pause(300);
        return api;
      },
    });
  } finally {
    end(emulator);
  }
}

/** Its bootstrap has a process group of its own. */
function end({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  const children = globSync(`/proc/${pid}/task/*/children`).flatMap((file) => readFileSync(file, "utf8").split(" "));
  for (const child of [pid, ...children.filter((text) => text.trim() !== "").map(Number)])
    process.kill(child, "SIGKILL");
}

async function listening(address: string): Promise<void> {
  const [host = "", port] = address.split(":");
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), host, () => resolve(true));
      socket.on("error", () => resolve(false));
      socket.on("connect", () => socket.end());
    });
    if (open) return;
    await pause(20);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // as: a TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
