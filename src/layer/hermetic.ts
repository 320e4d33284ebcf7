import { spawnSync } from "node:child_process";

/** A command to be spawned. */
export interface HermeticCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * What a function finds that runs while it is built: the names that Lambda sets, and nothing of whoever builds. There is
 * no home in which AWS's SDKs could find a profile, and the credentials are good for nothing.
 */
const variables: Readonly<Record<string, string>> = {
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: "/nonexistent",
  LANG: "en_US.UTF-8",
  TZ: ":UTC",
  AWS_REGION: "us-east-1",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "no secret: this function is being built",
  AWS_SESSION_TOKEN: "no token: this function is being built",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
  AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000",
  AWS_LAMBDA_FUNCTION_NAME: "build",
  AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1769",
  AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/build",
  AWS_LAMBDA_LOG_STREAM_NAME: "build",
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
};

let cutOff: readonly string[] | undefined;

/** The command with a network of its own that leads nowhere, and with these variables and Lambda's, and no others. */
export function hermetic(command: readonly string[], more: Readonly<Record<string, string>>): HermeticCommand {
  const [program = "", ...args] = [...networkless(), ...command];
  return { command: program, args, env: { ...variables, ...more } };
}

/** Whether what runs here can be kept from the network. */
export function cutsOffNetwork(): boolean {
  return networkless().length > 0;
}

/** Functions may talk to themselves over loopback, which is down in a new namespace. */
const loopback = ["sh", "-c", 'ip link set lo up 2>/dev/null; exec "$@"', "sh"];

function networkless(): readonly string[] {
  cutOff ??= [["--net"], ["--user", "--map-root-user", "--net"]]
    .map((flags) => ["unshare", ...flags, "--", ...loopback])
    .find(([command = "", ...args]) => spawnSync(command, [...args, "true"], { stdio: "ignore" }).status === 0);
  cutOff ??= [];
  return cutOff;
}
