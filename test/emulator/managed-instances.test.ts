/** Managed Instances over real sockets; the processes are played. Protocol 1.11 */
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import * as assert from "uvu/assert";
import { emulate } from "../../src/emulator/emulate.ts";
import { InvocationRefusedError } from "../../src/emulator/invocation.ts";
import { suite } from "../helpers/suite.ts";
import { inProcess, played } from "./in-process-runtime.ts";
import { exchange, type RawResponse, rawClient, request } from "./raw-client.ts";
import { accepted, answer, failure, next } from "./runtime-requests.ts";
import { type StagedEnvironment, staged } from "./staged-environment.ts";

const test = suite("an environment of Managed Instances");

const echo = ({ event }: { event: string }) => event;
const post = (body: string) => request("POST /2015-03-31/functions/hello/invocations", {}, body);

test("hands eight events to eight parallel next calls and takes the answers in any order (SRV-RT-041)", async () => {
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

test("fails one invocation at its time-out, answers 410 once, and goes on (SRV-RT-042)", async () => {
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

test("refuses an answer that is still being sent at the time-out", async () => {
  await using stage = await managed({ timeoutMs: 400 });
  const worker = await working(stage);
  const result = stage.invoke("cut");
  await worker.response();
  worker.write(
    `POST /2018-06-01/runtime/invocation/cut/response HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf`,
  );
  assert.is((await result).functionError, "Unhandled");
  assert.match(await worker.answer(), /^410 /);
});

test("sends headers without a value too", async () => {
  await using stage = await managed();
  const worker = await working(stage);
  void stage.invoke("a");
  const lines = (await worker.response())?.lines.filter((line) => /^Lambda-Runtime-(Tr|Cl|Co|Aws-T)/.test(line));
  const empty = ["Lambda-Runtime-Trace-Id: ", "Lambda-Runtime-Client-Context: ", "Lambda-Runtime-Cognito-Identity: "];
  assert.equal(lines, empty);
});

test("says no when no worker waits", async () => {
  await using stage = await managed();
  const worker = await working(stage);
  void stage.invoke("a");
  await worker.response();
  const refused = await stage.invoke("b").then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.instance(refused, InvocationRefusedError);
  assert.is(refused instanceof InvocationRefusedError && refused.refusal, "Runtime.Unavailable");
});

test("takes an error of a mebibyte, and refuses one that is larger with 413 (D30)", async () => {
  await using stage = await managed();
  const worker = await working(stage);
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

test("words a refused state in lower case (1.2)", async () => {
  await using stage = await managed();
  await working(stage);
  const { body } = await exchange(stage.api, request("POST /2018-06-01/runtime/init/error", {}, "{}"));
  assert.match(body.toString(), /failed for runtime\. Error: state transition is not allowed"/);
});

test("refuses a request id that is in hand", async () => {
  await using stage = await managed();
  void stage.invoke("a").catch(() => {});
  const refused = await stage.invoke("a").then(
    () => "",
    (error: Error) => error.message,
  );
  assert.is(refused, 'Cannot invoke: the request id "a" is still in hand');
});

test("tells its concurrency to the runtime alone", async () => {
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

test("logs in JSON unasked, and tells its runtime so (1.11)", async () => {
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

test("tells everybody who waits of the same init error", async () => {
  await using stage = await managed();
  const results = [stage.invoke("a"), stage.invoke("b")];
  await stage.until(() => stage.alive("runtime"));
  const body = '{"errorType":"Runtime.Boom","errorMessage":"no"}';
  await exchange(stage.api, request("POST /2018-06-01/runtime/init/error", {}, body));
  const payloads = (await Promise.all(results)).map(({ payload }) => Buffer.from(payload).toString());
  assert.equal(payloads, [body, body]);
});

test("that crashes is replaced by another", async () => {
  const options = { profile: "lmi", maxConcurrency: 1, environmentsMax: 1 } as const;
  await using service = await played(echo, options);
  assert.is((await exchange(service.address, post('"a"'))).body.toString(), '"a"');
  const [environment] = await service.lambda.environments();
  await environment?.close();
  assert.is((await exchange(service.address, post('"b"'))).body.toString(), '"b"');
  assert.not((await service.lambda.environments())[0] === environment);
});

test("takes an error while a response is streamed: its caller keeps what came, and gets the error (1.10)", async () => {
  await using stage = await managed();
  const worker = await working(stage);
  const streamed = Promise.withResolvers<Readable>();
  const result = stage.invoke("a", {}, ({ body }) => streamed.resolve(body));
  await worker.response();
  const head = "Host: x\r\nLambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked";
  worker.write(`POST /2018-06-01/runtime/invocation/a/response HTTP/1.1\r\n${head}\r\n\r\n5\r\nfirst\r\n`);
  const body = await streamed.promise;
  const other = await rawClient(stage.api);
  const error = '{"errorType":"Function.Late","errorMessage":"no more"}';
  assert.is(await other.write(failure("a", error)).answer(), accepted);
  const { payload, functionError } = await result;
  assert.equal([await text(body), Buffer.from(payload).toString(), functionError], ["first", error, "Unhandled"]);
  assert.match(await worker.answer(), /^400 .*InvalidRequestID/);
  assert.match(await other.write(failure("a", error)).answer(), /^400 .*InvalidRequestID/);
});

/** With one worker that waits. */
async function working(stage: StagedEnvironment) {
  void stage.environment.init();
  const worker = await rawClient(stage.api);
  worker.write(next);
  await stage.until(() => waiting(stage) === 1);
  return worker;
}

function managed(options = {}): Promise<StagedEnvironment> {
  return staged({ profile: "lmi", initializationType: "lambda-managed-instances", concurrency: 8, ...options });
}

function requestIdOf({ lines }: RawResponse): string {
  return lines.find((line) => line.startsWith("Lambda-Runtime-Aws-Request-Id"))?.split(": ")[1] ?? "";
}

test.run();
