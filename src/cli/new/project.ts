/** A project that `bootlace new` writes. */
export interface Project {
  readonly files: Readonly<Record<string, string>>;
  /** What to type next, after `npm install`. */
  readonly next: readonly string[];
  /** The same for those who have no npm: arguments of the command. */
  readonly nextWithoutNpm: readonly string[];
}

interface ManifestFacts {
  readonly name: string;
  /** Where the project gets Bootlace from, as package.json says it. */
  readonly dependency: string;
  readonly scripts: Readonly<Record<string, string>>;
}

/** The package.json of a project. Node runs TypeScript as it is since 22.18. */
export function manifestOf({ name, dependency, scripts }: ManifestFacts): string {
  const manifest = {
    name,
    private: true,
    type: "module",
    engines: { node: ">=22.18" },
    scripts,
    devDependencies: { bootlace: dependency },
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

export const gitignore = "node_modules/\ndist/\n";
