/** One entry of a zip archive, held in memory. `path` is relative, with forward slashes and no `..`. */
export type ArchiveEntry =
  | { readonly type: "file"; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly type: "directory"; readonly path: string; readonly mode: number }
  | { readonly type: "link"; readonly path: string; readonly target: string };

/** How much an archive may hold. The whole archive is refused, never a part of it. */
export interface ArchiveLimits {
  /** Counted while inflating, so a wrong declaration does not help. */
  readonly unzippedBytesMax: number;
  /** A guard against archives of empty entries; 100,000 unless told. */
  readonly entriesMax?: number;
}

/** Why an archive was refused. */
export type ArchiveErrorCode =
  | "damaged"
  | "unsafe-name"
  | "duplicate-path"
  | "unsafe-link"
  | "unsupported-entry"
  | "too-large"
  | "destination-taken";

/** An archive that cannot be read or written. The message is one sentence: whose mistake it is and what to do. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
  readonly code: ArchiveErrorCode;

  constructor(code: ArchiveErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
