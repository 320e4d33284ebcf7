/** Options as data: what `parseCommand` takes and what `--help` prints are one table. */

export interface DescribedOption {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
  readonly default?: string | boolean;
  /** What stands behind it, such as `FILE`. */
  readonly takes?: string;
  /** What it does; may have several lines. */
  readonly says: string;
  /** What holds without it, where `default` does not say it. */
  readonly normally?: string;
}

export type DescribedOptions = Readonly<Record<string, DescribedOption>>;

/** Lines in two columns, the defaults in brackets behind them. */
export function optionsHelp(options: DescribedOptions): string {
  const rows = Object.entries(options).map(([name, option]) => ({
    left: leftOf(name, option),
    right: rightOf(option),
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows
    .map(({ left, right }) => {
      const [first = "", ...more] = right.split("\n");
      const rest = more.map((line) => `\n${" ".repeat(width + 4)}${line}`);
      return `  ${left.padEnd(width)}  ${first}${rest.join("")}`;
    })
    .join("\n");
}

function leftOf(name: string, { short, takes }: DescribedOption): string {
  const behind = takes === undefined ? "" : takes.startsWith("[=") ? takes : ` ${takes}`;
  return `${short === undefined ? "" : `-${short}, `}--${name}${behind}`;
}

function rightOf({ says, normally, default: fallback }: DescribedOption): string {
  const value = normally ?? (typeof fallback === "string" ? fallback : undefined);
  return value === undefined ? says : `${says}  [${value}]`;
}
