/** One self-contained HTML file: its style and script are inside, and it asks nobody for anything. */
import { type Html, html, Html as Raw } from "./html.ts";

interface Page {
  readonly title: string;
  readonly body: Html;
  /** Beyond the style that all pages share. */
  readonly style: string;
  readonly script: string;
}

export function page({ title, body, style, script }: Page): string {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Raw(sharedStyle + style)}</style>
</head>
<body>
${body}
<script>${new Raw(script)}</script>
</body>
</html>
`;
  return document.text;
}

/** Every colour has its dark twin; outcomes differ in sign and words as well, never in colour alone. */
const sharedStyle = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf7, #16181c); --ink: light-dark(#1d2024, #e6e4df); --quiet: light-dark(#5d6470, #9aa1ac);
  --line: light-dark(#dfdcd3, #32363d); --raised: light-dark(#ffffff, #1e2127);
  --passed: light-dark(#1a7f37, #4cc46a); --failed: light-dark(#b42318, #ff7b6b); --known: light-dark(#8a6100, #e0b040);
  --unexpected: light-dark(#8a2fb0, #d58cf2); --not-applicable: light-dark(#767b84, #8b929d);
  --not-reached: light-dark(#767b84, #8b929d); --mark: light-dark(#ffe2dd, #5a201a);
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; }
code, pre, .id { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .8125rem; }
.quiet { color: var(--quiet); }
.passed { color: var(--passed); } .failed { color: var(--failed); } .known { color: var(--known); }
.unexpected { color: var(--unexpected); } .not-applicable, .not-reached { color: var(--not-applicable); }
button, input { font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--line); border-radius: .375rem;
  padding: .25rem .625rem; }
button { cursor: pointer; }
button[aria-pressed="true"] { border-color: currentColor; box-shadow: inset 0 0 0 1px currentColor; }
:focus-visible { outline: 2px solid light-dark(#2457c5, #86aef7); outline-offset: 2px; }
dl.findings { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .75rem 0; }
dl.findings dt { color: var(--quiet); } dl.findings dd { margin: 0; overflow-wrap: anywhere; }
pre.wire { margin: .75rem 0 0; padding: .75rem; overflow: auto; max-height: 32rem; border: 1px solid var(--line);
  border-radius: .375rem; background: var(--paper); line-height: 1.45; }
pre.wire .offending { background: var(--mark); display: inline-block; min-width: 100%; }
pre.wire mark { background: var(--failed); color: var(--paper); border-radius: .125rem; }
@media print {
  :root { color-scheme: light; --paper: #fff; } body { max-width: none; padding: 0; } .controls { display: none !important; }
  pre.wire { max-height: none; white-space: pre-wrap; overflow-wrap: anywhere; }
}
`;
