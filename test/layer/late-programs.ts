/** Small programs of several files, in which modules of Node are imported, touched, patched and shadowed in many ways. */
/** A number below another one. */
type Random = (below: number) => number;

export type Files = Readonly<Record<string, string>>;

const modules = ["http", "https", "zlib"] as const;

interface FileNames {
  /** What stands for the module, if anything does. */
  readonly whole?: string;
  /** What stands for its `request` as it was taken out. */
  readonly taken?: string;
}

/** `index.cjs`, which writes what it sees into the array `seen`, and what it requires. */
export function program(random: Random): Files {
  const names = ["index", "a", "b", "c"];
  const suffixes = names.map((_, i) => (i === 0 ? "cjs" : pick(random, ["cjs", "mjs", "cjs"])));
  const files = names.map((name, i) => `${name}.${suffixes[i]}`);
  return Object.fromEntries(files.map((file, i) => [file, fileOf(random, files, i)]));
}

function fileOf(random: Random, files: readonly string[], index: number): string {
  const isModule = files[index]?.endsWith(".mjs") ?? false;
  const module = pick(random, modules);
  const { text, ...names } = isModule ? imported(random, module) : required(random, module);
  // Cycles, forward and back.
  const others = files.filter((_, i) => i !== index && (index === 0 || random(5) < 2));
  const links = others.map((file, i) =>
    isModule ? `import * as other${i} from "./${file}";` : `const other${i} = require("./${file}");`,
  );
  const calls = others.map((_, i) => `() => other${i}.act?.(depth + 1)`);
  const body = Array.from({ length: 1 + random(4) }, () => use(random, names, module));
  const top = pick(random, [
    "",
    "",
    `see(() => ${use(random, names, module)});`,
    // Others may be in the middle of their own beginning.
    ...others.map((_, i) => `see(() => other${i}.act?.(2));`),
  ]);
  const acts = `[${[...body.map((one) => `() => (${one})`), ...calls].join(",\n    ")}]`;
  const head = random(2) === 0 ? [text, ...links] : [...links, text];
  const act = `${isModule ? "export function act" : "exports.act = function act"}(depth) {
  if (depth > 2) return;
  for (const one of ${acts}) see(one);
}`;
  const isEarly = !isModule && random(3) === 0;
  return `${(isEarly ? [act, ...head] : [...head, act]).join("\n")}
${top}
${index === 0 ? "exports.act(0);" : ""}
`;
}

function required(random: Random, module: string): FileNames & { readonly text: string } {
  const specifier = pick(random, [module, `node:${module}`]);
  const keyword = pick(random, ["var", "const", "let"]);
  return pick(random, [
    { text: `${keyword} M = require("${specifier}");`, whole: "M" },
    { text: `${keyword} { request: r, Agent } = require("${specifier}");`, taken: "r" },
    { text: `${keyword} r = require("${specifier}").request;`, taken: "r" },
    { text: `${keyword} M = require("${specifier}"), { request: r } = M;`, whole: "M", taken: "r" },
    { text: `${keyword} M = require("${specifier}"); ${keyword} r = M.request;`, whole: "M", taken: "r" },
    {
      text: `var __importDefault = (m) => ({ default: m }); ${keyword} M = __importDefault(require("${specifier}"));`,
      whole: "M.default",
    },
    {
      text: `let M = require("${specifier}"); exports.change = () => { M = { request: () => "another" }; };`,
      whole: "M",
    },
    { text: `exports.M = require("${specifier}");`, whole: "exports.M" },
    { text: `var M; if (globalThis.never !== 1) M = require("${specifier}");`, whole: "M" },
  ]);
}

function imported(random: Random, module: string): FileNames & { readonly text: string } {
  const specifier = pick(random, [module, `node:${module}`]);
  return pick(random, [
    { text: `import M from "${specifier}";`, whole: "M" },
    { text: `import * as N from "${specifier}"; const M = N.default;`, whole: "M" },
    { text: `import M, { request as r } from "${specifier}";`, whole: "M" },
    { text: `import M from "${specifier}"; const { request: r } = M;`, whole: "M", taken: "r" },
    { text: `import M from "${specifier}"; export { Agent, request } from "${specifier}";`, whole: "M" },
    { text: `import M from "${specifier}"; export * from "${specifier}";`, whole: "M" },
  ]);
}

function use(random: Random, { whole: M, taken: r }: FileNames, module: string): string {
  const ofWhole = [
    `${M}.request("x")`,
    `new ${M}.Agent("new").name`,
    `new (class extends ${M}.Agent {})("sub").name`,
    `typeof ${M}`,
    `((M) => M)("shadowed")`,
    `(() => { const M = { request: () => "inner" }; return M.request(); })()`,
    `${M}?.request?.("optional")`,
    `${M}.self() === ${M}`,
    `Object.keys(${M}).join()`,
    `[${M}].map((one) => one.request("in an array"))[0]`,
    `${M} === require("${module}")`,
    `${M}.tag\`text\``,
    `((was) => { ${M}.request = (text) => "patched " + was(text); })(${M}.request)`,
    `delete ${M}.Agent`,
    `${M}.added = (${M}.added ?? 0) + 1`,
    `"added" in ${M}`,
    `(({ request }) => request("out of it"))(${M})`,
  ];
  const ofName = M === "M" ? [`(({ M }) => M.request("short"))({ M })`, `new M.Agent\n("lines").name`] : [];
  const ofTaken = [
    `${r}("taken")`,
    `typeof ${r}`,
    `(() => { require("${module}").request = (text) => "over " + ${r}(text); })()`,
    `require("${module}").request === ${r}`,
    `${r}?.("optional")`,
  ];
  const always = [
    `require("${module}").request("direct")`,
    `(() => { const own = require("${module}"); const was = own.request; own.request = (text) => "own " + was(text); })()`,
  ];
  return pick(random, [
    ...(M === undefined ? [] : [...ofWhole, ...ofName]),
    ...(r === undefined ? [] : ofTaken),
    ...always,
  ]);
}

function pick<T>(random: Random, choices: readonly T[]): T {
  // A number below their count is the place of one.
  return choices[random(choices.length)] as T;
}
