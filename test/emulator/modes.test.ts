/** Managed Instances, SnapStart, provisioned environments and profiles over real sockets; the processes are played. */
import * as assert from "uvu/assert";
import { emulate } from "../../src/emulator/emulate.ts";
import { InvalidConfigurationError } from "../../src/emulator/function-configuration.ts";
import type { FunctionOptions } from "../../src/emulator/function-options.ts";
import { InvocationRefusedError } from "../../src/emulator/invocation.ts";
import type { ProfileName } from "../../src/protocol/profile.ts";
import { suite } from "../helpers/suite.ts";
import { inProcess, played } from "./in-process-runtime.ts";
import { exchange, type RawResponse, rawClient, request } from "./raw-client.ts";
import { type StagedEnvironment, staged } from "./staged-environment.ts";

const test = suite("an environment");

const next = request("GET /2018-06-01/runtime/invocation/next");
const restoreNext = request("GET /2018-06-01/runtime/restore/next");
const accepted = '202 {"status":"OK"}\n';

function answer(requestId: string, body = '"done"', headers = {}): Buffer {
  return request(`POST /2018-06-01/runtime/invocation/${requestId}/response`, headers, body);
}

function requestIdOf({ lines }: RawResponse): string {
  return lines.find((line) => line.startsWith("Lambda-Runtime-Aws-Request-Id"))?.split(": ")[1] ?? "";
}

function managed(options = {}): Promise<StagedEnvironment> {
  return staged({ profile: "lmi", initializationType: "lambda-managed-instances", concurrency: 8, ...options });
}

test("of Managed Instances hands eight events to eight parallel next calls and takes the answers in any order (SRV-RT-041)", async () => {
  await using stage = await managed();
  void stage.environment.init();
  const workers = await Promise.all(Array.from({ length: 8 }, () => rawClient(stage.api)));
  for (const worker of workers) worker.write(next);
  await stage.until(() => waiting(stage) === 8);
  const ids = workers.map((_, index) => `r${index}`);
  const results = ids.map((id) => stage.invoke(id, { event: Buffer.from(`"${id}"`) }));
  const events = await Promise.all(workers.map((worker) => worker.response()));
  assert.equal(
    events.map((event) => event?.body.toString()).sort(),
    ids.map((id) => `"${id}"`),
  );
  for (const event of events.toReversed()) {
    if (event === undefined) throw new Error("A worker was cut off");
    const id = requestIdOf(event);
    assert.match(await (await rawClient(stage.api)).write(answer(id, `"of ${id}"`)).answer(), "202");
  }
  const payloads = (await Promise.all(results)).map(({ payload }) => Buffer.from(payload).toString());
  assert.equal(
    payloads,
    ids.map((id) => `"of ${id}"`),
  );
  assert.not(stage.told.some((what) => what === "freeze" || what === "thaw"));
});

function waiting({ environment }: StagedEnvironment): number {
  const { runtime } = environment.state;
  return runtime.at === "serving" ? runtime.nextCalls.length : 0;
}

test("of Managed Instances fails one invocation at its time-out, answers 410 once, and goes on (SRV-RT-042)", async () => {
  await using stage = await managed({ timeoutMs: 400 });
  void stage.environment.init();
  const [slow, other] = [await rawClient(stage.api), await rawClient(stage.api)];
  slow.write(next);
  await stage.until(() => waiting(stage) === 1);
  const late = stage.invoke("late");
  await slow.response();
  const { payload, functionError } = await late;
  const told = '{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out after 0.40 seconds"}';
  assert.equal([Buffer.from(payload).toString(), functionError], [told, "Unhandled"]);
  assert.is(
    await slow.write(answer("late")).answer(),
    '410 {"errorMessage":"Invoke timeout","errorType":"InvokeTimeout"}\n',
  );
  assert.is(
    await slow.write(answer("late")).answer(),
    '400 {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n',
  );
  other.write(next);
  await stage.until(() => waiting(stage) === 1);
  const result = stage.invoke("fine");
  await other.response();
  assert.is(await other.write(answer("fine")).answer(), accepted);
  assert.is(Buffer.from((await result).payload).toString(), '"done"');
  assert.equal(stage.told, ["start runtime"], "nobody was signalled");
});

test("of Managed Instances refuses an answer that is still being sent at the time-out", async () => {
  await using stage = await managed({ timeoutMs: 400 });
  void stage.environment.init();
  const worker = await rawClient(stage.api);
  worker.write(next);
  await stage.until(() => waiting(stage) === 1);
  const result = stage.invoke("cut");
  await worker.response();
  worker.write(
    `POST /2018-06-01/runtime/invocation/cut/response HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf`,
  );
  assert.is((await result).functionError, "Unhandled");
  assert.match(await worker.answer(), /^410 /);
});

