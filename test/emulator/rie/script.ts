/**
 * What the official emulator and ours are both asked: legal and illegal calls, as data. A scenario has an emulator of its
 * own. `{id}` in a path is the request id of the latest event, `{ext}` the identifier of the latest registration.
 */

export interface Call {
  /** The answer's name in the record. */
  readonly as: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Step =
  /** Asks the front door; the answer is awaited at the end, or where `await` says so. */
  | ({ readonly do: "invoke" } & Partial<Call> & Pick<Call, "as">)
  /** A call of the runtime or of an extension, and its answer. */
  | ({ readonly do: "call" } & Call)
  /** A call that is held: its answer is not awaited. */
  | ({ readonly do: "hold" } & Call)
  | { readonly do: "await"; readonly of: string };

export interface Scenario {
  readonly name: string;
  readonly timeoutSeconds?: number;
  /** A function that isolates its tenants, where an emulator knows of such. */
  readonly tenants?: true;
  readonly steps: readonly Step[];
}

const runtime = "/2018-06-01/runtime";
const extension = "/2020-01-01/extension";
const invoke = (body = "{}", more: Partial<Call> = {}): Step => ({ do: "invoke", as: "caller", body, ...more });
const next = (as = "event"): Step => ({ do: "call", as, method: "GET", path: `${runtime}/invocation/next` });
const held: Step = { do: "hold", as: "held next", method: "GET", path: `${runtime}/invocation/next` };
const post = (as: string, path: string, body = "", headers: Readonly<Record<string, string>> = {}): Step => ({
  do: "call",
  as,
  method: "POST",
  path,
  body,
  headers,
});
const response = (as = "response", body = '{"ok":1}') => post(as, `${runtime}/invocation/{id}/response`, body);
const error = (as: string, body: string, headers = {}) => post(as, `${runtime}/invocation/{id}/error`, body, headers);
const register = (
  as: string,
  body: string,
  headers: Readonly<Record<string, string>> = { "Lambda-Extension-Name": "internal" },
) => post(as, `${extension}/register`, body, headers);
const caller: Step = { do: "await", of: "caller" };
const identified = { "Lambda-Extension-Identifier": "{ext}" };
const thrown = '{"errorType":"Mine","errorMessage":"no"}';

export const scenarios: readonly Scenario[] = [
  { name: "a response", steps: [invoke('{"a":1}'), next(), response(), held, caller] },
  { name: "an event that is no JSON", steps: [invoke("{a"), next(), response(), held, caller] },
  { name: "an event that is empty", steps: [invoke(""), next(), response(), held, caller] },
  {
    name: "what a caller may say",
    steps: [
      invoke("{}", { headers: { "X-Amz-Client-Context": "eyJjdXN0b20iOnt9fQ==", "X-Amzn-Trace-Id": "Root=1-2-3" } }),
      next(),
      response(),
      held,
      caller,
    ],
  },
  {
    name: "a tenant",
    tenants: true,
    steps: [invoke("{}", { headers: { "X-Amz-Tenant-Id": "blue" } }), next(), response(), held, caller],
  },
  {
    name: "a client context that is none",
    steps: [invoke("{}", { headers: { "X-Amz-Client-Context": "{" } }), caller],
  },
  { name: "another function", steps: [invoke("{}", { path: "/2015-03-31/functions/other/invocations" }), caller] },
  {
    name: "an error",
    steps: [invoke(), next(), error("error", thrown, { "Lambda-Runtime-Function-Error-Type": "Mine" }), held, caller],
  },
  {
    name: "answers that come twice",
    steps: [invoke(), next(), response(), response("second response"), error("error after it", thrown), held, caller],
  },
  {
    name: "an answer to another invocation",
    steps: [
      invoke(),
      next(),
      post("response", `${runtime}/invocation/00000000-0000-4000-8000-000000000000/response`, "1"),
      post("error", `${runtime}/invocation/00000000-0000-4000-8000-000000000000/error`, thrown),
      response("right response"),
      held,
      caller,
    ],
  },
  {
    name: "next while an event is in hand",
    steps: [invoke('{"a":1}'), next(), next("event again"), response(), held, caller],
  },
  {
    name: "an init error after next",
    steps: [invoke(), next(), post("init error", `${runtime}/init/error`, thrown), response(), held, caller],
  },
  {
    name: "an answer before next",
    steps: [
      invoke(),
      post("response", `${runtime}/invocation/00000000-0000-4000-8000-000000000000/response`, "1"),
      post("error", `${runtime}/invocation/00000000-0000-4000-8000-000000000000/error`, thrown),
      next(),
      response("right response"),
      held,
      caller,
    ],
  },
  {
    name: "a response mode that is none",
    steps: [
      invoke(),
      next(),
      post("response", `${runtime}/invocation/{id}/response`, "1", { "Lambda-Runtime-Function-Response-Mode": "odd" }),
      caller,
    ],
  },
  {
    name: "a response over the limit",
    steps: [invoke(), next(), response("response", "a".repeat(6_291_557)), held, caller],
  },
  {
    name: "paths and methods",
    steps: [
      invoke(),
      next(),
      { do: "call", as: "ping", method: "GET", path: "/2018-06-01/ping" },
      { do: "call", as: "an unknown path", method: "GET", path: "/2018-06-01/unknown" },
      { do: "call", as: "a wrong method", method: "PUT", path: `${runtime}/invocation/next` },
      { do: "call", as: "restore next", method: "GET", path: `${runtime}/restore/next` },
      post("restore error", `${runtime}/restore/error`, thrown),
      response(),
      held,
      caller,
    ],
  },
  {
    name: "extensions that register",
    steps: [
      invoke(),
      register("without a name", '{"events":[]}', {}),
      register("an empty name", '{"events":[]}', { "Lambda-Extension-Name": "" }),
      register("no JSON", "{"),
      register("nothing", ""),
      register("an unknown event", '{"events":["ODD"]}'),
      register("SHUTDOWN", '{"events":["SHUTDOWN"]}'),
      register("INVOKE", '{"events":["INVOKE"]}'),
      register("the same again", '{"events":["INVOKE"]}'),
      register("with an account", "{}", {
        "Lambda-Extension-Name": "second",
        "Lambda-Extension-Accept-Feature": "accountId",
      }),
      // The runtime's next is held: an extension that has registered has not asked for its own yet.
      held,
      { do: "call", as: "ping", method: "GET", path: "/2018-06-01/ping" },
      register("after next", "{}", { "Lambda-Extension-Name": "late" }),
    ],
  },
  {
    name: "extensions that name themselves wrongly",
    steps: [
      invoke(),
      register("registered", '{"events":["INVOKE"]}'),
      { do: "call", as: "next without", method: "GET", path: `${extension}/event/next` },
      {
        do: "call",
        as: "next with no UUID",
        method: "GET",
        path: `${extension}/event/next`,
        headers: { "Lambda-Extension-Identifier": "x" },
      },
      {
        do: "call",
        as: "next of nobody",
        method: "GET",
        path: `${extension}/event/next`,
        headers: { "Lambda-Extension-Identifier": "00000000-0000-4000-8000-000000000000" },
      },
      post("init error without a type", `${extension}/init/error`, "{}", identified),
      post("exit error without a type", `${extension}/exit/error`, "{}", identified),
      post("init error without an identifier", `${extension}/init/error`, "{}"),
    ],
  },
  {
    name: "telemetry",
    steps: [
      invoke(),
      register("registered", '{"events":[]}'),
      { do: "call", as: "telemetry", method: "PUT", path: "/2022-07-01/telemetry", headers: identified, body: "{}" },
      { do: "call", as: "telemetry of nobody", method: "PUT", path: "/2022-07-01/telemetry", body: "{}" },
      { do: "call", as: "logs", method: "PUT", path: "/2020-08-15/logs", headers: identified, body: "{}" },
    ],
  },
  {
    name: "an internal extension and the runtime",
    steps: [
      invoke('{"a":1}'),
      register("registered", '{"events":["INVOKE"]}'),
      { do: "hold", as: "extension event", method: "GET", path: `${extension}/event/next`, headers: identified },
      next(),
      { do: "await", of: "extension event" },
      response(),
      { do: "hold", as: "held extension", method: "GET", path: `${extension}/event/next`, headers: identified },
      held,
      caller,
    ],
  },
  { name: "an init error", steps: [invoke(), post("init error", `${runtime}/init/error`, thrown)] },
  { name: "a time-out", timeoutSeconds: 1, steps: [invoke(), next(), caller] },
];
