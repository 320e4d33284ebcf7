/** A wire transcript as a person reads it: what was sent, by whom, when. */
import type { WireBody, WireTranscriptLine, WireTranscriptMessage } from "../protocol/wire-transcript.ts";
import { styled } from "./style.ts";

const { bold, cyan, dim, red } = styled;

const bodyCharactersShown = 600;

/** Lines in the order of time, counted from the first; an answer stands where it came. */
export function wireLines(transcript: readonly WireTranscriptLine[]): readonly string[] {
  const startedAt = transcript[0]?.at ?? 0;
  return transcript
    .flatMap(moments)
    .toSorted((a, b) => a.at - b.at)
    .flatMap(({ at, who, what, more = [] }) => [
      `${dim(`${(at - startedAt).toFixed(1)} ms`.padStart(12))}  ${who}  ${what}`,
      ...more.map((line) => `${" ".repeat(18)}${line}`),
    ]);
}

interface Moment {
  readonly at: number;
  readonly who: string;
  readonly what: string;
  readonly more?: readonly string[];
}

function moments(line: WireTranscriptLine): readonly Moment[] {
  const { at } = line;
  switch (line.wire) {
    case "transcript":
      return [{ at, who: bold("recording"), what: `by ${printable(line.by)}` }];
    case "dropped":
      return [{ at, who: red("dropped"), what: `${line.lines} older lines with ${line.bytes} bytes` }];
    case "event":
      return [{ at, who: bold("event"), what: printable(JSON.stringify(line.event)) }];
    case "telemetry":
      return [{ at, who: bold("telemetry"), what: printable(JSON.stringify(line.record)) }];
    case "fault":
      return [{ at, who: red("fault"), what: `of the ${line.from}, ${connection(line)}: ${printable(line.reason)}` }];
    case "exchange":
      return exchange(line);
  }
}

function exchange(line: Extract<WireTranscriptLine, { wire: "exchange" }>): readonly Moment[] {
  const { at, request, sentAt, answer, lost } = line;
  const cut = sentAt === undefined ? [dim("(the request was cut short)")] : [];
  const unanswered = answer === undefined ? [dim(`(${printable(lost ?? "no answer")})`)] : [];
  const asked = message(at, `${connection(line)} ${cyan(">")}`, request, [...cut, ...unanswered]);
  if (answer === undefined) return [asked];
  const end = answer.at === undefined ? [dim(`(the answer was cut short: ${printable(lost ?? "no reason")})`)] : [];
  const stream = answer.beganAt !== undefined && answer.at !== undefined && answer.at - answer.beganAt >= 1;
  const took = stream ? [dim(`(its end came ${((answer.at ?? 0) - (answer.beganAt ?? 0)).toFixed(1)} ms later)`)] : [];
  return [
    asked,
    message(answer.beganAt ?? answer.at ?? at, `${connection(line)} ${cyan("<")}`, answer, [...took, ...end]),
  ];
}

function message(at: number, who: string, sent: WireTranscriptMessage, notes: readonly string[]): Moment {
  const [first = "", ...headers] = sent.head;
  const body = sent.body === undefined ? [] : [bodyLine(sent.body)];
  const more = [...headers.map(printable), ...body, ...(sent.trailers ?? []).map(printable), ...notes];
  return { at, who, what: bold(printable(first)), more };
}

function bodyLine({ bytes, text, latin1, cut }: WireBody): string {
  const content = text ?? latin1;
  if (content === undefined) return dim(`(${bytes} bytes that are no text)`);
  const shown = printable(JSON.stringify(content.slice(0, bodyCharactersShown)));
  const isShort = cut === true || content.length > bodyCharactersShown;
  return isShort ? `${shown} ${dim(`the beginning of ${bytes} bytes`)}` : shown;
}

function connection({ connection }: { readonly connection: number | string }): string {
  return `connection ${printable(String(connection))}`;
}

/** Nothing that was recorded reaches the terminal as a command. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) =>
    JSON.stringify(`${character}`)
      .slice(1, -1)
      .replace(/^[\p{Cc}\p{Cf}]$/u, escaped),
  );
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
