/** An emulator that is killed cannot tidy up, and yet nothing of its functions goes on, or stands still for ever. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";

const test = suite("an emulator that is killed");
const root = join(import.meta.dirname, "../..");

/** Processes that have the variable, in whatever state they are. */
function marked(mark: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(`MARK=${mark}`))
    .map(Number);
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}

if (process.platform === "linux")
  test(
    "takes a frozen function with it",
    async () => {
      const mark = randomUUID();
      const program = join(root, "test/fixtures/emulators/frozen.ts");
      const emulator = spawn(process.execPath, [program, join(root, "examples/hello"), mark], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [said] = await once(emulator.stdout, "data");
      assert.is(String(said), "frozen\n");
      assert.ok(marked(mark).length > 0, "the function's process is there");
      emulator.kill("SIGKILL");
      await once(emulator, "exit");
      // Nobody is left who could tell of their end.
      while (marked(mark).length > 0) await pause(20);
    },
    { timeoutMs: 60_000 },
  );

test.run();
