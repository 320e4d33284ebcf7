/** Cases by subjects as a page: behind each cell stands what was expected, what was seen, and the wire. */
import type { ReportDocument, ReportedResult } from "./document.ts";
import { evidenceOf } from "./evidence.ts";
import { type Html, html } from "./html.ts";
import { type Matrix, type MatrixRow, matricesOf, shareOf } from "./matrix.ts";
import { page } from "./page.ts";
import { groupTitle, outcomeOf, outcomeSigns, outcomes, outcomeWords } from "./word.ts";

export function matrixHtml(reports: readonly ReportDocument[]): string {
  const matrices = matricesOf(reports);
  const newest =
    reports
      .map(({ date }) => date.slice(0, 10))
      .sort()
      .at(-1) ?? "";
  return page({
    title: "Conformance with AWS Lambda",
    style,
    script,
    body: html`<header><h1>Conformance with AWS Lambda</h1>
<p class="quiet">${reports.length} subjects, judged case by case until ${newest}. Choose a cell to see what stands behind it.</p>
<p class="quiet legend">${legend(reports)}</p></header>
<div class="controls"><label><input type="checkbox" id="differ"> Only cases on which subjects differ</label>
<label><input type="checkbox" id="must"> Only <em>must</em></label></div>
<main>${matrices.map(table)}</main>`,
  });
}

/** The outcomes that there are, in words. */
function legend(reports: readonly ReportDocument[]): readonly Html[] {
  const there = new Set(reports.flatMap(({ results }) => results.map(outcomeOf)));
  return outcomes
    .filter((outcome) => there.has(outcome))
    .map(
      (outcome) =>
        html`<span><span class="${outcome}">${outcomeSigns[outcome]}</span> ${outcomeWords[outcome]}</span> `,
    );
}

function table(matrix: Matrix): Html {
  const { kind, subjects, groups } = matrix;
  return html`<h2>${kind[0]?.toUpperCase()}${kind.slice(1)}s</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">what must hold</th>${subjects.map(subjectHead)}</tr>
${(["must", "should", "may"] as const).map(
  (level) =>
    html`<tr class="share"><th scope="row">${level}</th>${subjects.map((report) => share(report, level))}</tr>`,
)}</thead>
${groups.map(
  ({
    group,
    rows,
  }) => html`<tbody><tr class="group"><th colspan="${subjects.length + 1}" scope="rowgroup">${groupTitle(group)}
<span class="quiet id">${group}</span></th></tr>${rows.map((row) => caseRow(row, matrix))}</tbody>`,
)}
</table></div>`;
}

function subjectHead({ subject }: ReportDocument): Html {
  const about = [subject.language, subject.version].filter((text) => text !== undefined).join(" ");
  return html`<th scope="col" class="subject"><span>${breakable(subject.name)}</span><small class="quiet">${about}</small></th>`;
}

/** A name in several lines is broken where it has a seam. */
function breakable(name: string): readonly Html[] {
  return name.split(/(?<=[_/.-])/).map((part) => html`${part}<wbr>`);
}

function share(report: ReportDocument, level: ReportedResult["level"]): Html {
  const { passed, applicable } = shareOf(report, level);
  if (applicable === 0) return html`<td class="quiet">–</td>`;
  return html`<td class="${passed === applicable ? "passed" : "quiet"}">${passed}/${applicable}</td>`;
}

function caseRow({ facts, cells }: MatrixRow, { kind, subjects }: Matrix): Html {
  const outcomes = new Set(cells.flatMap((cell) => (cell === undefined ? [] : [outcomeOf(cell)])));
  outcomes.delete("not-applicable");
  return html`<tr data-level="${facts.level}" data-differ="${outcomes.size > 1 ? "yes" : "no"}">
<th scope="row"><span class="id">${facts.id}</span> <span class="quiet level">${facts.level}</span>
<span class="sentence">${facts.sentence}</span></th>
${cells.map((cell, index) => caseCell(cell, `${kind}-${index}-${facts.id}`, subjects[index]?.subject.name ?? ""))}</tr>`;
}

