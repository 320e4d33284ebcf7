import type { FunctionArchive } from "../layer/function-archive.ts";

/** As many packages as a person reads. */
const sharesShown = 10;

/** What a build of a function made, for a person. */
export function archiveLines(archive: FunctionArchive): readonly string[] {
  const { file, zippedBytes, unzippedBytes, sha256, entries, cache, lateModules, warnings } = archive;
  return [
    `${file}  ${size(zippedBytes)}, unzipped ${size(unzippedBytes)}, sha256 ${sha256}`,
    ...entries.map(({ path, bytes }) => `  ${size(bytes).padStart(9)}  ${path}`),
    "",
    "What is large, and who asked for it:",
    ...shareLines(archive),
    "",
    cacheLine(cache),
    lateLine(lateModules),
    ...[...warnings, ...cache.warnings].map((warning) => `Warning: ${warning}`),
  ];
}

function shareLines({ shares }: FunctionArchive): readonly string[] {
  const rest = shares.slice(sharesShown);
  const restBytes = rest.reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    ...shares.slice(0, sharesShown).map(({ name, bytes, why, copies }) => {
      const twice = copies > 1 ? ` (${copies} copies)` : "";
      const chain = why.length > 1 ? `  ${why.join(" > ")}` : "";
      return `  ${size(bytes).padStart(9)}  ${name === "." ? "the function itself" : name}${twice}${chain}`;
    }),
    ...(rest.length > 0 ? [`  ${size(restBytes).padStart(9)}  ${rest.length} more packages`] : []),
  ];
}

function cacheLine(cache: FunctionArchive["cache"]): string {
  if (cache.type === "absent") return `No compiled code travels with it: ${cache.reason}`;
  const after = cache.invocations > 0 ? `${cache.invocations} invocations` : "its initialisation";
  return `Compiled code of ${size(cache.bytes)} travels with it, taken after ${after}`;
}

function lateLine(late: FunctionArchive["lateModules"]): string {
  if (late.type === "eager") return `No module of Node waits until it is touched: ${late.reason}`;
  return `Loaded when first touched, which no sample event does: ${late.modules.join(", ")}`;
}

function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(2)} MB`;
}
