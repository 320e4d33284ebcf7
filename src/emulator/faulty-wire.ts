import type { Server } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import type { FaultPlan } from "../faults/fault.ts";
import { FaultInjector, type FiredFault } from "../faults/fault-injector.ts";
import { SocketTap } from "../platform/socket-tap.ts";

/** What stands between an environment's API and its processes when a fault plan is in force. */
export class FaultyWire {
  readonly #tap: SocketTap;

  private constructor(tap: SocketTap) {
    this.#tap = tap;
  }

  /** Listens in front of the API at `api`, an address or the path of a socket, on `listener` where there is one; `fired` hears of every fault. */
  static async open(
    plan: FaultPlan,
    api: string,
    fired: (fired: FiredFault) => void,
    listener?: Server,
  ): Promise<FaultyWire> {
    const injector = new FaultInjector(plan, fired);
    const edit = injector.editor.bind(injector);
    return new FaultyWire(await SocketTap.open({ target: () => api, heard: () => {}, edit, listener }));
  }

  /** `host:port` for the processes. */
  get address(): string {
    return this.#tap.address;
  }

  /** What a process has sent needs two more turns of the event loop to come through here. */
  async passed(): Promise<void> {
    await turn();
    await turn();
  }

  close(): Promise<void> {
    return this.#tap.close();
  }
}
