/** Nothing that a function can be given is dropped in silence: each option is honoured, or told of, or refused; and each range has two ends. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { functionOptions } from "../../src/cli/function-options.ts";
import { type EmulateOptions, emulate } from "../../src/emulator/emulate.ts";
import { parseUrlCors } from "../../src/emulator/url-cors.ts";
import { limits } from "../../src/protocol/limits.ts";
import { assertTest } from "../helpers/named-test.ts";
import { rejects, suite } from "../helpers/suite.ts";

const test = suite("the options of a function:");
const here = "test/emulator";
const walls = "test/e2e/isolation.test.ts";

/** Where each is seen to be honoured; an option that is added has to be added here. */
const honoured: Readonly<Record<keyof EmulateOptions, readonly [file: string, words: string]>> = {
  accountId: [`${here}/extensions-api.test.ts`, "tells the account id"],
  applicationLogLevel: [`${here}/json-log.test.ts`, "has the function's lines from its level on"],
  bootstrap: [`${here}/emulate.test.ts`, "takes a program to be the runtime"],
  debugging: [`${here}/debugging.test.ts`, "the runtime listens for the debugger"],
  environment: [`${here}/processes.test.ts`, "is handed the documented variables"],
  environmentsMax: [`${here}/concurrency.test.ts`, "and the one beyond them 429"],
  faults: [`${here}/journal.test.ts`, "says which fault of the plan was carried out"],
  functionName: [`${here}/invoke-api.test.ts`, "finds the function by"],
  handler: [`${here}/extensions-api.test.ts`, "registers with the function's facts"],
  idleTimeoutMs: [`${here}/idle.test.ts`, "is shut down after its time"],
  initTimeoutMs: [`${here}/processes.test.ts`, "is limited in Init"],
  isolation: [walls, "inherits its three standard descriptors and no other"],
  layers: [`${here}/confinement.test.ts`, "layers lie over each other in order"],
  logFormat: [`${here}/json-log.test.ts`, "is told to the runtime, and Text is not"],
  maxConcurrency: [`${here}/managed-instances.test.ts`, "tells its concurrency to the runtime alone"],
  memoryMb: [walls, "is killed when it takes more memory than it has"],
  network: ["test/e2e/network.test.ts", "reaches what the table says"],
  observer: [`${here}/journal.test.ts`, "says which fault of the plan was carried out"],
  processors: [walls, "has the share of a processor that its memory buys"],
  profile: [`${here}/managed-instances.test.ts`, "logs in JSON unasked"],
  provisioned: ["test/e2e/modes.test.ts", "provisioned"],
  region: [`${here}/invoke-refusals.test.ts`, "refuses ${given"],
  root: [walls, "runs in an unpacked image"],
  snapStart: ["test/e2e/modes.test.ts", "snapshot"],
  streamPace: [`${here}/streaming.test.ts`, "a function with a pace holds back what exceeds the burst"],
  supervise: [`${here}/debugging.test.ts`, "the runtime listens for the debugger"],
  systemLogLevel: [`${here}/json-log.test.ts`, "has what its level says"],
  task: [`${here}/emulate.test.ts`, "takes a program to be the runtime"],
  tenantIsolationMode: [`${here}/invoke-api.test.ts`, "gives each tenant environments of its own"],
  timeoutMs: [`${here}/telemetry.test.ts`, "tells of a time-out while there is somebody"],
  tmpMb: [walls, "with a /tmp of its size"],
};

for (const [option, [file, words]] of Object.entries(honoured))
  test(`"${option}" has a test that sees it honoured`, () => assertTest(file, words));

test("the command line has no option that they have not", () => {
  const of: Readonly<Record<keyof typeof functionOptions, keyof EmulateOptions>> = {
    cpu: "processors",
    env: "environment",
    variables: "environment",
    faults: "faults",
    handler: "handler",
    isolation: "isolation",
    layer: "layers",
    "log-format": "logFormat",
    "log-level": "applicationLogLevel",
    "max-concurrency": "maxConcurrency",
    memory: "memoryMb",
    name: "functionName",
    network: "network",
    profile: "profile",
    provisioned: "provisioned",
    root: "root",
    seed: "faults",
    "snap-start": "snapStart",
    "system-log-level": "systemLogLevel",
    timeout: "timeoutMs",
    tmp: "tmpMb",
  };
  assert.equal(Object.keys(functionOptions).sort(), Object.keys(of).sort());
  for (const option of Object.values(of)) assert.ok(Object.hasOwn(honoured, option));
});

