// Starts the official emulator as the suite starts emulators: `start.mjs DIR --port 0 --timeout SECONDS [--layer DIR] …`.
// `AWS_LAMBDA_RIE` names its program. A layer becomes /opt in a mount namespace, which takes root.
import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort, listens } from "../ports.mjs";

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    port: { type: "string" },
    concurrency: { type: "string" },
    timeout: { type: "string" },
    layer: { type: "string" },
  },
});
const [task = "."] = positionals;
const program = process.env.AWS_LAMBDA_RIE ?? "aws-lambda-rie";
const [api, front] = [await freePort(), await freePort()];
const command = [
  program,
  ...["--runtime-api-address", `127.0.0.1:${api}`, "--runtime-interface-emulator-address", `127.0.0.1:${front}`],
  ...[join(task, "bootstrap"), "index.handler"],
];
const mounted = [
  "unshare",
  "--mount",
  "sh",
  "-c",
  'mount --bind "$0" /opt && exec "$@"',
  `${values.layer}`,
  ...command,
];
const [file, ...args] = values.layer === undefined ? command : mounted;
const env = { ...process.env, AWS_LAMBDA_FUNCTION_TIMEOUT: `${values.timeout}`, AWS_LAMBDA_FUNCTION_NAME: "function" };
const child = spawn(file, args, { cwd: task, env, stdio: ["ignore", "ignore", "inherit"] });
child.once("exit", (code) => process.exit(code ?? 1));
process.once("SIGTERM", () => child.kill("SIGTERM"));
while (!(await listens(front))) await pause(20);
console.log(`http://127.0.0.1:${front}`);
