import { isDeepStrictEqual } from "node:util";

/** A difference that is meant, and why. */
export interface IntendedDifference {
  /** Which cases; all unless told. */
  readonly of?: RegExp;
  readonly aspect: RegExp;
  readonly holds?: (ours: unknown, theirs: unknown) => boolean;
  readonly reason: string;
}

const notThere = (_: unknown, theirs: unknown) => theirs === undefined;
const notOurs = (ours: unknown) => ours === undefined;

/** The first row that fits counts, so the particular come before the general. */
export const intended: readonly IntendedDifference[] = [
  // What comes of functions
  {
    of: /^(functionValue|symbolValue)$/,
    aspect: /^(post|log)/,
    reason: "a value that has no JSON is null here, as undefined is everywhere; there it fails in the native part",
  },
  {
    of: /^(bigint|cycle|badToJson)$/,
    aspect: /^(post \d (body|header)|log)/,
    reason: "a response that is no JSON is called Runtime.MarshalError and says why, as other clients of AWS's do",
  },
  {
    of: /^crashesHeard/,
    aspect: /^(post|exit|log)/,
    reason:
      "a function that hears of its own crash hears of it, but the invocation fails and the process ends, as with client 3.3; there it goes on",
  },
  {
    of: /^throwsObjectAsMessage$/,
    aspect: /^(post \d body|log)/,
    reason: "an error of which the message is no text keeps its type, its stack and what the message says",
  },
  {
    of: /^(crashes|rejectsUnheard)/,
    aspect: /^(post|exit|log)/,
    reason: "what is thrown in the background is reported before the process ends; there the process just ends",
  },
  {
    of: /^streamFailsEarly$/,
    aspect: /^post/,
    reason: "an error before the first byte is a function error; there it is an empty stream with trailers",
  },
  {
    of: /^throwsObject$/,
    aspect: /^(post \d body|log)/,
    reason: "a thrown object that is no error is told as JSON, not as [object Object]",
  },
  {
    of: /^throwsNameless$/,
    aspect: /^(post \d body|log)/,
    reason: "an error without a name has the type Error; there it has none",
  },
  {
    of: /^throws(Number|Text|Null|Undefined)( in JSON)?$/,
    aspect: /^log$/,
    reason: "the log names the type of a thrown value as the response does; there it is Error",
  },
  {
    of: /^(throws(Cause|Circle|Aggregate)|logsError)/,
    aspect: /^log$/,
    reason: "causes and the errors of an AggregateError are logged; there only the outermost one is",
  },
  {
    of: /^logsNothing/,
    aspect: /^log$/,
    reason: "console.log() without arguments writes an empty message, as Node does; there undefined, or none",
  },
  { of: /^logsLines$/, aspect: /^log$/, reason: "a CRLF becomes one carriage return, not two" },
  {
    of: /^context(Keys)?$|^an event with everything$/,
    aspect: /^post \d (body|header content-length)$/,
    reason: "callbacks, done, succeed and fail stay; keys without a value are left out",
  },
  {
    of: /^an event with everything$/,
    aspect: /^post \d header lambda-runtime-invocation-id$/,
    holds: notThere,
    reason: "the invocation id is echoed, by which Lambda tells a late answer from one in time",
  },
  // What comes of functions that cannot be loaded
  {
    of: /^a module|^an export that|^a handler/,
    aspect: /^log$/,
    reason: "before the first invocation a log line has the request id undefined, as with client 3.3, not a hyphen",
  },
  {
    of: /^a module that (imports nowhere|cannot be parsed|is not there)$|^a handler without an export$/,
    aspect: /^post 1 (body|header lambda-runtime-function-error-type)$/,
    reason:
      "the message of an import, a syntax or a name that is wrong says which file, and the type is Runtime.ImportModuleError",
  },
  // What comes of the client
  {
    aspect: /^post \d header (accept|connection)$/,
    holds: notOurs,
    reason: "what curl and node:http add, and HTTP/1.1 does not need",
  },
  {
    aspect: /^post \d header content-type$/,
    holds: (ours, theirs) =>
      ours === "application/vnd.aws.lambda.error+json" && (theirs === "application/json" || theirs === undefined),
    reason: "errors have the content type that Lambda's interface description gives them",
  },
  {
    aspect: /^post \d header lambda-runtime-function-error-type$/,
    holds: notThere,
    reason: "the type of an error travels in its header with every error, not only with those of Init",
  },
  {
    aspect: /^post \d header lambda-runtime-function-xray-error-cause$/,
    reason: "the X-Ray cause is sent with every error, and its paths are those of the function",
  },
  {
    aspect: /^post \d (body|trailer lambda-runtime-function-error-body)$/,
    holds: (ours, theirs) => isDeepStrictEqual(withoutStack(ours), withoutStack(theirs)),
    reason: "the stack is called stackTrace, as in the documentation, and begins and ends with the function",
  },
  {
    aspect: /^post \d header content-length$/,
    reason: "the length of a body that is another",
  },
];

function withoutStack(body: unknown): unknown {
  if (typeof body !== "object" || body === null) return body;
  const { trace: _trace, stackTrace: _stackTrace, ...rest } = body as { trace?: unknown; stackTrace?: unknown };
  return rest;
}
