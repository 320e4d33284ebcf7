import type { WireExchange, WireMessage } from "../platform/wire-message.ts";
import { quoted } from "./text-check.ts";

/** As many bytes of a body are shown. */
const bodyBytesShown = 600;

/** Everything, with all bytes of all bodies. */
export function wireText(exchanges: readonly WireExchange[], startedAt: number): string {
  return transcriptOf(exchanges, [], startedAt, Number.POSITIVE_INFINITY)
    .map((line) => `${line}\n`)
    .join("");
}

/** Exchanges as lines for a person. `offending` ones are marked with `!`, and so are found at a glance. */
export function transcriptOf(
  exchanges: readonly WireExchange[],
  offending: readonly WireExchange[],
  startedAt: number,
  bodyBytesMax = bodyBytesShown,
): readonly string[] {
  return exchanges.flatMap((exchange) => {
    const mark = offending.includes(exchange) ? "!" : " ";
    const { connection, at, request, sentAt, answer, lost } = exchange;
    return [
      ...message(`${mark} ${clock(at, startedAt)} connection ${connection} >`, request, bodyBytesMax),
      ...(sentAt === undefined ? [`${mark}   (the request was cut short)`] : []),
      ...(answer === undefined
        ? [`${mark}   (${lost ?? "no answer until the case ended"})`]
        : message(`${mark} ${clock(answer.at, startedAt)} connection ${connection} <`, answer, bodyBytesMax)),
    ];
  });
}

function message(prefix: string, { head, body }: WireMessage, bodyBytesMax: number): readonly string[] {
  const [first = "", ...headers] = head.split("\r\n");
  const mark = prefix.slice(0, 1);
  const shown = [`${prefix} ${printable(first)}`, ...headers.map((line) => `${mark}     ${printable(line)}`)];
  if (body.length === 0) return shown;
  const text = quotedBody(body.subarray(0, bodyBytesMax));
  const rest = body.length > bodyBytesMax ? ` and ${body.length - bodyBytesMax} bytes more` : "";
  return [...shown, `${mark}     ${text}${rest}`];
}

function quotedBody(body: Buffer): string {
  return printable(JSON.stringify(body.toString("utf8")));
}

/** Nothing that a subject sends reaches the terminal as a command. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => quoted(character).slice(1, -1));
}

function clock(at: number, startedAt: number): string {
  return `${Math.round(at - startedAt)} ms`.padStart(8);
}
