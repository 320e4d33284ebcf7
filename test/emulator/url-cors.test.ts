/** CORS of a function URL: what the URL answers by itself, and what it adds to a function's answers. */
import * as assert from "uvu/assert";
import { FunctionUrl } from "../../src/emulator/function-url.ts";
import { corsHeaders, parseUrlCors, preflightHeaders, type UrlCorsInput } from "../../src/emulator/url-cors.ts";
import { suite } from "../helpers/suite.ts";
import { type Play, played } from "./in-process-runtime.ts";

const test = suite("CORS of a function URL:");

const page = "https://page.example";
const preflight = { method: "OPTIONS", origin: page, requestedMethod: "PUT" };
const ordinary = { method: "PUT", origin: page, requestedMethod: undefined };

const settings: UrlCorsInput = {
  AllowOrigins: [page, "https://other.example"],
  AllowMethods: ["GET", "PUT"],
  AllowHeaders: ["x-a", "x-b"],
  ExposeHeaders: ["x-c"],
  MaxAge: 600,
};

const cases = [
  [
    "a preflight request of an allowed origin is told all that is allowed",
    preflightHeaders(parseUrlCors(settings), preflight),
    {
      vary: "Origin",
      "access-control-allow-origin": page,
      "access-control-allow-methods": "GET,PUT",
      "access-control-allow-headers": "x-a,x-b",
      "access-control-max-age": "600",
    },
  ],
  [
    "a preflight request of another origin is told nothing",
    preflightHeaders(parseUrlCors(settings), { ...preflight, origin: "https://evil.example" }),
    { vary: "Origin" },
  ],
  [
    "an answer to an allowed origin exposes headers, and says nothing that only a preflight request needs",
    corsHeaders(parseUrlCors(settings), ordinary),
    { vary: "Origin", "access-control-allow-origin": page, "access-control-expose-headers": "x-c" },
  ],
  [
    "an answer to another origin allows nothing",
    corsHeaders(parseUrlCors(settings), { ...ordinary, origin: "https://evil.example" }),
    { vary: "Origin" },
  ],
  [
    "an answer to no web page allows nothing",
    corsHeaders(parseUrlCors({ AllowOrigins: ["*"] }), { ...ordinary, origin: undefined }),
    { vary: "Origin" },
  ],
  [
    "every origin is a wildcard",
    corsHeaders(parseUrlCors({ AllowOrigins: ["*"] }), ordinary),
    { vary: "Origin", "access-control-allow-origin": "*" },
  ],
  [
    "with credentials every origin is named",
    corsHeaders(parseUrlCors({ AllowOrigins: ["*"], AllowCredentials: true }), ordinary),
    { vary: "Origin", "access-control-allow-origin": page, "access-control-allow-credentials": "true" },
  ],
  [
    "OPTIONS without a requested method is a request like any other",
    preflightHeaders(parseUrlCors(settings), { ...preflight, requestedMethod: undefined }),
    undefined,
  ],
] as const;
for (const [what, actual, expected] of cases) test(what, () => assert.equal(actual, expected));

test("settings that Lambda would not take are refused by name", () => {
  const wrong = [
    [{ AllowMethods: ["OPTIONS"] }, /AllowMethods\.0/],
    [{ MaxAge: 86_401 }, /MaxAge/],
    [{ AllowOrigins: [""] }, /AllowOrigins\.0/],
    [{ allowOrigins: ["*"] }, /allowOrigins.*the fields are AllowCredentials/],
    ["*", /settings/],
  ] as const;
  for (const [given, message] of wrong) assert.throws(() => parseUrlCors(given), message);
});

test("the URL answers a preflight request itself: no function sees it", async () => {
  const answer = await asked({ method: "OPTIONS", headers: { origin: page, "access-control-request-method": "PUT" } });
  assert.is(answer.status, 200);
  assert.is(answer.headers.get("access-control-allow-methods"), "GET,PUT");
  assert.is(answer.invocations, 0);
});

test("without settings a preflight request goes to the function", async () => {
  const headers = { origin: page, "access-control-request-method": "PUT" };
  const answer = await asked({ method: "OPTIONS", headers }, "none");
  assert.is(answer.invocations, 1);
  assert.is(answer.headers.get("access-control-allow-origin"), null);
});

test("the function's own headers stay beside those of the URL, even where they say the same", async () => {
  const own = JSON.stringify({ statusCode: 200, headers: { "Access-Control-Allow-Origin": "*" }, body: "hi" });
  const answer = await asked({ headers: { origin: page } }, settings, () => own);
  assert.is(answer.headers.get("access-control-allow-origin"), `*, ${page}`);
  assert.is(answer.text, "hi");
});

test("an answer that came whole has its length, and one that has no content has none", async () => {
  assert.is((await asked({})).headers.get("content-length"), "4");
  const bare = await asked({}, "none", () => '{"statusCode":204}');
  assert.equal([bare.headers.get("content-length"), bare.headers.get("transfer-encoding")], [null, null]);
});

test("the trace of a URL's event is that of its invocation", async () => {
  const { text } = await asked({}, "none", ({ event, headers }) => {
    const { "x-amzn-trace-id": told, "x-forwarded-for": from } = JSON.parse(event).headers;
    return JSON.stringify([told, from, headers["lambda-runtime-trace-id"]]);
  });
  const [told, from, handed] = JSON.parse(text);
  assert.match(told, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  assert.is(handed.split(";")[0], told);
  assert.is(from, "127.0.0.1");
});

test("a function that fails is answered with the settings too, so that the page can read the failure", async () => {
  const answer = await asked({ headers: { origin: page } }, settings, () => {
    throw new Error("{}");
  });
  assert.is(answer.status, 502);
  assert.is(answer.headers.get("access-control-allow-origin"), page);
});

async function asked(request: RequestInit, cors: UrlCorsInput | "none" = settings, play: Play = () => '"ok"') {
  let invocations = 0;
  await using service = await played((handed, log) => {
    invocations += 1;
    return play(handed, log);
  });
  await using url = new FunctionUrl(service.lambda, { cors: cors === "none" ? undefined : cors });
  const answer = await fetch(`http://${await url.listen(0)}/`, request);
  return { status: answer.status, headers: answer.headers, text: await answer.text(), invocations };
}

test.run();
