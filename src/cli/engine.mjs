#!/usr/bin/env node
// Runs a file of this checkout on the Node that the lockfile pins: `node src/cli/engine.mjs FILE [ARG ...]`.
// Plain JavaScript that any Node since 18 can read, because the Node that starts it may be too old for the rest.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** First release lines that run TypeScript without a flag: https://nodejs.org/api/typescript.html */
const typescriptSince = { 22: 18, 23: 6 };

/** The pinned Node of this platform, or undefined where the lockfile has none. */
export function pinnedNode() {
  const found = join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  return existsSync(found) ? found : undefined;
}

/** Whether a version such as `v22.17.1` runs `.ts` files as they are. */
export function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.replace("v", "").split(".").map(Number);
  return major > 23 || minor >= (typescriptSince[major] ?? Number.POSITIVE_INFINITY);
}

/** Runs `file` in this process when it is the right Node already, else in a child with the same standard streams. */
export async function runOnEngine(file, args) {
  const pinned = pinnedNode();
  if (pinned === undefined && !runsTypeScript(process.version)) {
    console.error(
      `bootlace: Node ${process.version} is too old for a checkout, and this platform has no pinned one: install Node 24 and run "npm ci" again.`,
    );
    process.exit(2);
  }
  if (pinned === undefined || process.version === pinnedVersion()) {
    if (pinned === undefined) console.error(`bootlace: using the system's Node ${process.version}`);
    process.argv = [process.argv[0], resolve(file), ...args];
    await import(pathToFileURL(resolve(file)).href);
    return;
  }
  // Behind "--" Node leaves every argument to us, also one that it has itself.
  const child = spawn(pinned, ["--", resolve(file), ...args], { stdio: "inherit" });
  const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"];
  // A terminal sends Ctrl-C to both; whoever sends it to this process alone means the child.
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(
      `bootlace: The pinned Node cannot run here (${error.message}): remove node_modules/node-${process.platform}-${process.arch} to use the system's Node, which has to be 22.18 or newer.`,
    );
    process.exit(2);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function pinnedVersion() {
  const manifest = createRequire(import.meta.url)(
    join(root, "node_modules", `node-${process.platform}-${process.arch}`, "package.json"),
  );
  return `v${manifest.version}`;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [file, ...args] = process.argv.slice(2);
  await runOnEngine(join(root, file), args);
}
