import { once } from "node:events";
import type { LogLine } from "../../emulator/environment-log.ts";
import { FunctionUrl, type InvokeMode } from "../../emulator/function-url.ts";
import { LambdaFunction } from "../../emulator/lambda-function.ts";
import { LambdaService } from "../../emulator/lambda-service.ts";
import { paths } from "../../protocol/paths.ts";
import { type Command, parseCommand, wholeNumber } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { checkPrograms, functionOf, functionOptions } from "../function-options.ts";
import { optionsHelp } from "../options-help.ts";

const help = `bootlace dev DIR|ZIP [options]

Puts the Lambda API in front of the function, on 127.0.0.1, until Ctrl-C. It serves Invoke: synchronous
invocations, dry runs, and "Event" invocations, which are answered with 202 and tried once; and
InvokeWithResponseStream. With --url it also gives the function a URL, on a port of its own.

  --port PORT           0 takes a free one                      [9001]
  --concurrency N       environments at once, then 429          [10]
  --url PORT            a function URL without authentication; 0 takes a free port
  --invoke-mode MODE    of the URL: BUFFERED or RESPONSE_STREAM  [BUFFERED]
${optionsHelp(functionOptions)}

  bootlace dev examples/hello
  curl -d '{"rawPath":"/"}' http://127.0.0.1:9001/2015-03-31/functions/function/invocations`;

/** More environments than one machine has room for. */
const concurrencyMax = 1_000;

export const command: Command = {
  name: "dev",
  summary: "an Invoke API for the AWS CLI and SDKs, on this machine",
  help,
  async run(args, signal) {
    const { values, positionals } = parseCommand("dev", args, {
      ...functionOptions,
      port: { type: "string", default: "9001" },
      concurrency: { type: "string", default: "10" },
      url: { type: "string" },
      "invoke-mode": { type: "string", default: "BUFFERED" },
    });
    if (positionals.length > 1) throw new UsageError(`Name one function, not ${positionals.length}`);
    const port = wholeNumber("port", values.port, { min: 0, max: 65_535 });
    const environmentsMax = wholeNumber("concurrency", values.concurrency, { min: 0, max: concurrencyMax });
    const urlPort = values.url === undefined ? undefined : wholeNumber("url", values.url, { min: 0, max: 65_535 });
    const mode = invokeMode(values["invoke-mode"]);
    const named = await functionOf(positionals[0], values);
    try {
      signal.throwIfAborted();
      const observer = () => ({ log: (line: LogLine) => console.log(line.text) });
      await using lambda = await LambdaFunction.create({ ...named.options, environmentsMax, observer });
      checkPrograms(lambda);
      await using service = new LambdaService(lambda);
      const address = await service.listen(port);
      await using functionUrl = urlPort === undefined ? undefined : new FunctionUrl(lambda, { mode });
      const url = await functionUrl?.listen(urlPort ?? 0);
      console.log(welcome(lambda, address, url));
      if (!signal.aborted) await once(signal, "abort");
      return exitCodes.interrupted;
    } finally {
      named.remove();
    }
  },
};

function invokeMode(value: string): InvokeMode {
  if (value === "BUFFERED" || value === "RESPONSE_STREAM") return value;
  throw new UsageError(`Option "--invoke-mode" takes BUFFERED or RESPONSE_STREAM, not "${value}"`);
}

function welcome(
  { configuration, isolation }: LambdaFunction,
  address: string,
  functionUrl: string | undefined,
): string {
  const { functionName, region } = configuration;
  const url = `http://${address}`;
  const mounts =
    isolation.kind === "mounts"
      ? []
      : [`No private mounts here (${isolation.reason}): paths are passed by environment variables`];
  return [
    `Function "${functionName}" answers at ${url}`,
    ...mounts,
    `  curl -d '{}' ${url}${paths.invoke(functionName)}`,
    `  aws lambda invoke --endpoint-url ${url} --region ${region} --no-sign-request --function-name ${functionName} /dev/stdout`,
    ...(functionUrl === undefined ? [] : [`Function URL: http://${functionUrl}/`]),
    "Ctrl-C shuts it down",
  ].join("\n");
}
