/** The fields of this repository's package.json that the published one is made of. */
export interface SourceManifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** What the published package turned out to hold. */
export interface PublishedFiles {
  readonly node: string;
  readonly bin: string | undefined;
  has(file: string): boolean;
}

/** Fields that mean to a stranger what they mean to us. Scripts, development tools and engines stay at home. */
const kept = ["name", "version", "description", "license", "author", "repository", "homepage", "bugs", "keywords"];

/** The package.json of the published package, and the doors that have no file yet. */
export function publishedManifest(source: SourceManifest, files: PublishedFiles) {
  const doors = Object.entries(source.exports).filter(([door]) => door !== "./package.json");
  const present = doors.filter(([, file]) => files.has(suffixed(file, ".js")));
  const manifest = {
    ...Object.fromEntries(kept.flatMap((field) => (field in source ? [[field, source[field]]] : []))),
    type: "module",
    engines: { node: `>=${files.node}` },
    ...(files.bin === undefined ? {} : { bin: { [source.name]: files.bin } }),
    exports: {
      ...Object.fromEntries(present.map(([door, file]) => [door, opened(file)])),
      "./package.json": "./package.json",
    },
    dependencies: source.dependencies,
  };
  const absent = doors.filter((door) => !present.includes(door)).map(([door]) => door);
  return { manifest, absent };
}

function opened(file: string) {
  return { types: suffixed(file, ".d.ts"), default: suffixed(file, ".js") };
}

function suffixed(file: string, suffix: string): string {
  return file.replace(/\.ts$/, suffix);
}