test("of Managed Instances sends headers without a value too", async () => {
  await using stage = await managed();
  void stage.environment.init();
  const worker = await rawClient(stage.api);
  worker.write(next);
  await stage.until(() => waiting(stage) === 1);
  void stage.invoke("a");
  const lines = (await worker.response())?.lines.filter((line) => /^Lambda-Runtime-(Tr|Cl|Co|Aws-T)/.test(line));
  const empty = ["Lambda-Runtime-Trace-Id: ", "Lambda-Runtime-Client-Context: ", "Lambda-Runtime-Cognito-Identity: "];
  assert.equal(lines, empty);
});

test("of Managed Instances says no when no worker waits", async () => {
  await using stage = await managed();
  void stage.environment.init();
  const worker = await rawClient(stage.api);
  worker.write(next);
  await stage.until(() => waiting(stage) === 1);
  void stage.invoke("a");
  await worker.response();
  const refused = await stage.invoke("b").then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.instance(refused, InvocationRefusedError);
  assert.is(refused instanceof InvocationRefusedError && refused.refusal, "Runtime.Unavailable");
});

test("of Managed Instances takes an error of a mebibyte, and refuses one that is larger with 413 (D30)", async () => {
  await using stage = await managed();
  void stage.environment.init();
  const worker = await rawClient(stage.api);
  worker.write(next);
  await stage.until(() => waiting(stage) === 1);
  const result = stage.invoke("a");
  await worker.response();
  const error = (bytes: number) =>
    request("POST /2018-06-01/runtime/invocation/a/error", {}, JSON.stringify("e".repeat(bytes - 2)));
  const tooLarge = "Exceeded maximum allowed payload size (6291556 bytes).";
  const refused = `413 {"errorMessage":"${tooLarge}","errorType":"RequestEntityTooLarge"}\n`;
  assert.is(await worker.write(error(1_048_577)).answer(), refused);
  assert.is(await worker.write(error(1_048_576)).answer(), accepted);
  assert.is((await result).payload.length, 1_048_576);
});

