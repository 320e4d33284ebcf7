import { once } from "node:events";
import { join } from "node:path";
import type { Debugging } from "../../emulator/environment-options.ts";
import type { FunctionOptions } from "../../emulator/function-options.ts";
import { FunctionUrl } from "../../emulator/function-url.ts";
import { LambdaService } from "../../emulator/lambda-service.ts";
import { type Command, parseCommand, wholeNumber } from "../command.ts";
import { confinementNotes } from "../confinement-notes.ts";
import { type Announce, announcer, type Ready } from "../dev/announcer.ts";
import { debuggingOf, devOptions, portRange, urlOptions, withInspectPort } from "../dev/dev-options.ts";
import { type MadeVersion, newVersion, type Sources, sourcesOf } from "../dev/function-versions.ts";
import { ReloadingFunction } from "../dev/reloading-function.ts";
import { SourceWatch } from "../dev/source-watch.ts";
import { exitCodes, failureOf, UsageError } from "../failure.ts";
import { functionOf, variablesOf } from "../function-options.ts";
import { listening } from "../listening.ts";
import { optionsHelp } from "../options-help.ts";

const help = `bootlace dev DIR|ZIP [options]

Puts the Lambda API in front of the function, on 127.0.0.1, until Ctrl-C. It serves Invoke: synchronous invocations,
dry runs, and "Event" invocations, which are answered with 202 and tried once; and InvokeWithResponseStream. With --url
it also gives the function a URL, on a port of its own.

A change in DIR, in a layer, in the file of variables or in a source that is bundled from elsewhere is taken over by the
next invocation: a function in TypeScript is bundled again, any other starts again. An invocation in hand ends on the
version that it began on, and a version that does not build is not taken.

${optionsHelp(devOptions)}

While a debugger may attach there is one environment; nothing times out, and nothing is frozen between invocations.

  bootlace dev examples/hello
  curl -d '{"rawPath":"/"}' http://127.0.0.1:9000/2015-03-31/functions/function/invocations
  bootlace dev dist --url 8080 --cors '{"AllowOrigins":["*"]}' --inspect-brk`;

/** More environments than one machine has room for. */
const concurrencyMax = 1_000;

export const command: Command = {
  name: "dev",
  summary: "an Invoke API for the AWS CLI and SDKs, on this machine, with your changes",
  help,
  async run(args, signal) {
    const { values, positionals } = parseCommand("dev", args.map(withInspectPort), devOptions);
    if (positionals.length > 1) throw new UsageError(`Name one function, not ${positionals.length}`);
    const port = wholeNumber("port", values.port, portRange);
    const environmentsMax = wholeNumber("concurrency", values.concurrency, { min: 0, max: concurrencyMax });
    const url = urlOptions(values);
    const debugging = debuggingOf(values);
    const announce = announcer(values.json);
    if (url !== undefined && values["isolate-tenants"])
      throw new UsageError(
        'Options "--url" and "--isolate-tenants" do not go together: a URL cannot say whose an invocation is',
      );
    const named = await functionOf(positionals[0], values);
    try {
      signal.throwIfAborted();
      const options: FunctionOptions = {
        ...named.options,
        environmentsMax: debugging === undefined ? environmentsMax : Math.min(1, environmentsMax),
        debugging,
        ...(values.pace ? { streamPace: "documented" } : {}),
        ...(values["isolate-tenants"] ? { tenantIsolationMode: "PER_TENANT" } : {}),
        observer: () => ({
          log: (line) => announce({ type: "log", line }),
          faulted: ({ fault }) => announce({ type: "fault", fault }),
          lostWork: (lost) => announce({ type: "lost-work", lost }),
        }),
      };
      const sources: Sources = values["no-build"] ? { kind: "as-is" } : sourcesOf(options);
      const make = () => newVersion({ ...options, environment: variablesOf(values) }, sources);
      const file = values.variables;
      const paths = [...sourcesAmong(options), ...(values.layer ?? []), ...(file === undefined ? [] : [file])];
      const watched = values["no-watch"] ? undefined : { paths, built: sources.kind === "bundle" };
      await serve({ make, debugging, announce, port, url, watched }, signal);
      return exitCodes.interrupted;
    } finally {
      named.remove();
    }
  },
};

/** Where the function's code lies; an image may bring it. */
function sourcesAmong({ task, root }: FunctionOptions): readonly string[] {
  if (task !== undefined) return [task];
  return root === undefined ? [] : [join(root, "var/task")];
}

interface Served {
  readonly make: () => Promise<MadeVersion>;
  readonly debugging: Debugging | undefined;
  readonly announce: Announce;
  readonly port: number;
  readonly url: ReturnType<typeof urlOptions>;
  readonly watched: Ready["watched"];
}

/** Serves until `signal` is aborted. */
async function serve(served: Served, signal: AbortSignal): Promise<void> {
  const { make, debugging, announce, port, url, watched } = served;
  const version = await make();
  await using lambda = new ReloadingFunction(version.lambda);
  await using service = new LambdaService(lambda);
  await using functionUrl = url && new FunctionUrl(lambda, url);
  const address = await listening("port", service.listen(port));
  const urlAddress = functionUrl && (await listening("url", functionUrl.listen(url?.port ?? 0)));
  // The first to go: what is being made then is not to come after the end.
  await using watch: SourceWatch = new SourceWatch(async (files) => {
    const imported = await reload(lambda, make, announce, files);
    watch.add(imported);
  });
  if (watched !== undefined) watch.add([...watched.paths, ...version.imported]);
  const { functionName, region } = lambda.configuration;
  announce({
    type: "ready",
    functionName,
    region,
    address,
    functionUrl: urlAddress,
    debugger: debugging?.address,
    network: version.lambda.network,
    notes: confinementNotes(version.lambda),
    notEnforced: version.lambda.notEnforced,
    watched,
  });
  if (!signal.aborted) await once(signal, "abort");
}

/** Takes a change over, or says why not; what else is to be watched from now on. */
async function reload(
  lambda: ReloadingFunction,
  make: Served["make"],
  announce: Announce,
  files: readonly string[],
): Promise<readonly string[]> {
  const began = performance.now();
  try {
    const version = await make();
    void lambda.replace(version.lambda);
    announce({ type: "reloaded", files, tookMs: performance.now() - began });
    return version.imported;
  } catch (error) {
    announce({ type: "reload-failed", files, message: failureOf(error).message });
    return [];
  }
}
