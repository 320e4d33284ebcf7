import { writeFileSync } from "node:fs";
import { tenantIdPattern } from "../../emulator/api/invoke-request.ts";
import { type Emulated, type EmulatedResult, type EmulatedStream, emulate } from "../../emulator/emulate.ts";
import type { LogLine } from "../../emulator/environment-log.ts";
import { type JournalFault, journalOf, journalText } from "../../emulator/journal.ts";
import type { LostWork } from "../../emulator/supervisor/lost-work.ts";
import { limits } from "../../protocol/limits.ts";
import { type Command, parseCommand } from "../command.ts";
import { type Confined, confinementNotes } from "../confinement-notes.ts";
import { readClientContext, readEvent } from "../event-input.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { checkPrograms, functionOf, functionOptions } from "../function-options.ts";
import { faultLine, lostWorkLine } from "../narrator.ts";
import { type DescribedOptions, optionsHelp } from "../options-help.ts";

const options = {
  event: {
    type: "string",
    short: "e",
    takes: "FILE|-",
    says: "the event as JSON; - reads standard input",
    normally: "{}",
  },
  ...functionOptions,
  "client-context": { type: "string", takes: "JSON", says: "what the function finds in context.clientContext" },
  tenant: { type: "string", takes: "ID", says: "the tenant; the function is one that isolates its tenants" },
  journal: { type: "string", takes: "FILE", says: 'writes what "bootlace replay FILE" shows again' },
  json: { type: "boolean", default: false, says: "one JSON document with response and log" },
} as const satisfies DescribedOptions;

const help = `bootlace invoke DIR|ZIP [options]

Starts an execution environment for the function, invokes it once, shuts down. The response goes to standard output,
one that is streamed as it comes, and the log to standard error. A function without a "bootstrap" runs on ours.

${optionsHelp(options)}

Exit code: 0 success, 1 the function failed, 2 your command line, 70 a bug of Bootlace.

  bootlace invoke examples/hello --event examples/hello/event.json
  echo '{"name":"Ada"}' | bootlace invoke dist --event - --timeout 10
  bootlace invoke dist --layer layer.zip --variables .env --memory 512 --journal hello.journal`;

export const command: Command = {
  name: "invoke",
  summary: "run a function once with an event, and print its response",
  help,
  async run(args, signal) {
    const { values, positionals } = parseCommand("invoke", args, options);
    if (positionals.length > 1) throw new UsageError(`Name one function, not ${positionals.length}`);
    const event = await readEvent(values.event, signal);
    const tenant = tenantOf(values.tenant);
    const clientContext = readClientContext(values["client-context"]);
    const asked = { ...(clientContext && { clientContext }), ...(tenant === undefined ? {} : { tenantId: tenant }) };
    const story = new Story(values.json);
    const named = await functionOf(positionals[0], values);
    try {
      signal.throwIfAborted();
      const isolated = tenant === undefined ? {} : ({ tenantIsolationMode: "PER_TENANT" } as const);
      await using emulated = await emulate({ ...named.options, ...isolated, observer: () => story });
      checkPrograms(emulated.lambda);
      story.confined(emulated.lambda);
      signal.addEventListener("abort", () => void emulated.close());
      signal.throwIfAborted();
      const result = values.json
        ? await emulated.invoke(event, asked)
        : await shown(await emulated.stream(event, asked), signal);
      await result.logTail;
      await emulated.lostWork();
      signal.throwIfAborted();
      if (values.journal !== undefined) await writeJournal(values.journal, emulated);
      if (values.json) await print(JSON.stringify(story.document(result), undefined, 2));
      checkHandler(result, emulated.lambda.configuration.handler);
      return result.functionError === undefined ? exitCodes.success : exitCodes.function;
    } finally {
      named.remove();
    }
  },
};

function tenantOf(id: string | undefined): string | undefined {
  const { tenantIdCharactersMax: max } = limits;
  if (id === undefined || (id.length <= max && new RegExp(`^${tenantIdPattern}$`).test(id))) return id;
  throw new UsageError(`Option "--tenant" takes 1 to ${max} letters, digits, blanks and ._:/=+-@, not "${id}"`);
}

/** What is heard of the environment: told at once on standard error, or kept for the document. */
class Story {
  readonly #keeps: boolean;
  readonly #log: LogLine[] = [];
  readonly #faults: JournalFault[] = [];
  readonly #lost: LostWork[] = [];
  #confined: Confined | undefined;

  constructor(keeps: boolean) {
    this.#keeps = keeps;
  }

  log(line: LogLine): void {
    if (this.#keeps) this.#log.push(line);
    else console.error(line.text);
  }

  confined(confined: Confined): void {
    this.#confined = confined;
    if (!this.#keeps) for (const note of confinementNotes(confined)) console.error(note);
  }

  lostWork(lost: readonly LostWork[]): void {
    if (this.#keeps) this.#lost.push(...lost);
    else for (const each of lost) console.error(lostWorkLine(each));
  }

  faulted(entry: JournalFault): void {
    if (this.#keeps) this.#faults.push(entry);
    else console.error(faultLine(entry.fault));
  }

  document(result: EmulatedResult) {
    const { functionError, requestId, payload } = result;
    const json = result.json();
    const response = json === undefined ? Buffer.from(payload).toString() : json;
    const faults = this.#faults.map(({ fault }) => fault);
    const { network, notEnforced = [], shadowed = [], unreadable = [] } = this.#confined ?? {};
    return {
      requestId,
      response,
      ...(functionError && { functionError }),
      ...(faults.length > 0 && { faults }),
      ...(this.#lost.length > 0 && { lostWork: this.#lost }),
      ...(shadowed.length > 0 && { shadowed }),
      ...(unreadable.length > 0 && { unreadable }),
      network,
      notEnforced,
      log: this.#log,
    };
  }
}

/** The response's own bytes as they come, and a newline; an error that comes after them is told beside them. */
async function shown({ body, ended }: EmulatedStream, signal: AbortSignal): Promise<EmulatedResult> {
  let bytes = 0;
  for await (const chunk of body) {
    signal.throwIfAborted();
    bytes += chunk.length;
    await print(chunk, "");
  }
  const result = await ended;
  signal.throwIfAborted();
  await print("");
  const streamed = result.payload.length > 0 && bytes !== result.payload.length;
  if (streamed) console.error(Buffer.from(result.payload).toString());
  return result;
}

/** Resolves when it is written, because a pipe may take its time. */
async function print(text: string | Uint8Array, end = "\n"): Promise<void> {
  await new Promise((resolve) => process.stdout.write(Buffer.concat([Buffer.from(text), Buffer.from(end)]), resolve));
}

/** Written when everything is over, so that the end is in it. */
async function writeJournal(file: string, emulated: Emulated): Promise<void> {
  const environments = await emulated.environments();
  await emulated.close();
  const [environment] = environments;
  if (environment === undefined) return;
  try {
    writeFileSync(file, journalText(journalOf(environment)));
  } catch (error) {
    throw new UsageError(`Cannot write the journal "${file}": ${error instanceof Error ? error.message : error}`);
  }
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
