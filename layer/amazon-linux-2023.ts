/**
 * Which libraries, and which versions of their symbols, a function on `provided.al2023` finds, as far as anybody has
 * written it down. A library that no source names is no entry: what needs it is called unproved.
 */
export interface ProvidedLibrary {
  /** The name under which the loader looks for it. */
  readonly name: string;
  /** The newest version of each family of symbols. */
  readonly versions: Readonly<Record<string, string>>;
  readonly source: string;
}

const glibc = {
  versions: { GLIBC: "2.34" },
  source:
    "AL2023 User Guide, core-glibc: the C library of AL2023 is glibc 2.34; AL2023 User Guide, lambda: provided.al2023 is based on the AL2023 minimal container image",
} as const;

/** All of it is of glibc, which no Linux program that is linked dynamically starts without. */
export const amazonLinux2023: readonly ProvidedLibrary[] = [
  { name: "ld-linux-x86-64.so.2", ...glibc },
  { name: "ld-linux-aarch64.so.1", ...glibc },
  { name: "libc.so.6", ...glibc },
  { name: "libdl.so.2", ...glibc },
  { name: "libm.so.6", ...glibc },
  { name: "libpthread.so.0", ...glibc },
];

/**
 * Named, since engines need them, but by no source that was found: libstdc++ and libgcc_s belong to GCC 11 in AL2023
 * (core-glibc), whose newest versions stand here; that the image of provided.al2023 has them is not written anywhere. It is
 * likely: its package manager stands on a library in C++ (AL2023 User Guide, minimal-container: microdnf), and a list of
 * Lambda's image for Node.js 20 has libgcc 11.4.1 (aws-lambda-base-images#173).
 */
export const unprovedLibraries: readonly Omit<ProvidedLibrary, "source">[] = [
  { name: "libstdc++.so.6", versions: { GLIBCXX: "3.4.29", CXXABI: "1.3.13" } },
  { name: "libgcc_s.so.1", versions: { GCC: "7.0.0" } },
];
