import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";

const test = suite("TCP of the engine");
const run = promisify(execFile);
const file = new URL("../../src/platform/tcp-of-engine.ts", import.meta.url).href;
const program = `console.log((await import(${JSON.stringify(file)})).tcpOfEngine() !== undefined)`;
const inLayers = ["24", "26"].includes(process.versions.node.split(".")[0] ?? "");

const starts: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>, boolean])[] = [
  ["is taken on the engines of the layers, without a word", [], {}, inLayers],
  ["is left alone where a flag asks for pending deprecations", ["--pending-deprecation"], {}, false],
  ["is left alone where NODE_OPTIONS asks for them", [], { NODE_OPTIONS: "--pending-deprecation" }, false],
  ["is left alone where Node's other spelling asks for them", [], { NODE_OPTIONS: "--pending_deprecation" }, false],
  ["is left alone where a variable asks for them", [], { NODE_PENDING_DEPRECATION: "1" }, false],
  ["is left alone where Node forbids it", ["--permission", "--allow-fs-read=*"], {}, false],
];

for (const [title, flags, environment, taken] of starts) {
  test(title, async () => {
    const args = [...flags, "--input-type=module", "--eval", program];
    const { stdout, stderr } = await run(process.execPath, args, { env: { ...process.env, ...environment } });
    assert.equal({ stdout, stderr }, { stdout: `${taken}\n`, stderr: "" });
  });
}

test.run();
