import type { FunctionError } from "../protocol/function-error.ts";

/**
 * A server on Node's defaults takes 16 KiB of headers and answers none of a request with more, so the document stays
 * well below the 64 KiB that the platform keeps.
 */
const bytesMax = 8_192;

/** More of a message than this is in the error itself. */
const messageCharactersMax = 1_000;

interface Frame {
  readonly path: string;
  readonly line: number;
  readonly label: string;
}

/** What X-Ray shows of an error: one line of JSON in ASCII, or nothing when it would be too long for a header. */
export function xrayCause(error: FunctionError, workingDirectory: string): string | undefined {
  const stack = (error.stackTrace ?? []).flatMap(frameOf);
  const message = error.errorMessage.slice(0, messageCharactersMax);
  const whole = documentOf({ ...error, errorMessage: message }, stack, workingDirectory);
  if (whole.length <= bytesMax) return whole;
  const short = documentOf({ ...error, errorMessage: message }, stack.slice(0, 3), workingDirectory);
  return short.length <= bytesMax ? short : undefined;
}

function documentOf({ errorType, errorMessage }: FunctionError, stack: readonly Frame[], directory: string): string {
  const json = JSON.stringify({
    working_directory: directory,
    exceptions: [{ type: errorType, message: errorMessage, stack }],
    paths: [...new Set(stack.map(({ path }) => path))],
  });
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** `at label (path:line:column)` or `at path:line:column`. */
function frameOf(line: string): readonly Frame[] {
  const match = /^\s+at (?:(.*) \()?(.+?):(\d+)(?::\d+)?\)?$/.exec(line);
  if (match === null) return [];
  const [, label = "anonymous", path = "", number] = match;
  return [{ path, line: Number(number), label }];
}
