/** What stands behind a verdict, for both pages. */
import type { ReportedResult } from "./document.ts";
import { type Html, html } from "./html.ts";

export function evidenceOf({ why, source, verdict, known }: ReportedResult): Html {
  return html`<p>${why}.</p><p class="quiet">Source: ${source}</p>${knownReason(known)}${verdictDetails(verdict)}`;
}

function knownReason(known: ReportedResult["known"]): Html | undefined {
  return known === undefined ? undefined : html`<p class="known">Known to fail: ${known.reason}</p>`;
}

function verdictDetails(verdict: ReportedResult["verdict"]): Html | undefined {
  switch (verdict.type) {
    case "passed":
      return observed(verdict.observations);
    case "not-applicable":
      return html`<p class="quiet">Not applicable: ${verdict.reason}</p>`;
    case "not-reached":
      return html`<p class="quiet">Not reached, because ${verdict.dependency} failed</p>`;
    case "failed":
      return html`<dl class="findings">${verdict.findings.map(
        ({ expected, saw }) => html`<dt>expected</dt><dd>${expected}</dd><dt>saw</dt><dd class="failed">${saw}</dd>`,
      )}</dl>${observed(verdict.observations)}${transcript(verdict.transcript, verdict.findings)}`;
  }
}

function observed(observations: readonly string[]): Html | undefined {
  if (observations.length === 0) return undefined;
  return html`<p class="quiet">Observed: ${observations.join("; ")}</p>`;
}

type Findings = readonly { readonly saw: string }[];

function transcript(lines: readonly string[], findings: Findings): Html | undefined {
  if (lines.length === 0) return undefined;
  return html`<pre class="wire" tabindex="0">${lines.map((line) => html`${wireLine(line, findings)}${"\n"}`)}</pre>`;
}

/** Lines of an offending message begin with `!`; in those, what was seen is marked to the byte where it can be found. */
function wireLine(line: string, findings: Findings): Html {
  if (!line.startsWith("!")) return html`${line}`;
  for (const { saw } of findings) {
    const seen = saw.replace(/^"(.*)"$/s, "$1");
    const at = seen.length < 2 ? -1 : line.indexOf(seen);
    if (at < 0) continue;
    const [before, after] = [line.slice(0, at), line.slice(at + seen.length)];
    return html`<span class="offending">${before}<mark>${seen}</mark>${after}</span>`;
  }
  return html`<span class="offending">${line}</span>`;
}
