import { writeFileSync } from "node:fs";
import { type Emulated, type EmulatedResult, emulate } from "../../emulator/emulate.ts";
import type { LogLine } from "../../emulator/environment-log.ts";
import { journalText } from "../../emulator/journal.ts";
import { limits } from "../../protocol/limits.ts";
import { type Command, parseCommand } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { checkPrograms, functionOf, functionOptions, functionOptionsHelp } from "../function-options.ts";
import { readInput, readStandardInput } from "../input-file.ts";

const help = `bootlace invoke DIR|ZIP [options]

Starts an execution environment for the function, invokes it once, shuts down. The response goes
to standard output, the log to standard error. A function without a "bootstrap" runs on ours.

  -e, --event FILE|-    the event as JSON; - reads standard input   [{}]
${functionOptionsHelp}
  --json                one JSON document with response and log
  --journal FILE        writes what "bootlace replay FILE" shows again

Exit code: 0 success, 1 the function failed, 2 your command line, 70 a bug of Bootlace.

  bootlace invoke examples/hello --event examples/hello/event.json
  echo '{"name":"Ada"}' | bootlace invoke dist --event - --timeout 10`;

export const command: Command = {
  name: "invoke",
  summary: "run a function once with an event, and print its response",
  help,
  async run(args, signal) {
    const { values, positionals } = parseCommand("invoke", args, {
      ...functionOptions,
      event: { type: "string", short: "e" },
      json: { type: "boolean", default: false },
      journal: { type: "string" },
    });
    if (positionals.length > 1) throw new UsageError(`Name one function, not ${positionals.length}`);
    const event = await readEvent(values.event, signal);
    const log: LogLine[] = [];
    const heard = (line: LogLine) => void (values.json ? log.push(line) : console.error(line.text));
    const named = await functionOf(positionals[0], values);
    try {
      signal.throwIfAborted();
      await using emulated = await emulate({ ...named.options, observer: () => ({ log: heard }) });
      checkPrograms(emulated.lambda);
      signal.addEventListener("abort", () => void emulated.close());
      signal.throwIfAborted();
      const result = await emulated.invoke(event);
      await result.logTail;
      signal.throwIfAborted();
      if (values.journal !== undefined) await writeJournal(values.journal, emulated);
      await print(values.json ? Buffer.from(JSON.stringify(documentOf(result, log), undefined, 2)) : result.payload);
      checkHandler(result, emulated.lambda.configuration.handler);
      return result.functionError === undefined ? exitCodes.success : exitCodes.function;
    } finally {
      named.remove();
    }
  },
};

/** Written when everything is over, so that the end is in it. */
async function writeJournal(file: string, { lambda }: Emulated): Promise<void> {
  const [environment] = await lambda.environments();
  await lambda.close();
  if (environment === undefined) return;
  const { journal: entries, faults, state } = environment;
  try {
    writeFileSync(file, journalText({ settings: state.settings, entries, faults }));
  } catch (error) {
    throw new UsageError(`Cannot write the journal "${file}": ${error instanceof Error ? error.message : error}`);
  }
}

/** The payload's own bytes and a newline; resolves when they are written, because a pipe may take its time. */
async function print(payload: Uint8Array): Promise<void> {
  await new Promise((resolve) => process.stdout.write(Buffer.concat([payload, Buffer.from("\n")]), resolve));
}

function documentOf(result: EmulatedResult, log: readonly LogLine[]) {
  const { functionError, requestId, payload } = result;
  const json = result.json();
  const response = json === undefined ? Buffer.from(payload).toString() : json;
  return { requestId, response, ...(functionError && { functionError }), log };
}

/** A handler that is not there is a mistake in naming it, and so one of the command line. */
function checkHandler(result: EmulatedResult, handler: string): void {
  if (result.functionError === undefined) return;
  const { errorType, errorMessage } = errorOf(result.json());
  const file = handler.replace(/\.[^/]*$/, "");
  const missing = errorType === "Runtime.ImportModuleError" && String(errorMessage).includes(`module '${file}'`);
  if (!missing && errorType !== "Runtime.HandlerNotFound" && errorType !== "Runtime.MalformedHandlerName") return;
  throw new UsageError(`The function has no handler "${handler}" (${errorMessage}): name another with "--handler"`);
}

function errorOf(json: unknown): { readonly errorType?: unknown; readonly errorMessage?: unknown } {
  return typeof json === "object" && json !== null ? json : {};
}

/** The bytes that the function will get, once they have been seen to be JSON. */
async function readEvent(source: string | undefined, signal: AbortSignal): Promise<Uint8Array> {
  if (source === undefined) return Buffer.from("{}");
  const bytes =
    source === "-"
      ? await readStandardInput("event in standard input", limits.eventBytesMax, signal)
      : readInput(source, "event file", limits.eventBytesMax);
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return bytes;
  } catch (error) {
    const where = source === "-" ? "standard input" : `"${source}"`;
    throw new UsageError(`The event in ${where} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
