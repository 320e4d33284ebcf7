/** Requests that nobody would send, in any order, against one environment: `api-fuzz.ts --cases 100000 --seed 1`. */
import { parseArgs } from "node:util";
import { InvocationRefusedError } from "../../src/emulator/invocation.ts";
import { exchange, type RawClient, rawClient, request } from "./raw-client.ts";
import { type StagedEnvironment, staged } from "./staged-environment.ts";

/** What a run has seen: statuses by how often, and how many invocations got their one result. */
export interface FuzzResult {
  readonly statuses: Readonly<Record<string, number>>;
  readonly invocations: number;
}

const methods = ["GET", "GET", "GET", "POST", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"];
const segments = [
  "2018-06-01",
  "2020-01-01",
  "runtime",
  "extension",
  "invocation",
  "next",
  "response",
  "error",
  "init",
];
const known = [
  "/2018-06-01/ping",
  "/2018-06-01/runtime/invocation/next",
  "/2018-06-01/runtime/init/error",
  "/2018-06-01/runtime/restore/next",
  "/2018-06-01/runtime/restore/error",
  "/2018-06-01/runtime/invocation/ID/response",
  "/2018-06-01/runtime/invocation/ID/response",
  "/2018-06-01/runtime/invocation/ID/error",
  "/2020-01-01/extension/register",
  "/2020-01-01/extension/event/next",
  "/2020-01-01/extension/init/error",
  "/2020-01-01/extension/exit/error",
];
const ids = ["r-0", "", "__proto__", "%00", "toString", "a/b", "%F0%9F%98%80", "x".repeat(2_000)];
const bodies = [
  "",
  "{}",
  '{"events":["INVOKE"]}',
  '{"events":["INVOKE","SHUTDOWN"]}',
  '{"events":[null]}',
  "[",
  "\0\xff",
];
const values = [
  "",
  "streaming",
  "a.sh",
  "inner",
  "accountId",
  "Runtime.X",
  "Function.y",
  "\x80\xff",
  "x".repeat(5_000),
];
const names = [
  "Lambda-Runtime-Function-Response-Mode",
  "Lambda-Runtime-Function-Error-Type",
  "Lambda-Runtime-Invocation-Id",
  "Lambda-Extension-Name",
  "Lambda-Extension-Identifier",
  "Lambda-Extension-Function-Error-Type",
  "Lambda-Extension-Accept-Feature",
];

/** Environments whose APIs differ; the usual one twice as often as the others. */
const kinds: readonly Parameters<typeof staged>[0][] = [
  {},
  {},
  { initializationType: "snap-start" },
  { profile: "lmi", initializationType: "lambda-managed-instances", concurrency: 4 },
];

/** The service's own errors are results as well. */
function refused(error: unknown): undefined {
  if (!(error instanceof InvocationRefusedError)) throw error;
}

/** Throws when the environment breaks a promise, stops answering, or gives an invocation no result, or two. */
export async function fuzz({ cases, seed }: { readonly cases: number; readonly seed: number }): Promise<FuzzResult> {
  const statuses: Record<string, number> = {};
  let invocations = 0;
  let sent = 0;
  const draw = random(seed);
  while (sent < cases) {
    const kind = kinds[draw(kinds.length)] ?? {};
    const managed = kind.profile === "lmi";
    await using stage = await staged({
      ...kind,
      extensions: draw(2) === 0 ? ["a.sh"] : [],
      timeoutMs: 60_000,
      initTimeoutMs: 60_000,
    });
    // An environment of Managed Instances ends with its processes.
    const rounds = managed ? 1 : 10;
    for (let round = 0; round < rounds && sent < cases; round++) {
      const requestId = `r-${invocations}`;
      const result = stage.invoke(requestId).catch(refused);
      invocations += 1;
      const burst = 1 + draw(40);
      const clients: RawClient[] = [];
      for (let n = 0; n < burst; n++, sent++) {
        const client = await rawClient(stage.api);
        clients.push(client);
        client.write(drawnRequest(draw, requestId, knownIdentifier(stage)));
        await note(client, statuses, draw);
      }
      for (const client of clients) client.socket.destroy();
      await finish(stage, requestId, managed);
      await result;
      const completed = stage.completed.get(requestId);
      if (completed !== 1) throw new Error(`${requestId} has ${completed} results (seed ${seed})`);
    }
  }
  return { statuses, invocations };
}

/** Waits for the answer, if it is one that comes; sometimes leaves before. */
async function note(client: RawClient, statuses: Record<string, number>, draw: Draw): Promise<void> {
  if (draw(10) === 0) return client[Symbol.dispose]();
  const patience = new Promise<"held">((resolve) => setTimeout(() => resolve("held"), 3));
  const answer = await Promise.race([client.response(), patience]);
  const status = answer === "held" ? "held" : String(answer?.status ?? "closed");
  statuses[status] = (statuses[status] ?? 0) + 1;
}

/** Processes that die end the invocation with an error, if it has no result by then; the next ones are decent. */
async function finish(stage: StagedEnvironment, requestId: string, managed: boolean): Promise<void> {
  while (!stage.completed.has(requestId)) {
    stage.endProcesses();
    await stage.until(() => stage.completed.has(requestId) || stage.anyAlive);
  }
  stage.endProcesses();
  if (managed) return stage.until(() => stage.environment.state.phase.at === "closed");
  await stage.until(() => stage.environment.state.phase.at === "cold");
  // Answered after everything that the clients before it had sent.
  for (let times = 0; times < 3; times++) await exchange(stage.api, request("GET /2018-06-01/ping"));
  const decent = `${requestId}-decent`;
  const result = stage.invoke(decent);
  for (const name of stage.environment.state.settings.externalExtensions) await stage.extend(name);
  await stage.until(() => stage.alive("runtime"));
  await stage.serve(decent);
  if (Buffer.from((await result).payload).toString() !== '"done"') throw new Error(`${decent} was not served`);
  stage.endProcesses();
  await stage.until(() => stage.environment.state.phase.at === "cold");
}

function drawnRequest(draw: Draw, requestId: string, identifier: string): Buffer {
  const pick = <T>(all: readonly T[]): T => all[draw(all.length)] as T; // as: the index is within the array.
  const id = draw(3) > 0 ? requestId : pick(ids);
  const path =
    draw(8) > 0 ? pick(known).replace("ID", id) : `/${Array.from({ length: draw(7) }, () => pick(segments)).join("/")}`;
  const headers: Record<string, string> = {};
  for (let n = draw(4); n > 0; n--) headers[pick(names)] = pick([...values, identifier, `attempt-of-${requestId}`]);
  if (draw(3) > 0 && path.includes("extension")) headers["Lambda-Extension-Identifier"] = identifier;
  if (draw(3) > 0 && path.includes("register")) headers["Lambda-Extension-Name"] = pick(["a.sh", "inner"]);
  const bytes = request(`${pick(methods)} ${path}`, headers, pick(bodies));
  return draw(12) === 0 ? bytes.subarray(0, draw(bytes.length)) : bytes;
}

function knownIdentifier({ environment }: StagedEnvironment): string {
  for (const extension of Object.values(environment.state.extensions))
    if ("identifier" in extension) return extension.identifier;
  return "00000000-0000-4000-8000-000000000000";
}

/** A whole number below `limit`. */
type Draw = (limit: number) => number;

/** mulberry32 */
function random(seed: number): Draw {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * limit);
  };
}

if (import.meta.main) {
  const { values: options } = parseArgs({
    options: { cases: { type: "string", default: "100000" }, seed: { type: "string", default: "1" } },
  });
  console.log(await fuzz({ cases: Number(options.cases), seed: Number(options.seed) }));
}
