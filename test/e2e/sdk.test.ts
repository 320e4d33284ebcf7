/** The AWS SDK as a caller, a runtime of real processes as the function. */
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import * as assert from "uvu/assert";
import { LambdaService } from "../../src/emulator/lambda-service.ts";
import { realFunction } from "../emulator/real-function.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the AWS SDK");

async function served(work: (client: LambdaClient) => Promise<void>, options = {}): Promise<void> {
  await using real = await realFunction("answers", options);
  await using service = new LambdaService(real.emulated.lambda);
  const endpoint = `http://${await service.listen(0)}`;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new LambdaClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  try {
    await work(client);
  } finally {
    client.destroy();
  }
}

function event(op: string, fields: object = {}): { readonly FunctionName: string; readonly Payload: string } {
  return { FunctionName: "hello", Payload: JSON.stringify({ op, ...fields }) };
}

async function failure(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    // as: the SDK's errors carry the fields of their response.
    return error as Record<string, unknown>;
  }
  throw new Error("Expected a rejection");
}

test("gets a response", () =>
  served(async (client) => {
    const answer = await client.send(new InvokeCommand(event("echo", { value: { a: "ä" } })));
    assert.equal([answer.StatusCode, answer.ExecutedVersion, answer.FunctionError], [200, "$LATEST", undefined]);
    assert.is(answer.Payload?.transformToString(), '{"a":"ä"}');
  }));

test("gets a function error as a response", () =>
  served(async (client) => {
    const answer = await client.send(new InvokeCommand(event("crash", { code: 5 })));
    assert.is(answer.FunctionError, "Unhandled");
    assert.match(answer.Payload?.transformToString() ?? "", /Runtime exited with error: exit status 5/);
  }));

test("gets the log tail", () =>
  served(async (client) => {
    const answer = await client.send(new InvokeCommand({ ...event("log", { lines: 3 }), LogType: "Tail" }));
    const tail = Buffer.from(answer.LogResult ?? "", "base64").toString();
    assert.match(tail, /^START RequestId: .*\nline 0\nline 1\nline 2\nEND RequestId: .*\nREPORT RequestId: .*\n$/);
  }));

test("gets 204 for a dry run, and 202 for an asynchronous invocation", () =>
  served(async (client) => {
    const dry = await client.send(new InvokeCommand({ ...event("echo"), InvocationType: "DryRun" }));
    const later = await client.send(new InvokeCommand({ ...event("echo"), InvocationType: "Event" }));
    assert.equal([dry.StatusCode, later.StatusCode], [204, 202]);
  }));

test("names a function that does not exist, a bad name, a bad event and another operation", () =>
  served(async (client) => {
    const unknown = await failure(client.send(new InvokeCommand({ ...event("echo"), FunctionName: "nobody" })));
    assert.equal([unknown.name, unknown.Type], ["ResourceNotFoundException", "User"]);
    const invalid = await failure(client.send(new InvokeCommand({ ...event("echo"), FunctionName: "no!" })));
    assert.is(invalid.name, "ValidationException");
    const garbled = await failure(client.send(new InvokeCommand({ FunctionName: "hello", Payload: "{" })));
    assert.is(garbled.name, "InvalidRequestContentException");
    const other = await failure(client.send(new ListFunctionsCommand({})));
    assert.is(other.name, "UnknownOperationException");
  }));

test("is throttled where no environment may be made", () =>
  served(
    async (client) => {
      const throttled = await failure(client.send(new InvokeCommand(event("echo"))));
      assert.equal(
        [throttled.name, throttled.Reason, throttled.message],
        ["TooManyRequestsException", "ReservedFunctionConcurrentInvocationLimitExceeded", "Rate Exceeded."],
      );
    },
    { environmentsMax: 0 },
  ));

test("sends and gets six megabytes, and is told that more is too much", () =>
  served(async (client) => {
    const value = "a".repeat(6_000_000);
    const answer = await client.send(new InvokeCommand(event("echo", { value })));
    assert.is(answer.Payload?.length, 6_000_002);
    const refused = await failure(
      client.send(new InvokeCommand(event("echo", { value: value + "a".repeat(300_000) }))),
    );
    assert.is(refused.name, "RequestEntityTooLargeException");
  }));

test.run();
