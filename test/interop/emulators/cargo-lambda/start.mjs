// Starts cargo-lambda's emulator as the suite starts emulators: `start.mjs DIR --port 0 --timeout SECONDS …`. `CARGO_LAMBDA`
// names its program, and the toolchain of Rust is on the path, because it starts a function with `cargo run`. Ours there
// becomes the bootstrap in DIR. It gives a function `http://HOST:PORT/.rt/NAME` for its AWS_LAMBDA_RUNTIME_API; the puppet,
// as most runtimes, takes a host and a port. So a relay stands between the two, which adds the path and changes nothing else.
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort, listens } from "../ports.mjs";
import { startRelay } from "./relay.mjs";

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    port: { type: "string" },
    concurrency: { type: "string" },
    timeout: { type: "string" },
    url: { type: "string" },
    "invoke-mode": { type: "string" },
  },
});
const [task = "."] = positionals;
const project = join(import.meta.dirname, "../../../../node_modules/.cache/bootlace-interop/cargo-lambda");
mkdirSync(join(project, "src"), { recursive: true });
for (const name of ["Cargo.toml", "src/main.rs"]) lay(join(import.meta.dirname, "function", name), join(project, name));

const front = await freePort();
const api = await startRelay(front, "/.rt/function");
const env = {
  ...process.env,
  BOOTSTRAP: join(task, "bootstrap"),
  RUNTIME_API: `127.0.0.1:${api}`,
  LAMBDA_TASK_ROOT: task,
};
// Without --wait it starts one more process, for a function without a name that nobody invokes here.
const options = [
  "--ignore-changes",
  "--wait",
  "--timeout",
  `${values.timeout ?? 30}`,
  "--invoke-address",
  "127.0.0.1",
  "--invoke-port",
  `${front}`,
];
const program = process.env.CARGO_LAMBDA ?? "cargo-lambda";
const child = spawn(program, ["lambda", "watch", ...options], {
  cwd: project,
  env,
  stdio: ["ignore", "ignore", "inherit"],
});
child.once("exit", (code) => process.exit(code ?? 1));
process.once("SIGTERM", () => child.kill("SIGTERM"));
while (!(await listens(front))) await pause(20);
const url = values.url === undefined ? undefined : await startRelay(front, "/lambda-url/function");
if (url !== undefined) console.log(`Function URL: http://127.0.0.1:${url}`);
console.log(`http://127.0.0.1:${front}`);

/** Several are started side by side, and none may read what another one has half written. */
function lay(from, to) {
  if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) return;
  copyFileSync(from, `${to}.${process.pid}`);
  renameSync(`${to}.${process.pid}`, to);
}
