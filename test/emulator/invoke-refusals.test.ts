/** The Lambda API's Invoke over real HTTP: what it refuses, in which words, without running anything. */
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { type Play, played } from "./in-process-runtime.ts";
import { arn, header, invoke } from "./invoke-requests.ts";
import { exchange, request } from "./raw-client.ts";

const test = suite("the Invoke API");

const json = "Content-Type: application/json";
const echo: Play = ({ event }) => event;
const perTenant = { tenantIsolationMode: "PER_TENANT" } as const;

const pattern =
  "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\\\d{1}:)?(\\\\d{12}:)?(function:)?([a-zA-Z0-9-_\\\\.]+)(:(\\\\$LATEST(\\\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";
const invalidName = (name: string) =>
  `{"message":"1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}"}`;
const notFound = (name: string) => `{"Message":"Function not found: ${arn}:${name}","Type":"User"}`;
const tooLong = "a".repeat(129);
const user = (message: string) => `{"Type":"User","message":"${message}"}`;
const parse = "Could not parse request body into json: Could not parse payload into json: ";
const wrongNames = [
  ["doesnotexist", 404, "ResourceNotFoundException", notFound("doesnotexist:$LATEST")],
  ["hello:1", 404, "ResourceNotFoundException", notFound("hello:1")],
  ["hello?Qualifier=prod", 404, "ResourceNotFoundException", notFound("hello:prod")],
  ["hello?Qualifier=$latest", 404, "ResourceNotFoundException", notFound("hello:$latest")],
  ["a".repeat(65), 404, "ResourceNotFoundException", notFound(`${"a".repeat(65)}:$LATEST`)],
  [
    "arn:aws:lambda:eu-west-1:123456789012:function:hello",
    404,
    "ResourceNotFoundException",
    `{"Message":"Functions from 'eu-west-1' are not reachable in this region ('us-east-1')","Type":"User"}`,
  ],
  [
    "hello:$LATEST?Qualifier=1",
    400,
    "InvalidParameterValueException",
    user("The derived qualifier from the function name does not match the specified qualifier."),
  ],
  ["my-function!", 400, "ValidationException", invalidName("my-function!")],
  ["*", 400, "ValidationException", invalidName("*")],
  [`${arn}:hello:1:2`, 400, "ValidationException", invalidName(`${arn}:hello:1:2`)],
  [
    `hello?Qualifier=${tooLong}`,
    400,
    "ValidationException",
    `{"message":"1 validation error detected: Value '${tooLong}' at 'qualifier' failed to satisfy constraint: Member must have length less than or equal to 128"}`,
  ],
  [
    "hello?Qualifier=invalid!",
    400,
    "ValidationException",
    `{"message":"1 validation error detected: Value 'invalid!' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: \\\\$(LATEST(\\\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"}`,
  ],
] as const;
for (const [given, status, type, body] of wrongNames) {
  test(`refuses ${given.slice(0, 60)} with ${status} ${type}`, async () => {
    await using service = await played(echo);
    const [name = "", query] = given.split("?");
    const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations${query ? `?${query}` : ""}`;
    const response = await exchange(service.address, request(`POST ${path}`, { "X-Amzn-RequestId": "r" }, "{}"));
    assert.is(`${response.status} ${response.body}`, `${status} ${body}`);
    assert.equal(response.lines.slice(0, 3), [json, "X-Amzn-RequestId: r", `X-Amzn-ErrorType: ${type}`]);
    assert.equal(await service.lambda.environments(), []);
  });
}

const context = (text: string) => ({ "X-Amz-Client-Context": Buffer.from(text).toString("base64") });
const contextLimit = "Client context must be no more than 3583 bytes when base64-encoded.";
const noContext = user("Client context must be a valid Base64-encoded JSON object.");
const refusals = [
  [
    "an event that is not JSON",
    {},
    "{a:1}",
    400,
    "InvalidRequestContentException",
    new RegExp(`^\\{"Type":"User","message":"${parse}.+"\\}$`),
  ],
  [
    "an event that is not UTF-8",
    {},
    Buffer.from([0x22, 0xff, 0x22]),
    400,
    "InvalidRequestContentException",
    new RegExp(parse),
  ],
  [
    "an unknown invocation type",
    { "X-Amz-Invocation-Type": "Odd" },
    "{}",
    400,
    "InvalidParameterValueException",
    /Odd is not a valid value for the header X-Amz-Invocation-Type/,
  ],
  [
    "a client context that is not base64",
    { "X-Amz-Client-Context": "{}" },
    "{}",
    400,
    "InvalidRequestContentException",
    noContext,
  ],
  ["a client context that is not JSON", context("{"), "{}", 400, "InvalidRequestContentException", noContext],
  ["a client context that is no object", context('"a"'), "{}", 400, "InvalidRequestContentException", noContext],
  [
    "a client context of 3,584 bytes",
    { "X-Amz-Client-Context": "a".repeat(3_584) },
    "{}",
    400,
    "InvalidParameterValueException",
    user(contextLimit),
  ],
  [
    "a tenant of a function that has none",
    { "X-Amz-Tenant-Id": "blue" },
    "{}",
    400,
    "InvalidParameterValueException",
    /does not isolate tenants/,
  ],
] as const;
for (const [what, headers, body, status, type, expected] of refusals) {
  test(`refuses ${what} with ${status} ${type}`, async () => {
    await using service = await played(echo);
    const response = await exchange(service.address, invoke(headers, body));
    assert.is(response.status, status);
    assert.is(header(response, "X-Amzn-ErrorType"), type);
    if (typeof expected === "string") assert.is(response.body.toString(), expected);
    else assert.match(response.body.toString(), expected);
    assert.equal(await service.lambda.environments(), []);
  });
}

const tenantMistakes = [
  ["no tenant", undefined, "InvalidParameterValueException", /add a tenant id in the header X-Amz-Tenant-Id/],
  ["an empty tenant", "", "ValidationException", /must satisfy regular expression pattern/],
  ["a tenant in other letters", "\u00e4", "ValidationException", /must satisfy regular expression pattern/],
  ["a tenant of 257 letters", "a".repeat(257), "ValidationException", /less than or equal to 256/],
] as const;
for (const [what, tenant, type, message] of tenantMistakes) {
  test(`refuses ${what} for a function that isolates its tenants`, async () => {
    await using service = await played(echo, perTenant);
    const response = await exchange(service.address, invoke(tenant === undefined ? {} : { "X-Amz-Tenant-Id": tenant }));
    assert.is(`${response.status} ${header(response, "X-Amzn-ErrorType")}`, `400 ${type}`);
    assert.match(response.body.toString(), message);
  });
}

const strangers = [
  ["another host", { Host: "evil.example" }],
  ["a host that only begins like ours", { Host: "localhost.evil.example:80" }],
  ["a host with a user in it", { Host: "127.0.0.1@evil.example" }],
  ["an empty host", { Host: "" }],
  ["a web page", { Origin: "http://localhost:3000" }],
  ["a sandboxed web page", { Origin: "null" }],
  ["another site", { "Sec-Fetch-Site": "cross-site" }],
] as const;
for (const [what, headers] of strangers) {
  test(`refuses ${what} with 403 and runs nothing`, async () => {
    await using service = await played(echo);
    const response = await exchange(service.address, invoke(headers));
    assert.is(response.status, 403);
    assert.is(header(response, "X-Amzn-ErrorType"), "AccessDeniedException");
    assert.equal(await service.lambda.environments(), []);
  });
}

const lines = [
  ["a second Host", "POST /2015-03-31/functions/hello/invocations HTTP/1.1\r\nHost: localhost\r\nHost: evil.example"],
  [
    "a URL with another host",
    "POST http://evil.example/2015-03-31/functions/hello/invocations HTTP/1.1\r\nHost: localhost",
  ],
  ["HTTP/1.0 without a Host", "POST /2015-03-31/functions/hello/invocations HTTP/1.0"],
] as const;
for (const [what, head] of lines) {
  test(`refuses ${what} with 403`, async () => {
    await using service = await played(echo);
    const response = await exchange(service.address, `${head}\r\nContent-Length: 2\r\n\r\n{}`);
    assert.is(response.status, 403);
  });
}

test("answers other operations so that an SDK can name them", async () => {
  await using service = await played(echo);
  const response = await exchange(service.address, request("GET /2015-03-31/functions?MaxItems=1"));
  assert.is(response.status, 404);
  assert.is(header(response, "X-Amzn-ErrorType"), "UnknownOperationException");
  const message = 'This Lambda API has one operation, Invoke, and \\"GET /2015-03-31/functions\\" is not it';
  assert.is(response.body.toString(), `{"message":"${message}"}`);
  assert.is((await exchange(service.address, request("GET /2015-03-31/functions/hello/invocations"))).status, 405);
});

test.run();
