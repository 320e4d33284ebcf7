import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { FaultPlan } from "../faults/fault.ts";
import type { FiredFault } from "../faults/fault-injector.ts";
import { type TemporaryFolder, temporaryFolder } from "../platform/temporary-folder.ts";
import { ApiServer, type Route } from "./api/server.ts";
import { FaultyWire } from "./faulty-wire.ts";
import { everythingRead } from "./output-read.ts";
import type { Door } from "./supervisor/network.ts";

export interface FaultyConnections {
  readonly plan: FaultPlan;
  readonly fired: (fault: FiredFault) => void;
}

/** Where an environment's API is reached, and its listeners: on loopback or behind a door, with or without faults. */
export class EnvironmentApi {
  /** `host:port`, the value of `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  readonly #server: ApiServer;
  readonly #door: Door | undefined;
  readonly #wire: FaultyWire | undefined;
  /** What the API listens in when the wire alone is inside the environment's network. */
  readonly #behind: TemporaryFolder | undefined;

  private constructor(
    server: ApiServer,
    address: string,
    door: Door | undefined,
    faulty?: { readonly wire: FaultyWire; readonly behind: TemporaryFolder | undefined },
  ) {
    this.#server = server;
    this.address = address;
    this.#door = door;
    this.#wire = faulty?.wire;
    this.#behind = faulty?.behind;
  }

  /** Listens on a free port of the loopback address: this machine's, or the one that `door` leads to. */
  static async open(
    routes: readonly Route[],
    door: Door | undefined,
    faulty: FaultyConnections | undefined,
  ): Promise<EnvironmentApi> {
    const server = new ApiServer(routes);
    if (faulty === undefined)
      return new EnvironmentApi(server, await server.listen("127.0.0.1", 0, door?.listener), door);
    // A port of this machine would be open to all its programs, and a socket is to those who can open its folder.
    const behind = door && temporaryFolder("bootlace-api-");
    const api = behind === undefined ? await server.listen("127.0.0.1", 0) : join(behind.path, "api");
    if (behind !== undefined) await server.listenAt(api);
    const wire = await FaultyWire.open(faulty.plan, api, faulty.fired, door?.listener);
    return new EnvironmentApi(server, wire.address, door, { wire, behind });
  }

  /** Connects to a port on which an extension listens: inside, where that is a network of its own. */
  dial(port: number): Socket {
    return this.#door?.dial(port) ?? connect({ port, host: "127.0.0.1", noDelay: true });
  }

  /** Whether a port is one of our own APIs: telemetry sent there would call it, and perhaps invoke the function without end. */
  reserved(port: number): boolean {
    return this.address.endsWith(`:${port}`) || (this.#door === undefined && ApiServer.has(port));
  }

  /** Resolves when all has been read that a process which has ended had sent. */
  async everythingRead(): Promise<void> {
    await this.#wire?.passed();
    await everythingRead(() => this.#server.reading);
  }

  async close(): Promise<void> {
    await this.#wire?.close();
    await this.#server.close();
    this.#behind?.remove();
  }
}
