import type { EmulatorCase } from "../emulator-case.ts";
import type { EmulatorExpectation } from "../emulator-expectation.ts";
import { done, respond } from "./emulator-steps.ts";
import { next, responseTo } from "./requests.ts";

/** Refused, or cut off without a word. */
function rejected(of: string, statuses: readonly number[]): EmulatorExpectation {
  return {
    type: "either",
    expectations: [
      { type: "status", of, oneOf: statuses },
      { type: "unanswered", of },
    ],
  };
}

/** SRV-RT: HTTP that is unusual, or none. */
export const emulatorHttpCases: readonly EmulatorCase[] = [
  {
    subject: "emulator",
    id: "SRV-RT-032",
    level: "should",
    sentence: "Bytes that are no HTTP are refused or cut off, and everybody else is served as before",
    why: "One confused client on the machine must not take the environment down",
    source: "RFC 9112, section 2.2",
    dependsOn: ["SRV-RT-005"],
    moves: [
      { type: "invoke", as: "caller", event: '"hello"' },
      { type: "await-start" },
      { type: "raw", as: "no HTTP", over: "no HTTP", text: "what is this?\r\n\r\n" },
      { type: "await-answer", of: "no HTTP" },
      {
        type: "raw",
        as: "large header",
        over: "large header",
        text: "GET /2018-06-01/runtime/no-such-thing/at-all HTTP/1.1\r\nHost: localhost\r\nX-Large: {fill}\r\n\r\n",
        fill: 1_000_000,
      },
      { type: "await-answer", of: "large header" },
      {
        type: "raw",
        as: "bare line feed",
        over: "bare line feed",
        text: "GET /2018-06-01/runtime/no-such-thing/at-all HTTP/1.1\r\nHost: localhost\r\nX-Odd: a\nb: c\r\n\r\n",
      },
      { type: "await-answer", of: "bare line feed" },
      { type: "call", as: "next", ...next },
      respond("response"),
      ...done("caller"),
    ],
    expect: [
      rejected("no HTTP", [400]),
      // A header of that size is legal for the cause of an error, and a lone line feed may end a line.
      rejected("large header", [400, 404, 431]),
      rejected("bare line feed", [400, 404]),
      { type: "observe", of: "large header", what: "status" },
      { type: "body", of: "next", equals: '"hello"' },
      { type: "body", of: "caller", equals: '"ok"' },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-034",
    level: "should",
    sentence: "HTTP/1.0 is served, and requests that were sent without waiting are answered in their order",
    why: "A runtime may send its next request behind the response; overtaken, the two would be mixed up",
    source: "RFC 9112, section 9.3.2",
    dependsOn: ["SRV-RT-005"],
    moves: [
      { type: "invoke", as: "first caller", event: '"first"' },
      { type: "await-start" },
      { type: "call", as: "old next", ...next, version: "1.0", over: "old" },
      respond("old response", '"one"', { version: "1.0", over: "older" }),
      { type: "begin", as: "second next", ...next },
      { type: "await-caller", of: "first caller" },
      { type: "invoke", as: "second caller", event: '"second"' },
      { type: "await-answer", of: "second next" },
      {
        type: "together",
        moves: [
          { type: "begin", as: "pipelined response", ...responseTo("{id}"), body: '"two"', over: "pipeline" },
          { type: "begin", as: "pipelined next", ...next, over: "pipeline" },
        ],
      },
      { type: "await-caller", of: "second caller" },
      { type: "invoke", as: "third caller", event: '"third"' },
      { type: "await-answer", of: "pipelined next" },
      respond("third response", '"three"'),
      ...done("third caller"),
    ],
    expect: [
      { type: "body", of: "old next", equals: '"first"' },
      { type: "accepted", of: "old response" },
      { type: "body", of: "first caller", equals: '"one"' },
      { type: "accepted", of: "pipelined response" },
      { type: "body", of: "pipelined next", equals: '"third"' },
      { type: "body", of: "third caller", equals: '"three"' },
    ],
  },
];