test("without walls, each that needs one is told of or refused", async () => {
  const isolation = { kind: "none", reason: "a test" } as const;
  await using lambda = await emulate({ task, isolation, memoryMb: 512, tmpMb: 1_024 });
  const told = lambda.lambda.notEnforced.map(({ what }) => what);
  for (const what of ["memory", "the size of /tmp", "the share of the processor"]) assert.ok(told.includes(what), what);
  await rejects(
    emulate({ task, isolation, network: "none" }),
    /^Cannot give the function a network of its own \(a test/,
  );
  await rejects(emulate({ isolation, task, root: task }), /^Cannot use ".*" as the root \(a test\): run it on Linux$/);
});

test("every attack of docs/ISOLATION.md has the tests that it names", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/ISOLATION.md"), "utf8");
  const named = [...page.matchAll(/`(test\/[^`]+)` "([^"]+)"/g)];
  assert.ok(named.length > 20);
  for (const [, file = "", words = ""] of named) assertTest(file, words);
  const rows = [...page.matchAll(/^\| ([\d, ]+) \| .*\| `test/gm)].flatMap(([, row = ""]) => row.split(", "));
  assert.equal(
    rows.map(Number),
    Array.from({ length: 16 }, (_, index) => index + 1),
  );
});

type Ranged = Exclude<keyof EmulateOptions, "environment" | "layers" | "observer">;

/** Both ends of each range: the last value that is taken, and the first that is not. */
const ranges: readonly (readonly [Ranged, min: number, max: number | undefined, rest?: EmulateOptions])[] = [
  ["memoryMb", limits.memoryMbMin, limits.memoryMbMax],
  ["timeoutMs", limits.timeoutMsMin, limits.timeoutMsMax],
  ["tmpMb", limits.tmpMbMin, limits.tmpMbMax],
  ["maxConcurrency", limits.concurrencyMin, limits.concurrencyMax, { profile: "lmi" }],
  ["provisioned", 0, 10, { isolation: { kind: "none", reason: "a test" } }],
  ["environmentsMax", 0, undefined],
  ["idleTimeoutMs", 0, undefined],
  ["initTimeoutMs", 0, undefined],
];
for (const [option, min, max, rest = {}] of ranges) {
  test(`"${option}" has its range, and one sentence for what is outside`, async () => {
    if (option !== "provisioned")
      for (const value of [min, ...(max === undefined ? [] : [max])])
        await (await emulate({ task, ...rest, [option]: value })).close();
    const outside = [min - 1, Number.NaN, ...(max === undefined ? [] : [max + 1, min + 0.5])];
    for (const value of outside) await sentence({ ...rest, [option]: value }, option);
  });
}

/** Text that is too long by one character, or otherwise not Lambda's. */
const texts: readonly (readonly [Ranged | "environment", taken: unknown, refused: unknown])[] = [
  ["functionName", "f".repeat(limits.functionNameCharactersMax), "f".repeat(limits.functionNameCharactersMax + 1)],
  ["handler", "h".repeat(limits.handlerCharactersMax), "h".repeat(limits.handlerCharactersMax + 1)],
  ["accountId", "123456789012", "1234567890123"],
  ["region", "eu-central-1", "europe"],
  [
    "environment",
    { AB: "x".repeat(limits.environmentBytesMax - 2) },
    { AB: "x".repeat(limits.environmentBytesMax - 1) },
  ],
  ["environment", { ab: "" }, { AWS_REGION: "x" }],
  ["logFormat", "JSON", "XML"],
  ["profile", "rie", "gcp"],
];
for (const [option, taken, refused] of texts) {
  test(`"${option}" takes ${JSON.stringify(taken).slice(0, 30)} and has one sentence for what is outside`, async () => {
    await (await emulate({ task, [option]: taken })).close();
    await sentence({ [option]: refused }, option);
  });
}

test("the lists of a URL's CORS settings have their ends", () => {
  const lists = [
    ["AllowHeaders", limits.corsHeadersMax, limits.corsHeaderCharactersMax],
    ["ExposeHeaders", limits.corsHeadersMax, limits.corsHeaderCharactersMax],
    ["AllowMethods", limits.corsMethodsMax, limits.corsMethodCharactersMax],
    ["AllowOrigins", limits.corsOriginsMax, limits.corsOriginCharactersMax],
  ] as const;
  for (const [list, items, characters] of lists) {
    parseUrlCors({ [list]: Array(items).fill("x".repeat(characters)) });
    assert.throws(() => parseUrlCors({ [list]: Array(items + 1).fill("x") }), new RegExp(`: ${list}`));
    assert.throws(() => parseUrlCors({ [list]: ["x".repeat(characters + 1)] }), new RegExp(`: ${list}`));
  }
  parseUrlCors({ MaxAge: limits.corsMaxAgeSecondsMax });
  assert.throws(() => parseUrlCors({ MaxAge: limits.corsMaxAgeSecondsMax + 1 }), /: MaxAge/);
});

async function sentence(options: object, option: string): Promise<void> {
  const { message } = await rejects(
    emulate({ task, ...options }),
    new RegExp(`^Cannot use "${option}" of the function: `),
  );
  assert.match(message, /^[^\n]*[^.\n]$/);
}

const folder = mkdtempSync(join(tmpdir(), "bootlace-options-"));
const task = join(folder, "task");
mkdirSync(task);
writeFileSync(join(task, "bootstrap"), "#!/bin/sh\n", { mode: 0o755 });
test.after(() => rmSync(folder, { recursive: true }));

test.run();
