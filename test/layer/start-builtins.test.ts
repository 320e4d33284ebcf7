import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import * as assert from "uvu/assert";
import { manifest } from "../../layer/manifest.ts";
import { bundleBootstrap } from "../../src/layer/build-bootstrap.ts";
import { engineOf, hostArchitecture } from "../../src/layer/engine.ts";
import { ownProgram } from "../../src/layer/runtime-parts.ts";
import { defaultCacheDirectory } from "../../src/platform/package-root.ts";
import { temporaryFolder } from "../../src/platform/temporary-folder.ts";
import { suite } from "../helpers/suite.ts";
import { rawServer } from "../platform/raw-server.ts";

const test = suite("a start of the layer");

/** What the runtime makes the engine load, and why it is worth its time. All else comes with any script. */
const worthIt: Readonly<Record<string, string>> = {
  "NativeModule vm": "takes the compiled program, and is a tenth of what that saves",
  "NativeModule internal/async_local_storage/run_scope": "whose invocation it is",
  "NativeModule internal/async_local_storage/async_context_frame": "whose invocation it is",
  "Internal Binding tcp_wrap": "the connection",
  "Internal Binding stream_wrap": "the connection",
};

const folder = temporaryFolder("bootlace-builtins-");
const engine = await engineOf(hostArchitecture);
for (const { path, content } of await ownProgram((await bundleBootstrap()).code, engine, defaultCacheDirectory())) {
  mkdirSync(dirname(join(folder.path, path)), { recursive: true });
  writeFileSync(join(folder.path, path), content);
}

const say = "process._rawDebug(JSON.stringify(process.moduleLoadList))";
writeFileSync(join(folder.path, "minimal.cjs"), say);
// By then `GET /next` has been written.
writeFileSync(join(folder.path, "common.cjs"), `setImmediate(() => ${say}); exports.handler = async () => {};`);
writeFileSync(join(folder.path, "module.mjs"), `setImmediate(() => ${say}); export const handler = async () => {};`);

for (const [kind, handler] of [
  ["CommonJS", "common.handler"],
  ["an ES module", "module.handler"],
] as const)
  test(`loads no built-in module that a function in ${kind} does not need`, async () => {
    const fromAnyScript = await loadedBy(["minimal.cjs"], {});
    await using server = await rawServer(() => {});
    const loaded = await loadedBy([manifest.places.program], {
      AWS_LAMBDA_RUNTIME_API: server.authority,
      LAMBDA_TASK_ROOT: folder.path,
      _HANDLER: handler,
    });
    const own = loaded.filter((name) => !fromAnyScript.includes(name));
    const newcomers = own.filter((name) => !(name in worthIt));
    assert.is(
      newcomers.join(", "),
      "",
      `A start now loads ${newcomers.join(", ")}: load it where it is used (process.getBuiltinModule), or say here why every start needs it`,
    );
    const gone = Object.keys(worthIt).filter((name) => !own.includes(name));
    assert.is(gone.join(", "), "", `A start no longer loads ${gone.join(", ")}: take it from the list`);
  });

/** The names in the first line that a script writes, of a process that may run on. */
async function loadedBy(args: readonly string[], env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const child = spawn(engine.node, args, { cwd: folder.path, env, stdio: ["ignore", "ignore", "pipe"] });
  const closed = once(child, "close");
  try {
    for await (const line of createInterface(child.stderr)) return JSON.parse(line);
    throw new Error("It ended without a word");
  } finally {
    child.kill("SIGKILL");
    await closed;
  }
}

test.run();
