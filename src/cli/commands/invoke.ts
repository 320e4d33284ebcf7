import { existsSync, readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { emulate } from "../../emulator/emulate.ts";
import type { LogLine } from "../../emulator/environment-log.ts";
import { limits } from "../../protocol/limits.ts";
import { type Command, parseCommand } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { functionOf, functionOptions, functionOptionsHelp } from "../function-options.ts";

const help = `bootlace invoke DIR|ZIP [options]

Starts an execution environment for the function, invokes it once, shuts down. The response goes
to standard output, the log to standard error. A function without a "bootstrap" runs on ours.

  -e, --event FILE|-    the event as JSON; - reads standard input   [{}]
${functionOptionsHelp}
  --json                one JSON document with response and log

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
    });
    if (positionals.length > 1) throw new UsageError(`Name one function, not ${positionals.length}`);
    const event = await readEvent(values.event);
    const log: LogLine[] = [];
    const heard = (line: LogLine) => void (values.json ? log.push(line) : console.error(line.text));
    const named = await functionOf(positionals[0], values);
    try {
      await using emulated = await emulate({ ...named.options, observer: () => ({ log: heard }) });
      signal.addEventListener("abort", () => emulated.close());
      signal.throwIfAborted();
      const result = await emulated.invoke(event);
      await result.logTail;
      const response = result.json() ?? Buffer.from(result.payload).toString();
      const { functionError, requestId } = result;
      const document = { requestId, response, ...(functionError && { functionError }), log };
      console.log(values.json ? JSON.stringify(document, undefined, 2) : Buffer.from(result.payload).toString());
      return functionError === undefined ? exitCodes.success : exitCodes.function;
    } finally {
      named.remove();
    }
  },
};

/** The bytes that the function will get, once they have been seen to be JSON. */
async function readEvent(source: string | undefined): Promise<Uint8Array> {
  if (source === undefined) return Buffer.from("{}");
  if (source !== "-" && !existsSync(source)) throw new UsageError(`The event file "${source}" does not exist`);
  const json = source === "-" ? await text(process.stdin) : readFileSync(source, "utf8");
  const bytes = Buffer.byteLength(json);
  if (bytes > limits.eventBytesMax) {
    throw new UsageError(`The event has ${bytes} bytes, and Lambda takes at most ${limits.eventBytesMax}`);
  }
  try {
    JSON.parse(json);
    return Buffer.from(json);
  } catch (error) {
    const where = source === "-" ? "standard input" : `"${source}"`;
    throw new UsageError(`The event in ${where} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
