import type { EmulatorCase } from "../emulator-case.ts";
import type { EmulatorMove } from "../emulator-move.ts";
import { done, respond } from "./emulator-steps.ts";
import { next } from "./requests.ts";

const streaming = {
  "Lambda-Runtime-Function-Response-Mode": "streaming",
  "Content-Type": "text/plain",
};

/** {"errorMessage":"half way","errorType":"Broken"} */
const brokenInBase64 = "eyJlcnJvck1lc3NhZ2UiOiJoYWxmIHdheSIsImVycm9yVHlwZSI6IkJyb2tlbiJ9";

const trailers = {
  "Lambda-Runtime-Function-Error-Type": "Broken",
  "Lambda-Runtime-Function-Error-Body": brokenInBase64,
};

function streamed(as: string, body: string, headers: Readonly<Record<string, string>> = {}): EmulatorMove {
  return respond(as, body, { type: "begin", framing: "open", headers: { ...streaming, ...headers } });
}

function prelude(as: string, body: string): EmulatorMove {
  return streamed(as, body, { "Content-Type": "application/vnd.awslambda.http-integration-response" });
}

/** What is sent at once may be read at once. */
const apart: readonly EmulatorMove[] = [{ type: "wait", ms: 100 }];

/** SRV-RT: responses that are streamed. */
export const emulatorStreamCases: readonly EmulatorCase[] = [
  {
    subject: "emulator",
    id: "SRV-RT-025",
    level: "must",
    sentence: "A streamed response reaches the caller piece by piece, and is accepted with 202 at its end",
    why: "A stream that comes in one piece at the end is no stream, and its first byte is late in production only",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html",
    dependsOn: ["SRV-FE-007"],
    needs: { responseStream: true },
    moves: [
      { type: "invoke", as: "caller", event: "{}", via: "stream" },
      { type: "await-start" },
      { type: "call", as: "next", ...next },
      streamed("response", "first piece,"),
      { type: "await-bytes", of: "caller", text: "first piece," },
      { type: "chunk", of: "response", body: "second piece" },
      { type: "finish", of: "response" },
      { type: "await-answer", of: "response" },
      ...done("caller"),
    ],
    expect: [
      { type: "accepted", of: "response" },
      { type: "event-stream", of: "caller", payload: "first piece,second piece" },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-026",
    level: "must",
    sentence: "An error in a stream's trailers leaves its body as it is, and is a function error of a plain invocation",
    why: "Trailers in the body spoil a download, and trailers that are dropped hide the failure",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html",
    dependsOn: ["SRV-RT-025"],
    needs: { responseStream: true },
    moves: [
      { type: "invoke", as: "streaming caller", event: "{}", via: "stream" },
      { type: "await-start" },
      { type: "call", as: "first next", ...next },
      streamed("first response", "half of it", { Trailer: Object.keys(trailers).join(", ") }),
      { type: "await-bytes", of: "streaming caller", text: "half of it" },
      { type: "finish", of: "first response", trailers },
      { type: "await-answer", of: "first response" },
      { type: "begin", as: "second next", ...next },
      { type: "await-caller", of: "streaming caller" },
      { type: "invoke", as: "plain caller", event: "{}" },
      { type: "await-answer", of: "second next" },
      streamed("second response", "half of it", { Trailer: Object.keys(trailers).join(", ") }),
      { type: "finish", of: "second response", trailers },
      { type: "await-answer", of: "second response" },
      ...done("plain caller"),
    ],
    expect: [
      { type: "accepted", of: "first response" },
      { type: "event-stream", of: "streaming caller", payload: "half of it" },
      { type: "failure", of: "plain caller", errorType: "^Broken$" },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-027",
    level: "should",
    sentence: "A stream is cut at 200 MiB, and the runtime is not left hanging",
    why: "A function that streams more loses the rest in production, and should lose it here",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html",
    dependsOn: ["SRV-RT-025"],
    needs: { responseStream: true },
    slow: true,
    patienceMs: 100_000,
    timeoutSeconds: 110,
    moves: [
      { type: "invoke", as: "caller", event: "{}", via: "stream" },
      { type: "await-start" },
      { type: "call", as: "next", ...next },
      streamed("response", "a"),
      { type: "flood", of: "response", bytes: 214_958_080 },
      { type: "finish", of: "response" },
      { type: "await-answer", of: "response" },
      ...done("caller"),
    ],
    // The real one was seen to deliver one byte more than documented.
    expect: [{ type: "event-stream-bytes", of: "caller", atLeast: 209_715_200, atMost: 209_715_201 }],
  },
  {
    subject: "emulator",
    id: "SRV-RT-028",
    level: "should",
    sentence: "The metadata of an HTTP stream end at eight zero bytes, however they are split; without them it fails",
    why: "Pieces are cut anywhere on the way; a parser that counts on their borders breaks now and then",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html",
    dependsOn: ["SRV-RT-005"],
    needs: { functionUrl: "RESPONSE_STREAM" },
    moves: [
      { type: "invoke", as: "split", event: "{}", via: "url" },
      { type: "await-start" },
      { type: "call", as: "first next", ...next },
      prelude("first response", '{"statusCode":201,"headers":{"x-col'),
      ...apart,
      { type: "chunk", of: "first response", body: 'our":"blue"}}\0\0\0' },
      ...apart,
      { type: "chunk", of: "first response", body: "\0\0\0\0\0ma" },
      { type: "chunk", of: "first response", body: "de" },
      { type: "finish", of: "first response" },
      { type: "await-answer", of: "first response" },
      { type: "begin", as: "second next", over: "second", ...next },
      { type: "await-caller", of: "split" },
      { type: "invoke", as: "nine", event: "{}", via: "url" },
      { type: "await-answer", of: "second next" },
      prelude("second response", '{"statusCode":202}\0\0\0\0\0\0\0\0\0nine'),
      { type: "finish", of: "second response" },
      { type: "await-answer", of: "second response" },
      { type: "begin", as: "third next", over: "third", ...next },
      { type: "await-caller", of: "nine" },
      { type: "invoke", as: "seven", event: "{}", via: "url" },
      { type: "await-answer", of: "third next" },
      prelude("third response", '{"statusCode":203}\0\0\0\0\0\0\0seven'),
      { type: "finish", of: "third response" },
      { type: "await-answer", of: "third response" },
      ...done("seven"),
    ],
    expect: [
      { type: "status", of: "split", oneOf: [201] },
      { type: "header", of: "split", name: "x-colour", is: { equals: "blue" } },
      { type: "body", of: "split", equals: "made" },
      { type: "accepted", of: "nine" },
      { type: "body", of: "nine", equals: "\0nine" },
      { type: "status", of: "seven", oneOf: [500, 502, 504] },
    ],
  },
];
