import { gitignore, manifestOf, type Project } from "./project.ts";

/** A runtime whose handlers are shell functions, to be changed into one for another language. */
export function runtimeProject(name: string, dependency: string): Project {
  const scripts = {
    start: `npm run build && bootlace invoke function --layer dist/${name}.zip --handler hello.handler --event event.json`,
    test: `npm run build && bootlace conformance run runtime --layer dist/${name}.zip --task conformance --known-failing conformance/known-failing`,
    build: `bootlace build runtime bootstrap.ts --name ${name} --on-layer`,
    "build:standalone": `bootlace build runtime bootstrap.ts --name ${name} --arch all`,
  };
  return {
    files: {
      "package.json": manifestOf({ name, dependency, scripts }),
      ".gitignore": gitignore,
      "bootstrap.ts": bootstrap,
      "function/hello.sh": hello,
      "event.json": '{ "name": "Ada" }\n',
      "conformance/function.sh": fixture,
      "conformance/unparsable.sh": "handler() { if\n",
      "conformance/fixture.json": fixtureManifest,
      "conformance/known-failing": knownFailing,
      "README.md": readme(name),
    },
    next: ["npm start", "npm test", "npm run build:standalone"],
    nextWithoutNpm: [
      `build runtime bootstrap.ts --name ${name} --on-layer`,
      `invoke function --layer dist/${name}.zip --handler hello.handler --event event.json`,
      `conformance run runtime --layer dist/${name}.zip --task conformance --known-failing conformance/known-failing`,
    ],
  };
}

const bootstrap = `/**
 * A runtime whose handler is a shell function: \`_HANDLER=orders.create\` is the function \`create\` of \`orders.sh\`. The event
 * is its standard input, what it prints on standard output is the response, and standard error is its log. A status other
 * than 0 is a function error with the last line of standard error as its message. Bash keeps running, and so do variables.
 */
import { childHandler, handlerName, startRuntime } from "bootlace";

const loop = String.raw\`
say() { printf '%s\\n' "$1" >&4; }
text() { local s=$1; s=@{s//\\\\/\\\\\\\\}; s=@{s//\\"/\\\\\\"}; printf '%s' "@{s//[[:cntrl:]]/ }"; }
fail() { say "{\\"type\\":\\"error\\",\\"errorType\\":\\"$1\\",\\"errorMessage\\":\\"$(text "$2")\\"}"; }

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
[ -f "$1" ] || { fail Runtime.ImportModuleError "There is no file $1"; exit 1; }
bash -n "$1" 2>"$dir/log" || { fail Runtime.UserCodeSyntaxError "$(tail -n 1 "$dir/log")"; exit 1; }
. "$1" || { fail Runtime.ImportModuleError "$1 ended with status $?"; exit 1; }
declare -F "$2" >/dev/null || { fail Runtime.HandlerNotFound "$1 has no function $2"; exit 1; }
say '{"type":"ready"}'

while IFS= read -r -u 3 frame; do
  bytes=0
  [[ $frame =~ \\"bytes\\":([0-9]+) ]] && bytes=@{BASH_REMATCH[1]}
  [[ $frame =~ \\"requestId\\":\\"([^\\"]*)\\" ]] && export AWS_LAMBDA_REQUEST_ID=@{BASH_REMATCH[1]}
  unset _X_AMZN_TRACE_ID
  [[ $frame =~ \\"traceId\\":\\"([^\\"]*)\\" ]] && export _X_AMZN_TRACE_ID=@{BASH_REMATCH[1]}
  head -c "$bytes" <&3 >"$dir/event"
  "$2" <"$dir/event" >"$dir/response" 2> >(tee "$dir/log" >&2) 3<&- 4>&-
  status=$?
  wait $!
  if [ "$status" -eq 0 ]; then
    say "{\\"type\\":\\"response\\",\\"bytes\\":$(stat -c %s "$dir/response")}"
    cat "$dir/response" >&4
  else
    message=$(tail -n 1 "$dir/log")
    fail Function.ExitStatus "@{message:-The function returned $status}"
  fi
done
\`;

startRuntime(() => {
  const { member, path } = handlerName();
  // A template would take a dollar sign with a brace for its own.
  const script = loop.replaceAll("@{", "$" + "{");
  return childHandler({ command: "bash", args: ["-c", script, "bash", path(".sh"), member] });
});
`;

const hello = `# _HANDLER=hello.handler
handler() {
  echo "greeting for $AWS_LAMBDA_REQUEST_ID" >&2
  printf '{"hello":%s}' "$(cat)"
}
`;

const fixture = `# The fixture's handler: what it does is chosen by "op" in the event. docs/CONFORMANCE.md says what each one means.

count=0

field() { sed -n "s/.*\\"$1\\":\\([0-9]*\\).*/\\1/p" <<<"$head"; }

handler() {
  local head op ms lines line
  # An event may be large, and may hold zero bytes: only its beginning is looked at.
  head=$(head -c 300 "$dir/event" | tr -d '\\000')
  op=$(sed -n 's/^{"op":"\\([a-z-]*\\)".*/\\1/p' <<<"$head")
  case "$op" in
    null) echo null ;;
    undefined) ;;
    counter)
      count=$((count + 1))
      echo "{\\"count\\":$count}"
      ;;
    sleep)
      ms=$(field ms)
      sleep "$((ms / 1000)).$(printf %03d "$((ms % 1000))")"
      echo "{\\"slept\\":$ms}"
      ;;
    hang) while true; do sleep 1; done ;;
    throw | throw-async)
      echo "thrown on purpose" >&2
      return 1
      ;;
    exit) exit "$(field code)" ;;
    big) printf '"%s"' "$(head -c "$(($(field bytes) - 2))" /dev/zero | tr '\\000' a)" ;;
    log)
      lines=$(field lines)
      for ((line = 1; line <= lines; line++)); do echo "conformance line $line" >&2; done
      echo "{\\"lines\\":$lines}"
      ;;
    stdout-partial)
      printf 'conformance fragment' >&2
      echo '{"written":true}'
      ;;
    *) cat ;;
  esac
}
`;

const fixtureManifest = `{
  "language": "Bash",
  "handler": "function.handler",
  "operations": [
    "echo",
    "null",
    "undefined",
    "counter",
    "throw",
    "throw-async",
    "sleep",
    "hang",
    "exit",
    "big",
    "log",
    "stdout-partial"
  ],
  "init": {
    "missing-module": "no-such-file.handler",
    "missing-export": "function.nobody",
    "syntax-error": "unparsable.handler"
  }
}
`;

const knownFailing = `# Cases that this runtime fails on purpose, each with its reason.

RT-ERR-014 A function that ends its process fails its invocation with Runtime.ExitError, and the next one gets a new
  process: the environment is kept, and the function's author is told the same.
`;

const readme = (name: string) => `# ${name}

A runtime for AWS Lambda whose handlers are shell functions. Change \`bootstrap.ts\` into one for your language: it starts
a program, and talks to it over two pipes.

| command | what it does |
|---|---|
| \`npm start\` | builds the layer and runs function/hello.sh on it, in an execution environment on this machine |
| \`npm test\` | the verdict of the conformance suite, on the fixture in conformance/ |
| \`npm run build\` | dist/${name}.zip: a few kilobytes that go behind the Bootlace runtime layer |
| \`npm run build:standalone\` | dist/${name}-ARCH.zip: layers with a Node of their own, for both architectures |
`;
