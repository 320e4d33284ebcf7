/** The command lines that turn into a program of the environment, with its variables and no others. */
import { limits, sandboxUser } from "../../protocol/limits.ts";
import { closingShell } from "./inherited.ts";
import { ownPath, toolAt } from "./isolation.ts";

/** A command to be spawned. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** How a program is confined once it is among the processes of its cell. */
export interface Confines {
  /** Comes first: enters the namespaces, which the first line of its input tells. */
  readonly entrance: readonly string[];
  readonly root: string;
  /** In a user namespace the user is mapped, else it is assumed; or nobody changes. */
  readonly user: "mapped" | "assumed" | "own";
  /** Whether the root has an `env` of its own, as a container image may not. */
  readonly rootHasTools: boolean;
  /** Files to which a process writes "0" to be in its control groups. */
  readonly doors: readonly string[];
  /** Whether processes are counted by user, where no control group counts them. */
  readonly countTasks: boolean;
}

/**
 * The variables arrive under neutral names, so that the program's PATH, LD_PRELOAD and the like mean nothing to the
 * programs before it, nothing that a shell adds reaches it, and no list of processes shows them.
 */
const takeVariables = String.raw`
while [ "$BOOTLACE_COUNT" -gt 0 ]; do
  BOOTLACE_COUNT=$((BOOTLACE_COUNT - 1))
  eval "set -- \"\$BOOTLACE_$BOOTLACE_COUNT\" \"\$@\""
done`;

const limitTasks = `ulimit -u ${limits.tasksMax} 2> /dev/null || ulimit -p ${limits.tasksMax} || exit 125`;

/**
 * Runs `program`, a path inside the root, in the environment's own namespaces and control groups, once the second line of
 * its input has come.
 */
export function confined(
  { entrance, root, user, rootHasTools, doors, countTasks }: Confines,
  program: string,
  variables: Readonly<Record<string, string>>,
): CommandLine {
  const { uid, gid } = sandboxUser;
  const who = {
    mapped: `--user --map-user=${uid} --map-group=${gid}`,
    assumed: `--setuid=${uid} --setgid=${gid}`,
    own: "",
  }[user];
  const inside = `"$BOOTLACE_UNSHARE" ${who} --root="$BOOTLACE_ROOT" --wd=/var/task`;
  const { shell, line } = closingShell();
  const script = [
    line,
    'while [ "$1" != -- ]; do echo 0 > "$1" || exit 125; shift; done; shift',
    `ulimit -n ${limits.descriptorsMax} || exit 125`,
    ...(countTasks ? [limitTasks] : []),
    // The loader would take a path of the program's own for one of this machine, so the root comes first where it can.
    ...(rootHasTools ? [] : [`set -- ${inside} "$@"`]),
    takeVariables,
    // The control groups take a while, in which the root is being mounted: from here on it has to be there.
    "read -r mounted || exit 125; exec <> /dev/null",
    `exec ${rootHasTools ? inside : ""} env -i "$@"`,
  ].join("\n");
  const confining = [...entrance, "setpriv", "--no-new-privs", ...shell, "-c", script];
  const [command = "", ...args] = [...confining, "bootlace", ...doors, "--", program];
  const own = { BOOTLACE_ROOT: root, BOOTLACE_UNSHARE: toolAt("unshare") ?? "unshare" };
  return { command, args, env: { ...neutral(variables), ...own } };
}

/** Runs `program` as it is, where there are no namespaces. */
export function unconfined(program: string, variables: Readonly<Record<string, string>>): CommandLine {
  const { shell, line } = closingShell();
  const script = `${line}\n${takeVariables}\nexec env -i "$@"`;
  const [command = "", ...args] = [...tiedToParent(), ...shell, "-c", script, "bootlace", program];
  return { command, args, env: neutral(variables) };
}

function neutral(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const pairs = Object.entries(variables).map(([name, value], index) => [`BOOTLACE_${index}`, `${name}=${value}`]);
  return { ...Object.fromEntries(pairs), BOOTLACE_COUNT: String(pairs.length), PATH: ownPath };
}

/** Kills the environment's processes when ours dies without a word, where util-linux's `setpriv` is installed. */
function tiedToParent(): readonly string[] {
  const setpriv = process.platform === "linux" ? toolAt("setpriv") : undefined;
  return setpriv === undefined ? [] : [setpriv, "--pdeathsig", "KILL"];
}
