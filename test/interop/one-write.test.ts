/** The response and the next poll in one write, against the official emulator, which `BOOTLACE_RIE` names: it is built outside. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import { skip, suite } from "../helpers/suite.ts";

const test = suite("one write, with the official emulator,");
const emulator = process.env.BOOTLACE_RIE ?? "";
const program = join(import.meta.dirname, "../../src/runtime/main.ts");
const invocations = 300;

if (!existsSync(emulator)) {
  test("is tried", () => skip("there is none; name a built aws-lambda-rie in BOOTLACE_RIE"));
} else {
  for (const [how, env] of [
    ["in one write", { BOOTLACE_ONE_WRITE: "1" }],
    ["one after the other", {}],
  ] as const)
    test(
      `${how}: each invocation runs once and is answered once, behind errors and oversize responses too`,
      async () => {
        const port = await freePort();
        const child = start(port, await freePort(), env);
        try {
          for (let nth = 1; nth <= invocations; nth += 1) {
            const op = nth % 10 === 3 ? "throw" : nth % 50 === 7 ? "large" : "count";
            const answer = await invoked(port, { op });
            if (op === "throw") assert.match(answer, `"errorMessage":"run ${nth}"`);
            else if (op === "large")
              assert.match(answer, /Function\.ResponseSizeTooLarge|exceeded maximum allowed payload size/);
            else assert.is(JSON.parse(answer).runs, nth);
          }
        } finally {
          child.kill("SIGKILL");
          await once(child, "close");
        }
      },
      { timeoutMs: 120_000 },
    );
}

test.run();

function start(port: number, apiPort: number, more: Readonly<Record<string, string>>): ChildProcess {
  const addresses = [
    "--runtime-interface-emulator-address",
    `127.0.0.1:${port}`,
    "--runtime-api-address",
    `127.0.0.1:${apiPort}`,
  ];
  const env = {
    PATH: process.env.PATH ?? "",
    _HANDLER: "index.handler",
    LAMBDA_TASK_ROOT: join(import.meta.dirname, "one-write"),
    ...more,
  };
  return spawn(emulator, [...addresses, process.execPath, program], { env, stdio: "ignore" });
}

/** The emulator says nowhere that it listens. */
async function invoked(port: number, event: object): Promise<string> {
  const url = `http://127.0.0.1:${port}/2015-03-31/functions/function/invocations`;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await fetch(url, { method: "POST", body: JSON.stringify(event) });
      return await response.text();
    } catch (error) {
      if (attempt === 200 || !isRefused(error)) throw error;
      await sleep(50);
    }
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && JSON.stringify(error.cause).includes("ECONNREFUSED");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
