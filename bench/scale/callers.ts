/** Callers of an Invoke API, each with a connection of its own, that check what they get. */
import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

export interface Calls {
  readonly right: number;
  readonly wrong: number;
  /** Neither an answer nor a refusal came. */
  readonly lost: number;
  /** Refused because the environment had not asked for its next event yet, and asked again, as SDKs do. */
  readonly throttled: number;
  readonly tookMs: number;
  /** Of each call, in microseconds. */
  readonly callsUs: readonly number[];
}

/** `count` invocations by `callers` at once; every event is another one, and its answer has to be the same. */
export async function callMany(address: string, count: number, callers: number): Promise<Calls> {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const callsUs: number[] = [];
  const tally = { right: 0, wrong: 0, lost: 0, throttled: 0 };
  let next = 0;
  const began = performance.now();
  const caller = async () => {
    for (let number = next++; number < count; number = next++) {
      const event = JSON.stringify({ number, padding: "x".repeat(number % 200) });
      const at = performance.now();
      let answer = await invoke(agent, address, event);
      while (answer?.startsWith("429 ")) {
        tally.throttled += 1;
        await pause(1);
        answer = await invoke(agent, address, event);
      }
      callsUs.push((performance.now() - at) * 1000);
      if (answer === undefined) tally.lost += 1;
      else if (answer === `200 ${event}`) tally.right += 1;
      else tally.wrong += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  agent.destroy();
  return { ...tally, tookMs: performance.now() - began, callsUs };
}

function invoke(agent: Agent, address: string, event: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const path = "/2015-03-31/functions/function/invocations";
    const headers = { "Content-Length": Buffer.byteLength(event) };
    const sent = request(`http://${address}${path}`, { agent, method: "POST", headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => resolve(`${answer.statusCode} ${Buffer.concat(chunks)}`));
      answer.on("error", () => resolve(undefined));
    });
    sent.on("error", () => resolve(undefined));
    sent.end(event);
  });
}
