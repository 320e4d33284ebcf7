/** Plays a scenario to an emulator and keeps the answers, as far as they can be compared. */
import { request } from "node:http";
import type { Scenario, Step } from "./script.ts";

export interface Answer {
  readonly status: number;
  readonly contentType?: string | undefined;
  /** Of Lambda's own headers, the names. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** `host:port` of the front door and of the API for processes, which may exist only when something has been invoked. */
export interface Played {
  readonly frontDoor: string;
  api(): Promise<string>;
}

type Asked = Extract<Step, { readonly as: string }>;

/** Answers by name; a call that is held for good has none. */
export async function play(scenario: Scenario, emulator: Played): Promise<Readonly<Record<string, Answer>>> {
  const answers: Record<string, Answer> = {};
  const waiting = new Map<string, Promise<void>>();
  const known = { id: "none", ext: "none" };
  const refused = Promise.withResolvers<undefined>();
  const ask = async (step: Asked): Promise<Answer> => {
    const own = step.do === "invoke";
    const host = own ? emulator.frontDoor : await Promise.race([emulator.api(), refused.promise]);
    if (host === undefined) throw new RefusedError();
    const path = step.path ?? "/2015-03-31/functions/function/invocations";
    const filled = (text: string) => text.replace("{id}", known.id).replace("{ext}", known.ext);
    const headers = Object.entries(step.headers ?? {}).map(([name, value]) => [name, filled(value)] as const);
    const { raw, ...answer } = await asked(
      host,
      step.method ?? "POST",
      filled(path),
      Object.fromEntries(headers),
      step.body,
    );
    known.id = raw["lambda-runtime-aws-request-id"] ?? known.id;
    known.ext = raw["lambda-extension-identifier"] ?? known.ext;
    answers[step.as] = answer;
    if (own && answer.status >= 400) refused.resolve(undefined);
    return answer;
  };
  try {
    for (const step of scenario.steps) {
      if (step.do === "await") await waiting.get(step.of);
      else if (step.do === "call") await ask(step);
      else waiting.set(step.as, held(ask(step)));
    }
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
  }
  return answers;
}

/** The front door has refused the invocation: there is nobody to call, and nothing to answer. */
class RefusedError extends Error {}

/** Nobody may ever answer it: the emulator goes away. */
async function held(answer: Promise<Answer>): Promise<void> {
  await answer.catch(() => {});
}

function asked(host: string, method: string, path: string, headers: Readonly<Record<string, string>>, body = "") {
  return new Promise<Answer & { readonly raw: Readonly<Record<string, string | undefined>> }>((resolve, reject) => {
    const length = method === "GET" ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
    const sent = request(
      `http://${host}${path}`,
      { method, agent: false, headers: { ...headers, ...length } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          // as: the headers that are looked at come once.
          const raw = answer.headers as Readonly<Record<string, string | undefined>>;
          resolve({
            status: answer.statusCode ?? 0,
            contentType: raw["content-type"],
            headers: Object.keys(raw)
              .filter((name) => name.startsWith("lambda-"))
              .sort(),
            body: comparable(Buffer.concat(chunks).toString()),
            raw,
          });
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** What is new each time is not compared. */
function comparable(body: string): string {
  return body
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>")
    .replace(/("deadlineMs":)\d+/, "$1<epoch ms>")
    .replace(/Root=1-[0-9a-f]{8}-[^"]*/, "<trace>");
}
