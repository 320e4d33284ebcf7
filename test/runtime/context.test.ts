import * as assert from "uvu/assert";
import { createContext, describeFunction } from "../../src/runtime/context.ts";
import { suite } from "../helpers/suite.ts";
import { invocation } from "./memory-api.ts";

const test = suite("createContext()");
const nothing = () => {};
const nameless = describeFunction({});

test("shows the headers and the environment", () => {
  const env = {
    AWS_LAMBDA_FUNCTION_NAME: "hello",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/hello",
    AWS_LAMBDA_LOG_STREAM_NAME: "stream",
  };
  const { getRemainingTimeInMillis, done, succeed, fail, ...context } = createContext(
    invocation("a", 1, {
      clientContext: '{"custom":{"k":"v"}}',
      cognitoIdentity: '{"cognitoIdentityId":"i"}',
      tenantId: "t",
    }),
    describeFunction(env),
    nothing,
  );
  assert.equal(context, {
    awsRequestId: "a",
    invokedFunctionArn: "arn:a",
    functionName: "hello",
    functionVersion: "$LATEST",
    memoryLimitInMB: "512",
    logGroupName: "/aws/lambda/hello",
    logStreamName: "stream",
    clientContext: { custom: { k: "v" } },
    identity: { cognitoIdentityId: "i" },
    tenantId: "t",
    callbackWaitsForEmptyEventLoop: true,
  });
});

test("leaves out what is absent", () => {
  const context = createContext(invocation("a", 1), nameless, nothing);
  for (const key of ["clientContext", "identity", "tenantId"]) assert.not(key in context);
  assert.is(context.functionName, "");
});

for (const text of ["{bad", "eyJhIjoxfQ==", "5", "null"]) {
  test(`leaves out a client context of ${text}`, () => {
    const { warn } = console;
    console.warn = nothing;
    const context = createContext(
      invocation("a", 1, { clientContext: text, cognitoIdentity: text }),
      nameless,
      nothing,
    );
    console.warn = warn;
    assert.is(context.clientContext, undefined);
    assert.is(context.identity, undefined);
  });
}

const deadlines = [
  ["ahead", 3_000, 2_500, 3_000],
  ["over", -1_000, -1_500, -1_000],
  ["unknown", undefined, 899_000, 900_000],
] as const;

for (const [name, inMs, least, most] of deadlines) {
  test(`counts down to a deadline that is ${name}`, () => {
    const rest = inMs === undefined ? {} : { deadlineEpochMs: Date.now() + inMs };
    const left = createContext(invocation("a", 1, rest), nameless, nothing).getRemainingTimeInMillis();
    assert.ok(left >= least && left <= most, `${left} ms`);
  });
}

test.run();
