/** A picture of one line for the README of whoever was judged. */
import type { ReportDocument } from "./document.ts";
import { escaped } from "./html.ts";

const label = "lambda conformance";

/** Average width of a letter of the font below at this size, in pixels; text is stretched to the width that is left. */
const letterPx = 6.4;
const marginPx = 7;

export function badge({ tally, interrupted }: ReportDocument): string {
  const { passed, known, failed, unexpected, notReached } = tally;
  const applicable = passed + failed + known + notReached;
  const good = failed + unexpected + notReached === 0 && applicable > 0 && !interrupted;
  const value = interrupted ? "interrupted" : `${passed} of ${applicable}`;
  return picture(value, good ? (known === 0 ? "#1a7f37" : "#7d6608") : "#b42318");
}

function picture(value: string, colour: string): string {
  const [left, right] = [widthOf(label), widthOf(value)];
  const text = (x: number, width: number, words: string) =>
    `<text x="${x + marginPx}" y="14" textLength="${width - 2 * marginPx}">${escaped(words)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${label}: ${escaped(value)}">`,
    `<title>${label}: ${escaped(value)}</title>`,
    `<clipPath id="r"><rect width="${left + right}" height="20" rx="3"/></clipPath>`,
    `<g clip-path="url(#r)"><rect width="${left}" height="20" fill="#444"/>`,
    `<rect x="${left}" width="${right}" height="20" fill="${colour}"/></g>`,
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">`,
    text(0, left, label),
    text(left, right, value),
    "</g></svg>",
    "",
  ].join("\n");
}

function widthOf(words: string): number {
  return Math.round(words.length * letterPx) + 2 * marginPx;
}
