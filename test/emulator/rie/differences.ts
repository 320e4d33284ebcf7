/** Where ours, with the profile `rie`, answers otherwise on purpose: Lambda itself does, and a caller should notice here. */
import type { Answer } from "./play.ts";

export interface Difference {
  /** Which answers: of one scenario, or of all of them. */
  readonly scenario: string;
  readonly answer: string;
  /** The row of the list of divergences, or the section, in which it stands. */
  readonly row: string;
  readonly why: string;
  /** What ours has in place of what was recorded; undefined where ours has no such answer. */
  readonly ours: Partial<Answer> | undefined;
}

const handler = { row: "2.2", why: "The official emulator was started without a handler; a function of ours has one" };
const registered = '{"functionName":"test_function","functionVersion":"$LATEST","handler":"index.handler"';
const noJson = { row: "6.1", why: "Invoke refuses an event that is no JSON, and the runtime never sees it" };

export const differences: readonly Difference[] = [
  {
    scenario: "*",
    answer: "caller",
    row: "6.4",
    why: "The official emulator lets Go guess the type from the bytes; Lambda says JSON",
    ours: { contentType: "application/json" },
  },
  { scenario: "an event that is no JSON", answer: "event", ...noJson, ours: undefined },
  { scenario: "an event that is no JSON", answer: "response", ...noJson, ours: undefined },
  {
    scenario: "an event that is no JSON",
    answer: "caller",
    ...noJson,
    ours: {
      status: 400,
      body: '{"Type":"User","message":"Could not parse request body into json: Could not parse payload into json: Expected property name or \'}\' in JSON at position 1 (line 1 column 2)"}',
    },
  },
  {
    scenario: "an event that is empty",
    answer: "event",
    row: "6.1",
    why: "An event that is empty is an empty object, so that runtimes that parse it do not fail",
    ours: { body: "{}" },
  },
  {
    scenario: "a client context that is none",
    answer: "caller",
    row: "D8",
    why: "The mistake is the caller's, and Lambda says so",
    ours: {
      status: 400,
      body: '{"Type":"User","message":"Client context must be a valid Base64-encoded JSON object."}',
    },
  },
  {
    scenario: "another function",
    answer: "caller",
    row: "6.1",
    why: "SDKs read the service's own error",
    ours: {
      body: '{"Message":"Function not found: arn:aws:lambda:us-east-1:012345678912:function:other:$LATEST","Type":"User"}',
    },
  },
  {
    scenario: "a response mode that is none",
    answer: "caller",
    row: "4.5",
    why: "The official emulator lets its caller wait for the time-out, Lambda's own core has an error type for it",
    ours: { body: '{"errorType":"Runtime.InvalidResponseModeHeader","errorMessage":""}' },
  },
  {
    scenario: "a response over the limit",
    answer: "caller",
    row: "D4",
    why: "Real answers do not say how large the response was",
    ours: {
      body: '{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}',
    },
  },
  {
    scenario: "extensions that register",
    answer: "no JSON",
    row: "2.2",
    why: "The type is Lambda's; the text is that of the parser, and ours is another one",
    ours: {
      body: '{"errorMessage":"SyntaxError: Expected property name or \'}\' in JSON at position 1 (line 1 column 2)","errorType":"InvalidRequestFormat"}\n',
    },
  },
  { scenario: "extensions that register", answer: "INVOKE", ...handler, ours: { body: `${registered}}\n` } },
  {
    scenario: "extensions that register",
    answer: "with an account",
    row: "2.2",
    why: "An extension that asks for the account is told; the official emulator has none to tell",
    ours: { body: `${registered},"accountId":"012345678912"}\n` },
  },
  ...["extensions that name themselves wrongly", "telemetry", "an internal extension and the runtime"].map(
    (scenario) => ({ scenario, answer: "registered", ...handler, ours: { body: `${registered}}\n` } }),
  ),
];
