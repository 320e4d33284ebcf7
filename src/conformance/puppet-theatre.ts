import { type AddressInfo, createServer, type Server } from "node:net";
import { Puppet } from "./puppet.ts";

/** Where puppets report when an emulator has started them. */
export class PuppetTheatre implements AsyncDisposable {
  readonly #server: Server;
  readonly #all = new Set<Puppet>();
  readonly #firsts = new Map<string, Puppet>();
  readonly #arrivals: Puppet[] = [];
  readonly #waiting: { readonly role: string; readonly resolve: (puppet: Puppet) => void }[] = [];
  #runtimes = 0;
  #dismissed = false;

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

  /** Runtimes so far. */
  get runtimes(): number {
    return this.#runtimes;
  }

  /** The first puppet of each role. */
  get firsts(): ReadonlyMap<string, Puppet> {
    return this.#firsts;
  }

  /** Whoever is there, or comes from now on, is told to end. */
  dismiss(): void {
    this.#dismissed = true;
    for (const puppet of this.#all) void puppet.exit(0);
  }

  /** Resolves when everybody who is there has ended. */
  async empty(): Promise<void> {
    while (this.#all.size > 0) await Promise.all([...this.#all].map((puppet) => puppet.gone));
  }

  /** The oldest puppet of this role that nobody has taken yet, or the next one to come. */
  arrival(role: string): Promise<Puppet> {
    const index = this.#arrivals.findIndex((puppet) => puppet.role === role);
    const [arrived] = index < 0 ? [] : this.#arrivals.splice(index, 1);
    return arrived === undefined
      ? new Promise((resolve) => this.#waiting.push({ role, resolve }))
      : Promise.resolve(arrived);
  }

  /** Lets go of every puppet, whereupon each ends by itself. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const puppet of this.#all) puppet.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #welcome(puppet: Puppet): Promise<void> {
    this.#all.add(puppet);
    puppet.gone.then(() => this.#all.delete(puppet));
    await puppet.started;
    if (this.#dismissed) return void puppet.exit(0);
    const { role } = puppet;
    if (role === "runtime") this.#runtimes += 1;
    if (!this.#firsts.has(role)) this.#firsts.set(role, puppet);
    const index = this.#waiting.findIndex((waiting) => waiting.role === role);
    const [waiting] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (waiting === undefined) this.#arrivals.push(puppet);
    else waiting.resolve(puppet);
  }
}
