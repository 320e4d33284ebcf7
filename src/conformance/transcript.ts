import type { WireExchange, WireMessage } from "../platform/wire-message.ts";
import { quoted } from "./text-check.ts";

/** As many bytes of a body are shown. */
const bodyBytesShown = 600;

/** Exchanges as lines for a person. `offending` ones are marked with `!`, and so are found at a glance. */
export function transcriptOf(
  exchanges: readonly WireExchange[],
  offending: readonly WireExchange[],
  startedAt: number,
): readonly string[] {
  return exchanges.flatMap((exchange) => {
    const mark = offending.includes(exchange) ? "!" : " ";
    const { connection, at, request, sentAt, answer, lost } = exchange;
    return [
      ...message(`${mark} ${clock(at, startedAt)} connection ${connection} >`, request),
      ...(sentAt === undefined ? [`${mark}   (the request was cut short)`] : []),
      ...(answer === undefined
        ? [`${mark}   (${lost ?? "no answer until the case ended"})`]
        : message(`${mark} ${clock(answer.at, startedAt)} connection ${connection} <`, answer)),
    ];
  });
}

function message(prefix: string, { head, body }: WireMessage): readonly string[] {
  const [first = "", ...headers] = head.split("\r\n");
  const mark = prefix.slice(0, 1);
  const shown = [`${prefix} ${printable(first)}`, ...headers.map((line) => `${mark}     ${printable(line)}`)];
  if (body.length === 0) return shown;
  const text = quotedBody(body.subarray(0, bodyBytesShown));
  const rest = body.length > bodyBytesShown ? ` and ${body.length - bodyBytesShown} bytes more` : "";
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
