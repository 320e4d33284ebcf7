import type { BuiltLayer } from "../layer/build-layer.ts";
import { limits } from "../protocol/limits.ts";

/** What a build of a layer made, for a person: what is in it, and what it leaves of Lambda's limits. */
export function layerLines({ file, zippedBytes, unzippedBytes, sha256, entries }: BuiltLayer): readonly string[] {
  const { packageZipBytesMax, packageUnzippedBytesMax } = limits;
  const largest = [...entries].sort((a, b) => b.bytes - a.bytes).slice(0, 5);
  return [
    `${file}  sha256 ${sha256}`,
    `  ${share(zippedBytes, packageZipBytesMax)} zipped, ${share(unzippedBytes, packageUnzippedBytesMax)} unzipped:`,
    `  ${megabytes(packageUnzippedBytesMax - unzippedBytes)} remain for the function and its other layers`,
    ...largest.map(({ path, bytes }) => `  ${megabytes(bytes).padStart(10)}  ${path}`),
  ];
}

function share(bytes: number, max: number): string {
  return `${megabytes(bytes)} of ${megabytes(max)}`;
}

function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
