import { spawn } from "node:child_process";
import { once } from "node:events";
import { performance } from "node:perf_hooks";

/** How long a program that does nothing takes to start and to end, on this machine and under this load. */
export async function idleProgramMs(): Promise<number> {
  const began = performance.now();
  await once(spawn("/bin/sh", ["-c", ":"], { stdio: "ignore" }), "exit");
  return performance.now() - began;
}
