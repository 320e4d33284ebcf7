/**
 * Node's modules that may wait until somebody touches them, by what they are known as without `node:`. To load one of them
 * has no effect that a program could see but the time that it takes, and that it is there.
 *
 * Not among them, and loaded where the program says so: what every start has loaded anyway, where nothing is to be gained
 * (`buffer`, `console`, `events`, `fs`, `module`, `path`, `process`, `querystring`, `timers`, `url`, `util`); what watches
 * from when it is there (`async_hooks`, `diagnostics_channel`, `inspector`, `perf_hooks`, `trace_events`, `test`); what
 * changes others when it is loaded (`domain`, and `repl`, which loads it); what reads the environment then (`cluster`);
 * what warns then (`punycode`, `sqlite`, `sys`, `wasi`, and names that begin with `_`); and what may not be there at all.
 */
const names = [
  "assert",
  "assert/strict",
  "child_process",
  "crypto",
  "dgram",
  "dns",
  "dns/promises",
  "fs/promises",
  "http",
  "http2",
  "https",
  "net",
  "os",
  "readline",
  "readline/promises",
  "stream",
  "stream/consumers",
  "stream/promises",
  "stream/web",
  "string_decoder",
  "timers/promises",
  "tls",
  "tty",
  "v8",
  "vm",
  "worker_threads",
  "zlib",
] as const;

export const waitingModules: ReadonlySet<string> = new Set(names);

/** Those that may wait where nobody has seen an invocation: most who import them only ask whether something is one. */
export const waitingUnseen: ReadonlySet<string> = new Set(["stream/web"]);

/** `http` for `http` and `node:http`. */
export function builtinName(specifier: string): string {
  return specifier.replace(/^node:/, "");
}
