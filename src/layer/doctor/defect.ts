/** What can be wrong with something that is given to Lambda, and what comes of it there. */
export interface DefectKind {
  /** `fails` is certain, `may-fail` depends on what is not known here, `remark` only surprises. */
  readonly weight: "fails" | "may-fail" | "remark";
  /** What Lambda does or answers, with its words where they are known. */
  readonly answer: string;
  readonly cure: string;
  /** Where that is written; `DG` is the AWS Lambda developer guide, `recorded` an answer of the real service. */
  readonly source: string;
}

/** By the name under which it is reported. */
export const defectKinds = {
  "zip-damaged": {
    weight: "fails",
    answer: "the upload is refused: Could not unzip uploaded file. Please check your file, then try to upload again.",
    cure: "pack it again from inside its folder",
    source: "DG/troubleshooting-deployment.html",
  },
  "zip-unsafe": {
    weight: "may-fail",
    answer: "it may be refused, or unpacked as it is: no document says which. Nothing more of it was looked at",
    cure: "pack it again, so that it can mean one thing only",
    source: "the .ZIP File Format Specification leaves it to who unpacks",
  },
  "zip-too-large": {
    weight: "may-fail",
    answer: "a direct upload is refused: Zipped size must be smaller than 52428800 bytes",
    cure: "upload it through S3, or leave something out",
    source: "recorded; DG/gettingstarted-limits.html",
  },
  "unzipped-too-large": {
    weight: "fails",
    answer: "it is refused: Unzipped size must be smaller than 262144000 bytes, the function and its layers together",
    cure: "leave out what the function does not need",
    source: "recorded; DG/gettingstarted-limits.html",
  },
  "too-many-layers": {
    weight: "fails",
    answer: "the configuration is refused: a function has at most five layers",
    cure: "put some of them together",
    source: "DG/gettingstarted-limits.html",
  },
  "folder-packed-whole": {
    weight: "fails",
    answer: "nothing is found where it is looked for, since all lies one folder deeper",
    cure: "pack what is in the folder, not the folder (cd FOLDER && zip -r ../it.zip .)",
    source: "DG/troubleshooting-deployment.html",
  },
  "no-bootstrap": {
    weight: "fails",
    answer:
      "every invocation fails with Runtime.InvalidEntrypoint: neither /var/task/bootstrap nor /opt/bootstrap is there",
    cure: "add a file named bootstrap, or a layer that has one; for a managed runtime say --runtime managed",
    source: "DG/runtimes-custom.html",
  },
  "not-executable": {
    weight: "fails",
    answer: "it cannot be started: Runtime.InvalidEntrypoint for a bootstrap, Extension.LaunchError for an extension",
    cure: "give it mode 0755 (chmod 755) before it is packed",
    source: "DG/runtimes-custom.html; RIE fatalerror.go",
  },
  "no-program": {
    weight: "fails",
    answer:
      "it cannot be started: fork/exec fails with exec format error, as it is neither an ELF executable nor a script",
    cure: "begin a script with a line such as #!/bin/sh",
    source: "execve(2), ENOEXEC; RIE fatalerror.go",
  },
  "windows-line-endings": {
    weight: "fails",
    answer: "it cannot be started: the carriage return belongs to the interpreter's name, and no such file exists",
    cure: "save it with LF at the end of its lines",
    source: "execve(2), ENOENT",
  },
  "no-interpreter": {
    weight: "fails",
    answer: "it cannot be started: fork/exec fails with no such file or directory, which means the interpreter",
    cure: "bring the interpreter in the package, or start with #!/bin/sh",
    source: "execve(2), ENOENT; AL2023 User Guide, minimal container",
  },
  "wrong-architecture": {
    weight: "fails",
    answer: "it cannot be started: fork/exec fails with exec format error",
    cure: "build it for the function's architecture, or change that",
    source: "execve(2), ENOEXEC; DG/foundation-arch.html",
  },
  "missing-library": {
    weight: "fails",
    answer: "it ends with exit status 127 before its first line: error while loading shared libraries",
    cure: "bring the library in lib/ of a layer or of the function, where LD_LIBRARY_PATH leads",
    source: "ld.so(8); DG/configuration-envvars.html",
  },
  "unproved-library": {
    weight: "may-fail",
    answer: "it starts only if the execution environment has the library, which no source says",
    cure: "bring the library in lib/ of a layer, or try it there once",
    source: "AL2023 User Guide, core-glibc",
  },
  "text-for-a-library": {
    weight: "fails",
    answer: "what loads it fails with invalid ELF header: it holds the text of a symbolic link",
    cure: "keep links when you pack (zip --symlinks), or pack the file itself",
    source: "ld.so(8); zip(1)",
  },
  "dangling-link": {
    weight: "fails",
    answer: "whoever opens it gets ENOENT: its target is in no package",
    cure: "pack the target too, or the file in place of the link",
    source: "symlink(7)",
  },
  unreadable: {
    weight: "fails",
    answer: "the function gets EACCES, permission denied, since it does not run as the owner of the files",
    cure: "give files mode 0644 and folders 0755 before you pack them",
    source: "DG/troubleshooting-deployment.html",
  },
  "no-handler": {
    weight: "fails",
    answer: "every invocation fails with Runtime.ImportModuleError: Cannot find module",
    cure: "name the file as the handler setting does, or change that",
    source: "DG/troubleshooting-deployment.html; aws-lambda-ric UserFunction",
  },
  "packages-in-the-wrong-place": {
    weight: "fails",
    answer:
      "import and require do not find them: of a layer, only nodejs/node_modules and nodejs/nodeNN/node_modules are searched",
    cure: "put node_modules into a folder named nodejs",
    source: "DG/packaging-layers.html",
  },
  "extension-in-a-folder": {
    weight: "remark",
    answer: "it is passed over: only files directly in extensions/ are started",
    cure: "move the program up, and keep the folder for what belongs to it",
    source: "DG/extensions-api.html; RIE agents/agent.go",
  },
  "too-many-extensions": {
    weight: "fails",
    answer: "the eleventh registration is refused with 403 Extension.TooManyExtensions, and Init fails",
    cure: "leave some out",
    source: "DG/gettingstarted-limits.html",
  },
  shadowed: {
    weight: "remark",
    answer: "only the last layer's file is seen: layers are laid over each other in their order",
    cure: "leave one of them out, or change the order",
    source: "DG/adding-layers.html",
  },
  "bootstrap-twice": {
    weight: "remark",
    answer: "the function's own bootstrap is started, and that of the layer is not",
    cure: "leave one of them out",
    source: "DG/runtimes-custom.html",
  },
  "code-of-another-engine": {
    weight: "remark",
    answer: "the compiled code is passed over, and the function starts as if it had none",
    cure: "build the function again for the layer's Node",
    source: "docs/RUNTIME.md",
  },
} as const satisfies Readonly<Record<string, DefectKind>>;

export type DefectName = keyof typeof defectKinds;

/** One thing that was found. */
export interface Finding {
  readonly defect: DefectName;
  /** The package, as the command line named it, and the path in it. */
  readonly in: string;
  readonly path?: string;
  /** What exactly, where the defect's name does not say it all. */
  readonly detail?: string;
}
