/** Profiles, provisioned environments, and modes that Lambda would not take. */
import * as assert from "uvu/assert";
import { InvalidConfigurationError } from "../../src/emulator/function-configuration.ts";
import type { FunctionOptions } from "../../src/emulator/function-options.ts";
import type { ProfileName } from "../../src/protocol/profile.ts";
import { suite } from "../helpers/suite.ts";
import { played } from "./in-process-runtime.ts";
import { exchange, rawClient, request } from "./raw-client.ts";
import { next } from "./runtime-requests.ts";
import { type StagedEnvironment, staged } from "./staged-environment.ts";

const test = suite("an environment");

/** Profile, what the caller of an invocation that timed out gets, and whether that is a function error. 4.5, D18 */
const timeouts: readonly (readonly [ProfileName, RegExp, string | undefined])[] = [
  [
    "aws",
    /^\{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: a Error: Task timed out after 0.40 seconds"\}$/,
    "Unhandled",
  ],
  [
    "aws-2024",
    /^\{"errorMessage":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.\d{3}Z a Task timed out after 0.40 seconds"\}$/,
    "Unhandled",
  ],
  ["rie", /^Task timed out after 0.40 seconds$/, undefined],
];

/** Profile, headers of an event that it has for its trace and its attempt, the reason of the SHUTDOWN after a time-out. D5, D10, D31 */
const wires: readonly (readonly [ProfileName, readonly string[], string])[] = [
  ["aws", ["Invocation-Id", "Trace-Id"], "timeout"],
  ["aws-2024", ["Trace-Id"], "timeout"],
  ["rie", [], "Timeout"],
];

for (const [index, [profile, payload, functionError]] of timeouts.entries()) {
  test(`of the profile ${profile} words a time-out, a trace and a shutdown as it does there`, async () => {
    await using stage = await staged({ profile, timeoutMs: 400, extensions: ["x"] });
    const result = stage.invoke("a", { traceId: "Root=1-5759e988-bd862e3fe1be46a994272793" });
    const extension = await extending(stage);
    const runtime = await rawClient(stage.api);
    const event = await runtime.write(next).response();
    const [, headers, reason] = wires[index] ?? [profile, [], ""];
    const named = event?.lines
      .map((line) => line.split(": ")[0] ?? "")
      .filter((name) => /Trace-Id|Invocation-Id/.test(name));
    assert.equal(
      named?.sort(),
      headers.map((name) => `Lambda-Runtime-${name}`),
    );
    const told = await extension.response();
    assert.is(told?.body.toString().includes('"tracing"'), profile !== "rie");
    extension.write(request("GET /2020-01-01/extension/event/next", { "Lambda-Extension-Identifier": identifier }));
    const shutdown = JSON.parse((await extension.response())?.body.toString() ?? "{}");
    assert.is(shutdown.shutdownReason, reason);
    stage.exit("extension:x", { how: "code", code: 0 });
    const caller = await result;
    assert.match(Buffer.from(caller.payload).toString(), payload);
    assert.is(caller.functionError, functionError);
  });
}

let identifier = "";

/** Registers `x` for everything and waits in `next`. */
async function extending(stage: StagedEnvironment) {
  await stage.until(() => stage.alive("extension:x"));
  const events = '{"events":["INVOKE","SHUTDOWN"]}';
  const { lines } = await exchange(
    stage.api,
    request("POST /2020-01-01/extension/register", { "Lambda-Extension-Name": "x" }, events),
  );
  identifier = lines.find((line) => line.startsWith("Lambda-Extension-Identifier"))?.split(": ")[1] ?? "";
  const client = await rawClient(stage.api);
  return client.write(request("GET /2020-01-01/extension/event/next", { "Lambda-Extension-Identifier": identifier }));
}

const echo = ({ event }: { event: string }) => event;
const post = (body = "{}") => request("POST /2015-03-31/functions/hello/invocations", {}, body);

test("that is provisioned is initialised ahead, says so, and takes the first invocation", async () => {
  await using service = await played(({ env }) => JSON.stringify(env.AWS_LAMBDA_INITIALIZATION_TYPE), {
    provisioned: 2,
    idleTimeoutMs: 1,
  });
  await service.lambda.provisioned();
  const environments = await service.lambda.environments();
  assert.equal(
    environments.map(({ state }) => state.phase.at),
    ["idle", "idle"],
  );
  assert.is((await exchange(service.address, post())).body.toString(), '"provisioned-concurrency"');
  assert.is((await service.lambda.environments()).length, 2);
});

test("beyond the provisioned ones is made on demand", async () => {
  const gate = Promise.withResolvers<void>();
  const play = async ({ env }: { env: Readonly<Record<string, string>> }) => {
    const type = env.AWS_LAMBDA_INITIALIZATION_TYPE;
    if (type === "provisioned-concurrency") await gate.promise;
    return JSON.stringify(type);
  };
  await using service = await played(play, { provisioned: 1 });
  await service.lambda.provisioned();
  const first = exchange(service.address, post());
  const second = await exchange(service.address, post());
  gate.resolve();
  assert.equal([(await first).body.toString(), second.body.toString()], ['"provisioned-concurrency"', '"on-demand"']);
});

/** Options that Lambda would not take, and what it takes instead. */
const invalid: readonly (readonly [Partial<FunctionOptions>, string])[] = [
  [{ maxConcurrency: 2 }, `Cannot use "maxConcurrency" of the function: it takes a value with the profile "lmi" only`],
  [
    { profile: "lmi", maxConcurrency: 0 },
    'Cannot use "maxConcurrency" of the function: it takes a whole number from 1 to 1600',
  ],
  [
    { profile: "lmi", maxConcurrency: 1_601 },
    'Cannot use "maxConcurrency" of the function: it takes a whole number from 1 to 1600',
  ],
  [
    { profile: "lmi", provisioned: 1 },
    `Cannot use "provisioned" of the function: it takes no value with the profile "lmi"`,
  ],
  [
    { profile: "lmi", snapStart: true },
    `Cannot use "snapStart" of the function: it takes no value with the profile "lmi"`,
  ],
  [
    { profile: "lmi", logFormat: "Text" },
    `Cannot use "logFormat" of the function: it takes JSON with the profile "lmi"`,
  ],
  [{ provisioned: 11 }, 'Cannot use "provisioned" of the function: it takes a whole number from 0 to 10'],
  [
    { provisioned: 1, snapStart: true },
    'Cannot use "provisioned" of the function: it takes no value together with SnapStart',
  ],
];

for (const [options, message] of invalid) {
  test(`is not made with ${JSON.stringify(options)}`, async () => {
    const error = await played(echo, options).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.instance(error, InvalidConfigurationError);
    assert.is(error instanceof Error && error.message, message);
  });
}

/** RIE rapidcore/server.go Invoke: AwaitRelease */
for (const [profile, phase] of [
  ["rie", "idle"],
  ["aws", "invoke"],
] as const) {
  test(`of the profile ${profile} has its caller answered in the ${phase} phase, and the next call finds it so`, async () => {
    await using service = await played(() => '"done"', { profile });
    const invokedFunctionArn = "arn:aws:lambda:us-east-1:012345678912:function:hello";
    await service.lambda.invoke({ requestId: "a", invocationId: "b", event: Buffer.from("{}"), invokedFunctionArn });
    const [environment] = await service.lambda.environments();
    assert.is(environment?.state.phase.at, phase);
  });
}

test.run();
