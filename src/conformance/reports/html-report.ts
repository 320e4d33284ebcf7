/** The report of one subject as a page for a person. */
import type { ReportDocument, ReportedResult } from "./document.ts";
import { evidenceOf } from "./evidence.ts";
import { type Html, html } from "./html.ts";
import { page } from "./page.ts";
import { groupOf, groupTitle, type Outcome, outcomeOf, outcomeSigns, outcomes, outcomeWords } from "./word.ts";

export function htmlReport(document: ReportDocument): string {
  const { subject, suite, kind, date, interrupted, results } = document;
  const { command, language, version } = subject;
  const about = [language, version, command === subject.name ? undefined : command].filter(
    (text) => text !== undefined,
  );
  const groups = [...new Set(results.map(({ id }) => groupOf(id)))];
  return page({
    title: `Conformance of ${subject.name}`,
    style,
    script,
    body: html`<header>
<p class="quiet">Conformance of this ${kind} with AWS Lambda</p>
<h1>${subject.name}</h1>
<p class="quiet">${about.join(" · ")}</p>
<p class="quiet">Bootlace ${suite.version}, ${date.slice(0, 16).replace("T", " ")} UTC</p>
${interrupted ? html`<p class="failed">The run was ended before all cases were through.</p>` : undefined}
</header>
${levels(results)}
${bar(results)}
${mendFirst(results)}
${controls(results)}
<main>${groups.map((group) => section(group, results))}</main>
<p id="nothing" class="quiet" hidden>No case matches.</p>`,
  });
}

/** How much of each level holds, of what applies. */
function levels(results: readonly ReportedResult[]): Html {
  const figures = (["must", "should", "may"] as const).flatMap((level) => {
    const applicable = results.filter((result) => result.level === level && result.verdict.type !== "not-applicable");
    const passed = applicable.filter(({ verdict }) => verdict.type === "passed").length;
    if (applicable.length === 0) return [];
    const colour = passed === applicable.length ? "passed" : "failed";
    return [
      html`<li><b class="${colour}">${passed}</b> of ${applicable.length} <span class="quiet">${level}</span></li>`,
    ];
  });
  return html`<ul class="levels">${figures}</ul>`;
}

function bar(results: readonly ReportedResult[]): Html {
  const parts = outcomes.flatMap((outcome) => {
    const count = countOf(results, outcome);
    return count === 0 ? [] : [html`<span class="${outcome}" style="flex-grow: ${count}"></span>`];
  });
  const words = outcomes.map((outcome) => `${countOf(results, outcome)} ${outcomeWords[outcome]}`).join(", ");
  return html`<div class="bar" role="img" aria-label="${words}">${parts}</div>`;
}

/** The failures that others hang on come first, because one repair may turn several rows. */
function mendFirst(results: readonly ReportedResult[]): Html | undefined {
  const failed = results.filter((result) => outcomeOf(result) === "failed");
  if (failed.length === 0) return undefined;
  const hangingOn = (id: string) =>
    results.filter(({ verdict }) => verdict.type === "not-reached" && verdict.dependency === id).length;
  const items = [...failed]
    .sort((a, b) => hangingOn(b.id) - hangingOn(a.id))
    .map(({ id, sentence }) => {
      const others = hangingOn(id);
      const note = others === 0 ? undefined : html` <span class="quiet">(${others} more hang on it)</span>`;
      return html`<li><a class="id" href="#${id}">${id}</a> ${sentence}${note}</li>`;
    });
  return html`<h2>To mend</h2><ul class="mend">${items}</ul>`;
}

function controls(results: readonly ReportedResult[]): Html {
  const buttons = outcomes.flatMap((outcome) => {
    const count = countOf(results, outcome);
    if (count === 0) return [];
    const words = `${outcomeSigns[outcome]} ${count} ${outcomeWords[outcome]}`;
    return [
      html`<button type="button" data-show="${outcome}" aria-pressed="false" class="${outcome}">${words}</button>`,
    ];
  });
  return html`<div class="controls" role="search">
<button type="button" data-show="" aria-pressed="true">All ${results.length}</button>
${buttons}
<input type="search" placeholder="Filter by words" aria-label="Filter by words">
</div>`;
}