function caseCell(cell: ReportedResult | undefined, id: string, subject: string): Html {
  if (cell === undefined) return html`<td></td>`;
  const outcome = outcomeOf(cell);
  const label = `${subject}: ${cell.id} ${outcomeWords[outcome]}`;
  return html`<td><button type="button" class="${outcome}" popovertarget="${id}" aria-label="${label}" title="${label}">${outcomeSigns[outcome]}</button>
<div popover id="${id}"><p class="quiet">${subject}</p><h3><span class="${outcome}">${outcomeSigns[outcome]} ${outcomeWords[outcome]}</span>
<span class="id">${cell.id}</span></h3><p>${cell.sentence}</p>${evidenceOf(cell)}</div></td>`;
}

const style = `
body { max-width: none; }
.legend > span { margin-right: 1rem; white-space: nowrap; } .controls { display: flex; gap: 1.5rem; flex-wrap: wrap; margin: 1rem 0; }
.scroll { overflow: auto; max-height: 88vh; border: 1px solid var(--line); border-radius: .375rem; background: var(--raised); }
table { border-collapse: separate; border-spacing: 0; }
th { font-weight: 400; text-align: left; } thead { position: sticky; top: 0; z-index: 2; } thead th, thead td { background: var(--raised); }
thead tr:first-child th { vertical-align: bottom; padding: .75rem .5rem .5rem; }
thead tr.share:last-child > * { border-bottom: 1px solid var(--line); }
th[scope="row"] { padding: .25rem .75rem; min-width: 20rem; max-width: 44rem; position: sticky; left: 0; background: var(--raised); }
.share th { text-align: right; } .share td { text-align: center; font-variant-numeric: tabular-nums; font-size: .875rem; padding: 0 .375rem; }
.subject { min-width: 5.5rem; max-width: 12rem; text-align: center; font-weight: 600; font-size: .875rem; line-height: 1.3; overflow-wrap: break-word; }
.subject small { display: block; font-weight: 400; }
.group th { padding: .875rem .75rem .25rem; font-weight: 600; position: sticky; left: 0; }
.group th .id { font-weight: 400; }
tbody tr:not(.group):hover > * { background: color-mix(in srgb, var(--ink) 5%, var(--raised)); }
.sentence { display: block; line-height: 1.35; overflow-wrap: anywhere; } .level { font-size: .8125rem; } td { text-align: center; }
td button { border: 0; background: none; width: 100%; min-width: 2.5rem; padding: .5rem 0; font-size: 1.0625rem; border-radius: 0; }
td button:hover { background: var(--line); }
[popover] { width: min(60rem, 92vw); max-height: 84vh; overflow: auto; text-align: left; margin: auto; padding: 1rem 1.25rem 1.25rem;
  color: inherit; background: var(--raised); border: 1px solid var(--line); border-radius: .5rem; }
[popover]::backdrop { background: rgb(0 0 0 / .35); } [popover] h3 { margin: .125rem 0 .5rem; font-size: 1.05rem; }
@media (max-width: 40rem) { th[scope="row"] { min-width: 11rem; max-width: 11rem; } }
@media print { .scroll { overflow: visible; max-height: none; border: 0; } thead, th[scope="row"] { position: static; }
  tr { break-inside: avoid; } @page { size: landscape; } }
`;

const script = `
const differ = document.querySelector("#differ");
const must = document.querySelector("#must");
const show = () => {
  for (const row of document.querySelectorAll("tbody tr[data-level]"))
    row.hidden = (differ.checked && row.dataset.differ === "no") || (must.checked && row.dataset.level !== "must");
  for (const body of document.querySelectorAll("tbody")) body.hidden = !body.querySelector("tr[data-level]:not([hidden])");
};
for (const box of [differ, must]) box.addEventListener("change", show);
show();
`;
