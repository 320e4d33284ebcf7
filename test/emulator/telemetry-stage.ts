/** A staged environment with an extension that subscribes; the test plays it and the runtime. */
import type { FunctionConfigurationInput } from "../../src/emulator/function-configuration.ts";
import type { InitializationType } from "../../src/protocol/initialization-type.ts";
import type { ProfileName } from "../../src/protocol/profile.ts";
import { exchange, type RawClient, type RawResponse, rawClient, request } from "./raw-client.ts";
import { type StagedEnvironment, staged } from "./staged-environment.ts";

export interface Wish {
  readonly schemaVersion?: string | undefined;
  readonly types?: readonly string[];
  readonly buffering?: object;
  readonly destination?: object;
}

/** Everything, collected for 25 ms. */
export function wish(uri: string, overrides: Wish = {}): Wish {
  return {
    schemaVersion: "2025-01-29",
    types: ["platform", "function", "extension"],
    buffering: { timeoutMs: 25 },
    destination: { protocol: "HTTP", URI: uri },
    ...overrides,
  };
}

export class TelemetryStage implements AsyncDisposable {
  readonly stage: StagedEnvironment;
  readonly #clients: RawClient[] = [];

  constructor(stage: StagedEnvironment) {
    this.stage = stage;
  }

  /** Registers an extension of the environment and gives its identifier. */
  async register(name: string, events: readonly string[] = ["INVOKE", "SHUTDOWN"]): Promise<string> {
    const body = JSON.stringify({ events });
    const register = request("POST /2020-01-01/extension/register", { "Lambda-Extension-Name": name }, body);
    const { lines } = await exchange(this.stage.api, register);
    return lines.find((line) => line.startsWith("Lambda-Extension-Identifier: "))?.split(": ")[1] ?? "";
  }

  put(identifier: string, body: Wish | string, path = "/2022-07-01/telemetry"): Promise<RawResponse> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return exchange(this.stage.api, request(`PUT ${path}`, { "Lambda-Extension-Identifier": identifier }, text));
  }

  /** An extension that is ready and hears of telemetry as wished. */
  async subscriber(name: string, wishes: Wish, path?: string): Promise<string> {
    const identifier = await this.register(name);
    const { status, body } = await this.put(identifier, wishes, path);
    if (status !== 200) throw new Error(`Not subscribed: ${status} ${body}`);
    return identifier;
  }

  /** Sends a `next` of an extension and leaves it waiting. */
  async extensionNext(name: string, identifier: string): Promise<RawClient> {
    const client = await this.#client();
    client.write(request("GET /2020-01-01/extension/event/next", { "Lambda-Extension-Identifier": identifier }));
    await this.stage.until(() => this.stage.environment.state.extensions[name]?.at === "ready");
    return client;
  }

  /** Sends a `next` of the runtime and leaves it waiting. */
  async runtimeNext(): Promise<RawClient> {
    await this.stage.until(() => this.stage.alive("runtime"));
    const client = await this.#client();
    return client.write(request("GET /2018-06-01/runtime/invocation/next"));
  }

  async #client(): Promise<RawClient> {
    const client = await rawClient(this.stage.api);
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stage[Symbol.asyncDispose]();
    for (const client of this.#clients) client[Symbol.dispose]();
  }
}

interface Options {
  readonly extensions?: readonly string[];
  readonly timeoutMs?: number;
  readonly configuration?: FunctionConfigurationInput;
  readonly profile?: ProfileName;
  readonly initializationType?: InitializationType;
}

/** An environment in its Init phase, with the extension `probe` where nothing else is said. */
export async function telemetryStage({ extensions = ["probe"], ...options }: Options = {}): Promise<TelemetryStage> {
  const stage = await staged({ extensions, ...options });
  void stage.environment.init();
  return new TelemetryStage(stage);
}