function section(group: string, results: readonly ReportedResult[]): Html {
  const own = results.filter(({ id }) => groupOf(id) === group);
  return html`<section><h2>${groupTitle(group)} <span class="quiet id">${group}</span></h2>${own.map(row)}</section>`;
}

function row(result: ReportedResult): Html {
  const outcome = outcomeOf(result);
  const { id, level, sentence, durationMs } = result;
  const open = outcome === "failed" || outcome === "unexpected" ? html` open` : undefined;
  return html`<details id="${id}" data-outcome="${outcome}"${open}>
<summary><span class="${outcome}" title="${outcomeWords[outcome]}">${outcomeSigns[outcome]}</span>
<span class="id">${id}</span> <span class="sentence">${sentence}</span>
<span class="quiet level">${level}</span></summary>
<div class="evidence">${evidenceOf(result)}<p class="quiet">${outcomeWords[outcome]}, in ${durationMs} ms</p></div>
</details>`;
}

function countOf(results: readonly ReportedResult[], outcome: Outcome): number {
  return results.filter((result) => outcomeOf(result) === outcome).length;
}

const style = `
.levels { list-style: none; display: flex; gap: 1.75rem; margin: 1.25rem 0 .75rem; padding: 0; flex-wrap: wrap; }
.levels b { font-size: 1.5rem; }
.bar { display: flex; gap: 2px; height: .75rem; border-radius: .375rem; overflow: hidden; }
.bar span { background: currentColor; min-width: 3px; } .bar .not-applicable, .bar .not-reached { opacity: .45; }
.mend { margin: 0 0 1rem; padding-left: 1.25rem; } a { color: inherit; }
.controls { display: flex; flex-wrap: wrap; gap: .5rem; position: sticky; top: 0; padding: .75rem 0; background: var(--paper); }
.controls input { flex: 1 1 12rem; }
details { border: 1px solid var(--line); border-radius: .375rem; background: var(--raised); margin: .375rem 0; }
summary { display: grid; grid-template-columns: 1.25rem 7.5rem 1fr max-content; gap: .5rem; padding: .4375rem .75rem;
  cursor: pointer; align-items: baseline; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary:hover { background: color-mix(in srgb, var(--ink) 4%, transparent); }
.evidence { padding: .25rem .75rem .75rem 2.5rem; border-top: 1px solid var(--line); }
details:target { border-color: var(--ink); }
@media (max-width: 40rem) { summary { grid-template-columns: 1.25rem 1fr max-content; }
  summary .sentence { grid-column: 2 / -1; grid-row: 2; } .evidence { padding-left: .75rem; } }
/* On paper stands what the reader has open, and why whatever failed did. */
@media print { summary { break-inside: avoid; } h2, details[open] summary { break-after: avoid; }
  details[data-outcome="known"]::details-content { content-visibility: visible; display: block; } }
`;

const script = `
const rows = [...document.querySelectorAll("details")];
const input = document.querySelector("input");
const buttons = [...document.querySelectorAll("[data-show]")];
let shown = "";
const show = () => {
  const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = (shown !== "" && row.dataset.outcome !== shown) || !words.every((word) => text.includes(word));
  }
  for (const section of document.querySelectorAll("section"))
    section.hidden = !section.querySelector("details:not([hidden])");
  document.querySelector("#nothing").hidden = rows.some((row) => !row.hidden);
};
for (const button of buttons)
  button.addEventListener("click", () => {
    shown = button.dataset.show;
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    show();
  });
input.addEventListener("input", show);
const reveal = () => { const row = document.getElementById(location.hash.slice(1)); if (row) row.open = true; };
addEventListener("hashchange", reveal);
reveal();
`;
