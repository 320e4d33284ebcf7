import { once } from "node:events";
import { LambdaFunction } from "../../emulator/lambda-function.ts";
import { LambdaService } from "../../emulator/lambda-service.ts";
import { paths } from "../../protocol/paths.ts";
import { type Command, oneOf, parseCommand } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { checkPrograms } from "../function-options.ts";
import { listening } from "../listening.ts";
import { type DescribedOptions, optionsHelp } from "../options-help.ts";
import { rieConfiguration } from "../rie/rie-configuration.ts";
import { runtimeLayer } from "../rie/runtime-layer.ts";

const options = {
  "runtime-interface-emulator-address": {
    type: "string",
    default: "127.0.0.1:8080",
    takes: "HOST:PORT",
    says: "where it listens; name 0.0.0.0:8080 inside a container",
  },
  "log-level": {
    type: "string",
    takes: "LEVEL",
    says: "of the emulator's own messages, which are on standard error:\ntrace, debug, info, warn, error, fatal or panic",
    normally: "$LOG_LEVEL or info",
  },
  "runtime-api-address": {
    type: "string",
    takes: "HOST:PORT",
    says: "understood, and not used: each environment has a free port",
  },
  "enable-init-caching": { type: "boolean", default: false, says: "understood, and not used" },
} as const satisfies DescribedOptions;

const help = `bootlace rie [options] [COMMAND [ARG ...]]

Stands in for the official Runtime Interface Emulator (aws-lambda-rie): the same command line, the same environment
variables, the same address, with the function name "function" and the profile "rie". COMMAND is the runtime and is
started in the current folder; with arguments, the last one is the handler too. Without COMMAND it is the first of
/var/task/bootstrap, /opt/bootstrap and /var/runtime/bootstrap. Extensions come from /opt/extensions.

${optionsHelp(options)}

  AWS_LAMBDA_FUNCTION_TIMEOUT       seconds                        [300]
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE   MB                             [3008]
  AWS_LAMBDA_FUNCTION_NAME          what the function is told      [test_function]
  AWS_LAMBDA_FUNCTION_HANDLER, _HANDLER, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
  Every other variable is passed on to the function.

Unlike the official emulator it listens on the loopback address unless it is told otherwise, takes invocations by POST
alone and several at once, refuses an event that is no JSON, and starts again after a crash or a time-out.

  bootlace rie ./bootstrap
  curl -d '{}' http://127.0.0.1:8080/2015-03-31/functions/function/invocations`;

/** Of the emulator's own messages; what the function writes is always passed on. */
const levels = ["trace", "debug", "info", "warn", "error", "fatal", "panic"];

export const command: Command = {
  name: "rie",
  summary: "stand in for the official Runtime Interface Emulator",
  help,
  ownWords: (args) => split(args).own,
  async run(args, signal) {
    const { own, program } = split(args);
    const { values } = parseCommand("rie", own, options);
    const { host, port } = addressOf(values["runtime-interface-emulator-address"]);
    const level = oneOf("log-level", values["log-level"] ?? process.env.LOG_LEVEL ?? "info", levels);
    const { layers, task, handler, remove } = runtimeLayer(program);
    try {
      await using lambda = await LambdaFunction.create({
        ...rieConfiguration(process.env, handler),
        profile: "rie",
        task,
        layers,
        isolation: { kind: "none", reason: "the official emulator has no mounts either" },
        observer: () => ({ log: ({ text }) => console.log(text) }),
      });
      checkPrograms(lambda);
      await using service = new LambdaService(lambda);
      const address = await listening("runtime-interface-emulator-address", service.listen(port, host));
      if (levels.indexOf(level) <= levels.indexOf("info"))
        console.error(`bootlace: curl -d '{}' http://${address}${paths.invoke("function")}`);
      if (!signal.aborted) await once(signal, "abort");
      return exitCodes.interrupted;
    } finally {
      remove();
    }
  },
};

/** The official emulator knows its own options wherever they stand, and everything else is the runtime's. */
function split(args: readonly string[]): { readonly own: readonly string[]; readonly program: readonly string[] } {
  const own: string[] = [];
  let at = 0;
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    if (!arg.startsWith("--")) break;
    if (arg === "--") return { own, program: args.slice(at + 1) };
    own.push(arg);
    const takesValue = Object.entries(options).some(([name, { type }]) => arg === `--${name}` && type === "string");
    if (takesValue) own.push(args[++at] ?? "");
  }
  return { own, program: args.slice(at) };
}

function addressOf(value: string): { readonly host: string; readonly port: number } {
  const [, host = "", port = ""] = /^(.*):(\d{1,5})$/.exec(value) ?? [];
  if (port === "" || Number(port) > 65_535)
    throw new UsageError(
      `Option "--runtime-interface-emulator-address" takes HOST:PORT such as 127.0.0.1:8080, not "${value}"`,
    );
  return { host: host === "" ? "0.0.0.0" : host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}
