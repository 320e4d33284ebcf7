import { absoluteCommand } from "../../conformance/command-line.ts";
import { type EmulatorLack, type EmulatorSubject, emulatorLackables } from "../../conformance/emulator-subject.ts";
import { UsageError } from "../failure.ts";

interface Values {
  readonly url?: string | undefined;
  readonly "function-dir"?: string | undefined;
  readonly "opt-dir"?: string | undefined;
  readonly "function-url"?: string | undefined;
  readonly "function-name": string;
  readonly lacks?: string | undefined;
  readonly puppet?: string | undefined;
}

/** The emulator that the command line names, and what plays its functions. */
export function emulatorSubject(values: Values, words: readonly string[]): EmulatorSubject {
  const { puppet } = values;
  return puppet === undefined ? namedEmulator(values, words) : { ...namedEmulator(values, words), puppet };
}

/** A command, one that runs already, or ours. */
function namedEmulator(values: Values, words: readonly string[]): EmulatorSubject {
  const { url, "function-dir": functionDirectory, "function-name": functionName } = values;
  const { "opt-dir": optDirectory, "function-url": functionUrl } = values;
  const lacks = lacksIn(values.lacks);
  if (words.length > 0) {
    if (url !== undefined) throw new UsageError('Name a command or "--url", not both');
    return { type: "command", command: absoluteCommand(words, process.env.PATH ?? ""), lacks };
  }
  if (lacks.length > 0) throw new UsageError('Option "--lacks" is for a command');
  if ([url, functionDirectory, optDirectory, functionUrl].every((value) => value === undefined)) {
    return { type: "command", command: [process.execPath, process.argv[1] ?? "", "dev"] };
  }
  if (url === undefined || functionDirectory === undefined)
    throw new UsageError('Options "--url" and "--function-dir" belong together');
  checkAddress("url", url);
  if (functionUrl !== undefined) checkAddress("function-url", functionUrl);
  return {
    type: "url",
    url,
    functionDirectory,
    functionName,
    ...(optDirectory === undefined ? {} : { optDirectory }),
    ...(functionUrl === undefined ? {} : { functionUrl }),
  };
}

function checkAddress(option: string, value: string): void {
  if (URL.canParse(value) && new URL(value).protocol === "http:") return;
  throw new UsageError(`Option "--${option}" takes an address such as http://127.0.0.1:9000, not "${value}"`);
}

function lacksIn(text = ""): readonly EmulatorLack[] {
  return text.split(",").flatMap((word) => {
    const known = emulatorLackables.find((lack) => lack === word.trim());
    if (known !== undefined) return [known];
    if (word.trim() === "") return [];
    throw new UsageError(`Option "--lacks" takes ${emulatorLackables.join(", ")}, not "${word.trim()}"`);
  });
}
