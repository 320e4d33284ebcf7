import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { buildFunctionArchive } from "../../src/layer/function-archive.ts";
import { unpackZip } from "../../src/platform/archive-unpack.ts";
import { suite } from "../helpers/suite.ts";

/** Each test builds up to three functions, and each build runs its function three times. */
const buildsTimeoutMs = 60_000;

const inner = suite("real software, built,");
const test = (title: string, body: () => unknown) => inner(title, body, { timeoutMs: buildsTimeoutMs });
const here = import.meta.dirname;
if (!existsSync(join(here, "node_modules"))) execFileSync("npm", ["ci", "--ignore-scripts"], { cwd: here });
const root = mkdtempSync(join(tmpdir(), "bootlace-built-"));
inner.after(() => rmSync(root, { recursive: true, force: true }));

const arch = process.arch === "arm64" ? "arm64" : "x86_64";
const http: object = JSON.parse(readFileSync(join(here, "../../examples/hello/event.json"), "utf8"));
const lambda = {
  AWS_LAMBDA_FUNCTION_NAME: "orders",
  AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
  AWS_REGION: "us-east-1",
};

for (const [name, events] of [
  ["middy", [{ headers: { "Content-Type": "application/json" }, body: '{"a":1}' }]],
  ["powertools", [{}]],
  ["hono", [http]],
] as const)
  test(`${name} answers the same, whether modules wait or not`, async () => {
    const late = await packed(name, events, {});
    const eager = await packed(name, events, { lateModules: false });
    assert.is(late.built.lateModules.type, "late", JSON.stringify(late.built.lateModules));
    for (const event of events) assert.equal(said(late.folder, event), said(eager.folder, event));
  });

test("Powertools with a tracer that patches nothing loads no tls before its first answer", async () => {
  const environment = { POWERTOOLS_TRACER_CAPTURE_HTTPS_REQUESTS: "false" };
  const { built, folder } = await packed("powertools", [{}], { environment });
  assert.ok(built.lateModules.type === "late" && built.lateModules.modules.includes("https"));
  assert.equal(loaded(folder, {}, environment), []);
  // By its nature: X-Ray's patch needs the module.
  const patching = await packed("powertools", [{}], {});
  assert.equal(loaded(patching.folder, {}, {}), ["https", "tls"]);
});

test("X-Ray patches a module that has waited, for everybody", async () => {
  const { built, folder } = await packed("xray", [{}], {});
  assert.ok(built.lateModules.type === "late" && built.lateModules.modules.includes("https"));
  assert.equal(said(folder, { traced: true }).answer, [false, "captureHTTPsGet", "captureHTTPsGet", true]);
});

inner.run();

interface Choices {
  readonly lateModules?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

async function packed(name: string, events: readonly object[], choices: Choices) {
  const place = mkdtempSync(join(root, "built-"));
  const outFile = join(place, "function.zip");
  const folder = join(place, "task");
  const files = events.map((event, index) => {
    const file = join(place, `event-${index}.json`);
    writeFileSync(file, JSON.stringify(event));
    return file;
  });
  const suffix = existsSync(join(here, "functions", `${name}.mjs`)) ? "mjs" : "cjs";
  const built = await buildFunctionArchive({
    entry: join(here, "functions", `${name}.${suffix}`),
    outFile,
    cache: { handler: "index.handler", environment: {}, arch, events: files, ...choices },
  });
  assert.equal(built.cache.warnings, []);
  await unpackZip(outFile, folder, { unzippedBytesMax: 100_000_000 });
  return { built, folder };
}

/** Which of these an answer has brought. */
function loaded(folder: string, event: object, environment: Readonly<Record<string, string>>): readonly string[] {
  return said(folder, event, environment).loaded;
}

/** What the handler answers in a process of its own, and whether TLS was loaded by then. */
function said(folder: string, event: object, environment: Readonly<Record<string, string>> = {}) {
  const program = `globalThis.awslambda = { streamifyResponse: (handler) => handler };
    const { handler } = require("./index.cjs"); const context = { getRemainingTimeInMillis: () => 1000, awsRequestId: "id" };
    Promise.resolve(handler(${JSON.stringify(event)}, context)).then((answer) => {
      const loaded = ["https", "tls"].filter((name) => process.moduleLoadList.includes("NativeModule " + name));
      require("fs").writeFileSync("said.json", JSON.stringify({ answer, loaded }));
    });`;
  const env = { PATH: process.env.PATH, ...lambda, AWS_XRAY_CONTEXT_MISSING: "IGNORE_ERROR", ...environment };
  const { stderr, status } = spawnSync(process.execPath, ["-e", program], { cwd: folder, encoding: "utf8", env });
  assert.is(status, 0, stderr);
  return JSON.parse(readFileSync(join(folder, "said.json"), "utf8"));
}
