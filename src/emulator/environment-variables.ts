/** The environment variables of a runtime and of an external extension. DG/configuration-envvars.html and runtimes-extensions-api.html */
import { type FunctionConfiguration, latestVersion } from "./function-configuration.ts";

export interface VariableFacts {
  readonly configuration: FunctionConfiguration;
  /** `host:port` of the environment's own API. */
  readonly api: string;
  readonly logStreamName: string;
  /** Where the processes find the function and the layers: `/var/task` and `/opt`, or folders of this machine. */
  readonly taskRoot: string;
  readonly optRoot: string;
}

export function runtimeVariables(facts: VariableFacts): Readonly<Record<string, string>> {
  const { configuration, taskRoot, logStreamName } = facts;
  return {
    ...extendable(facts),
    LANG: "en_US.UTF-8",
    AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
    AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000",
    ...credentials,
    ...configuration.environment,
    ...reserved(facts),
    LAMBDA_TASK_ROOT: taskRoot,
    LAMBDA_RUNTIME_DIR: "/var/runtime",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${configuration.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    _AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1",
    _AWS_XRAY_DAEMON_PORT: "2000",
    _HANDLER: configuration.handler,
  };
}

/** Extensions see the function's variables, except those that begin with an underscore, and less of Lambda's own. */
export function extensionVariables(facts: VariableFacts): Readonly<Record<string, string>> {
  const own = Object.entries(facts.configuration.environment).filter(([name]) => !name.startsWith("_"));
  return { ...extendable(facts), ...credentials, ...Object.fromEntries(own), ...reserved(facts) };
}

/** Placeholders: a function that needs real credentials gets them as variables of its own. */
const credentials = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local", AWS_SESSION_TOKEN: "local" };

/** Lambda's own that a function may set otherwise. DG/configuration-envvars.html, "aren't reserved" */
function extendable({ taskRoot, optRoot }: VariableFacts): Readonly<Record<string, string>> {
  return {
    PATH: `/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:${optRoot}/bin`,
    LD_LIBRARY_PATH: `/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:${taskRoot}:${taskRoot}/lib:${optRoot}/lib`,
    TZ: ":UTC",
  };
}

function reserved({ configuration, api }: VariableFacts): Readonly<Record<string, string>> {
  const { region, functionName, memoryMb } = configuration;
  return {
    AWS_LAMBDA_RUNTIME_API: api,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: latestVersion,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  };
}
