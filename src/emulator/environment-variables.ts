/** The environment variables of a runtime and of an external extension. DG/configuration-envvars.html and runtimes-extensions-api.html */
import type { InitializationType } from "../protocol/initialization-type.ts";
import { paths } from "../protocol/paths.ts";
import { credentialsOf, isCredential } from "./credentials.ts";
import { type FunctionConfiguration, latestVersion } from "./function-configuration.ts";

export interface VariableFacts {
  readonly configuration: FunctionConfiguration;
  /** `host:port` of the environment's own API. */
  readonly api: string;
  readonly logStreamName: string;
  /** Where the processes find the function and the layers: `/var/task` and `/opt`, or folders of this machine. */
  readonly taskRoot: string;
  readonly optRoot: string;
  readonly initializationType: InitializationType;
  /** What opens the credentials endpoint of a SnapStart environment. */
  readonly credentialsToken: string;
  /** Of Managed Instances. */
  readonly concurrency?: number | undefined;
}

export function runtimeVariables(facts: VariableFacts): Readonly<Record<string, string>> {
  const { configuration, taskRoot, logStreamName, initializationType, concurrency } = facts;
  return {
    ...extendable(facts),
    LANG: "en_US.UTF-8",
    AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
    AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000",
    ...withCredentials(facts, configuration.environment),
    ...reserved(facts),
    ...(concurrency === undefined ? {} : { AWS_LAMBDA_MAX_CONCURRENCY: String(concurrency) }),
    LAMBDA_TASK_ROOT: taskRoot,
    LAMBDA_RUNTIME_DIR: "/var/runtime",
    ...(initializationType === "snap-start" ? {} : logNames(configuration, logStreamName)),
    ...logging(configuration),
    _AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1",
    _AWS_XRAY_DAEMON_PORT: "2000",
    _HANDLER: configuration.handler,
  };
}

/** Told where it is not the default, so that a function may still say otherwise to its own runtime. DG/configuration-envvars.html */
function logging({ logFormat, applicationLogLevel = "INFO" }: FunctionConfiguration): Readonly<Record<string, string>> {
  if (logFormat === "Text") return {};
  return { AWS_LAMBDA_LOG_FORMAT: "JSON", AWS_LAMBDA_LOG_LEVEL: applicationLogLevel };
}

/** Extensions see the function's variables, except those that begin with an underscore, and less of Lambda's own. */
export function extensionVariables(facts: VariableFacts): Readonly<Record<string, string>> {
  const own = Object.entries(facts.configuration.environment).filter(([name]) => !name.startsWith("_"));
  return { ...extendable(facts), ...withCredentials(facts, Object.fromEntries(own)), ...reserved(facts) };
}

function logNames({ functionName }: FunctionConfiguration, logStreamName: string): Readonly<Record<string, string>> {
  return { AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`, AWS_LAMBDA_LOG_STREAM_NAME: logStreamName };
}

/** A snapshot outlives credentials, so its processes ask for them instead. RIE rapidcore/env/environment.go */
function withCredentials(
  facts: VariableFacts,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (facts.initializationType !== "snap-start") return { ...own, ...credentialsOf(own) };
  const others = Object.entries(own).filter(([name]) => !isCredential(name));
  return {
    ...Object.fromEntries(others),
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${facts.api}${paths.credentials}`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: facts.credentialsToken,
  };
}

/** Lambda's own that a function may set otherwise. DG/configuration-envvars.html, "aren't reserved" */
function extendable({ taskRoot, optRoot }: VariableFacts): Readonly<Record<string, string>> {
  return {
    PATH: `/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:${optRoot}/bin`,
    LD_LIBRARY_PATH: `/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:${taskRoot}:${taskRoot}/lib:${optRoot}/lib`,
    TZ: ":UTC",
  };
}

function reserved({ configuration, api, initializationType }: VariableFacts): Readonly<Record<string, string>> {
  const { region, functionName, memoryMb } = configuration;
  return {
    AWS_LAMBDA_RUNTIME_API: api,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: latestVersion,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: initializationType,
  };
}