test("of Managed Instances words a refused state in lower case (1.2)", async () => {
  await using stage = await managed();
  void stage.environment.init();
  const worker = await rawClient(stage.api);
  worker.write(next);
  await stage.until(() => waiting(stage) === 1);
  const { body } = await exchange(stage.api, request("POST /2018-06-01/runtime/init/error", {}, "{}"));
  assert.match(body.toString(), /failed for runtime\. Error: state transition is not allowed"/);
});

test("of Managed Instances refuses a request id that is in hand", async () => {
  await using stage = await managed();
  void stage.invoke("a").catch(() => {});
  const refused = await stage.invoke("a").then(
    () => "",
    (error: Error) => error.message,
  );
  assert.is(refused, 'Cannot invoke: the request id "a" is still in hand');
});

test("of Managed Instances tells its concurrency to the runtime alone", async () => {
  await using stage = await managed({ extensions: ["x"] });
  void stage.environment.init();
  const register = request(
    "POST /2020-01-01/extension/register",
    { "Lambda-Extension-Name": "x" },
    '{"events":["SHUTDOWN"]}',
  );
  await exchange(stage.api, register);
  await stage.until(() => stage.alive("runtime"));
  const seen = stage.specs.map(({ name, env }) => [
    name,
    env.AWS_LAMBDA_MAX_CONCURRENCY,
    env.AWS_LAMBDA_INITIALIZATION_TYPE,
  ]);
  assert.equal(seen, [
    ["extension:x", undefined, "lambda-managed-instances"],
    ["runtime", "8", "lambda-managed-instances"],
  ]);
});

test("of Managed Instances logs in JSON unasked, and tells its runtime so (1.11)", async () => {
  const lines: string[] = [];
  const formats: unknown[] = [];
  await using lambda = await emulate({
    task: import.meta.dirname,
    profile: "lmi",
    maxConcurrency: 1,
    observer: () => ({ log: ({ source, text }) => source === "platform" && lines.push(text) }),
    supervise: (events) => {
      const supervisor = inProcess(echo)(events);
      const start = supervisor.start.bind(supervisor);
      supervisor.start = (spec) => {
        formats.push(spec.env.AWS_LAMBDA_LOG_FORMAT);
        start(spec);
      };
      return supervisor;
    },
  });
  await (await lambda.invoke("a")).logTail;
  assert.is(lambda.lambda.configuration.logFormat, "JSON");
  assert.equal(formats, ["JSON"]);
  assert.ok(lines.length > 0 && lines.every((line) => JSON.parse(line).type.startsWith("platform.")));
});

test("tells everybody who waits of the same init error on Managed Instances", async () => {
  await using stage = await managed();
  const results = [stage.invoke("a"), stage.invoke("b")];
  await stage.until(() => stage.alive("runtime"));
  const body = '{"errorType":"Runtime.Boom","errorMessage":"no"}';
  await exchange(stage.api, request("POST /2018-06-01/runtime/init/error", {}, body));
  const payloads = (await Promise.all(results)).map(({ payload }) => Buffer.from(payload).toString());
  assert.equal(payloads, [body, body]);
});

const snapStart = { initializationType: "snap-start" } as const;

test("of SnapStart holds restore/next until it is restored, 200 and empty, and serves (SRV-RT-040)", async () => {
  await using stage = await staged(snapStart);
  void stage.environment.init();
  const runtime = await rawClient(stage.api);
  runtime.write(restoreNext);
  await stage.until(() => stage.environment.state.phase.at === "snapshot");
  assert.equal(stage.told, ["start runtime", "freeze"]);
  const result = stage.invoke("a");
  const restored = await runtime.response();
  assert.equal([restored?.status, restored?.body.toString()], [200, ""]);
  runtime.write(next);
  await runtime.response();
  runtime.write(answer("a"));
  assert.is(Buffer.from((await result).payload).toString(), '"done"');
  assert.equal(stage.told.slice(0, 3), ["start runtime", "freeze", "thaw"]);
});

test("of SnapStart takes a restore error, and the caller is told by the service (SRV-RT-040)", async () => {
  await using stage = await staged(snapStart);
  const result = stage.invoke("a").then(
    () => undefined,
    (error: unknown) => error,
  );
  await stage.until(() => stage.alive("runtime"));
  const runtime = await rawClient(stage.api);
  await runtime.write(restoreNext).response();
  const type = { "Lambda-Runtime-Function-Error-Type": "Runtime.AfterRestoreError" };
  assert.is(await runtime.write(request("POST /2018-06-01/runtime/restore/error", type, "{}")).answer(), accepted);
  const error = await result;
  assert.is(error instanceof InvocationRefusedError && error.refusal, "SnapStartException");
  stage.exit("runtime", { how: "code", code: 65 });
  await stage.until(() => stage.environment.state.phase.at === "cold");
  assert.match(
    stage.lines.at(-1) ?? "",
    /^RESTORE_REPORT Restore Duration: .* ms\tStatus: error\tError Type: Runtime.AfterRestoreError$/,
  );
});

test("on demand knows neither the restore paths nor credentials (SRV-RT-040)", async () => {
  await using stage = await staged();
  const credentials = request("GET /2021-04-23/credentials");
  const restoreError = request("POST /2018-06-01/runtime/restore/error", {}, "{}");
  for (const bytes of [restoreNext, restoreError, credentials]) {
    const { status, body } = await exchange(stage.api, bytes);
    assert.is(`${status} ${body}`, "404 404 page not found\n");
  }
});

test("of SnapStart gives credentials by address and token, and neither keys nor log names by variable (5.1)", async () => {
  const environment = { AWS_ACCESS_KEY_ID: "mine", OTHER: "1" };
  await using stage = await staged({ ...snapStart, configuration: { environment } });
  void stage.environment.init();
  await stage.until(() => stage.alive("runtime"));
  const env = stage.specs[0]?.env ?? {};
  const names = Object.keys(env).filter((name) => /KEY|TOKEN|LOG_GROUP|LOG_STREAM|CONTAINER|OTHER/.test(name));
  assert.equal(names.sort(), ["AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "OTHER"]);
  const path = new URL(env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? "").pathname;
  const given = await exchange(
    stage.api,
    request(`GET ${path}`, { Authorization: env.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? "" }),
  );
  const { Expiration, ...keys } = JSON.parse(given.body.toString());
  assert.equal(keys, { AccessKeyId: "mine", SecretAccessKey: "local", Token: "local" });
  assert.ok(Date.parse(Expiration) > Date.now());
  const denied = await exchange(stage.api, request(`GET ${path}`, { Authorization: "guess" }));
  assert.is(`${denied.status} ${denied.body}`, "404 cannot get credentials for the provided token\n");
});

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

test("of Managed Instances that crashes is replaced by another", async () => {
  const options = { profile: "lmi", maxConcurrency: 1, environmentsMax: 1 } as const;
  await using service = await played(echo, options);
  assert.is((await exchange(service.address, post('"a"'))).body.toString(), '"a"');
  const [environment] = await service.lambda.environments();
  await environment?.close();
  assert.is((await exchange(service.address, post('"b"'))).body.toString(), '"b"');
  assert.not((await service.lambda.environments())[0] === environment);
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
