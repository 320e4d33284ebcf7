import { type AddressInfo, createServer, type Server } from "node:net";
import { Puppet } from "./puppet.ts";

/** Where puppets report when an emulator has started them. */
export class PuppetTheatre implements AsyncDisposable {
  readonly #server: Server;
  readonly #puppets = new Set<Puppet>();
  readonly #arrivals: Puppet[] = [];
  readonly #waiting: ((puppet: Puppet) => void)[] = [];
  #started = 0;

  private constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => void this.#welcome(new Puppet(socket)));
  }

  static async open(): Promise<PuppetTheatre> {
    const theatre = new PuppetTheatre();
    await new Promise<void>((resolve, reject) => {
      theatre.#server.once("error", reject);
      theatre.#server.listen(0, "127.0.0.1", resolve);
    });
    return theatre;
  }

  get address(): { readonly host: string; readonly port: number } {
    // A TCP server that listens has an address with a port; the type also covers pipes.
    const { port } = this.#server.address() as AddressInfo;
    return { host: "127.0.0.1", port };
  }

  /** Puppets so far. */
  get started(): number {
    return this.#started;
  }

  /** The oldest puppet that nobody has taken yet, or the next one to come. */
  arrival(): Promise<Puppet> {
    const arrived = this.#arrivals.shift();
    return arrived === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(arrived);
  }

  /** Lets go of every puppet, whereupon each ends by itself. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const puppet of this.#puppets) puppet.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #welcome(puppet: Puppet): Promise<void> {
    this.#puppets.add(puppet);
    puppet.gone.then(() => this.#puppets.delete(puppet));
    await puppet.started;
    this.#started += 1;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#arrivals.push(puppet);
    else waiting(puppet);
  }
}
