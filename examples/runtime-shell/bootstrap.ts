/**
 * A runtime whose handler is a shell function: `_HANDLER=orders.create` is the function `create` of `orders.sh`. The event
 * is its standard input, what it prints on standard output is the response, and standard error is its log. A status other
 * than 0 is a function error with the last line of standard error as its message. Bash keeps running, and so do variables.
 */
import { childHandler, handlerName, startRuntime } from "bootlace";

const loop = String.raw`
say() { printf '%s\n' "$1" >&4; }
text() { local s=$1; s=@{s//\\/\\\\}; s=@{s//\"/\\\"}; printf '%s' "@{s//[[:cntrl:]]/ }"; }
fail() { say "{\"type\":\"error\",\"errorType\":\"$1\",\"errorMessage\":\"$(text "$2")\"}"; }

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
[ -f "$1" ] || { fail Runtime.ImportModuleError "There is no file $1"; exit 1; }
bash -n "$1" 2>"$dir/log" || { fail Runtime.UserCodeSyntaxError "$(tail -n 1 "$dir/log")"; exit 1; }
. "$1" || { fail Runtime.ImportModuleError "$1 ended with status $?"; exit 1; }
declare -F "$2" >/dev/null || { fail Runtime.HandlerNotFound "$1 has no function $2"; exit 1; }
say '{"type":"ready"}'

while IFS= read -r -u 3 frame; do
  bytes=0
  [[ $frame =~ \"bytes\":([0-9]+) ]] && bytes=@{BASH_REMATCH[1]}
  [[ $frame =~ \"requestId\":\"([^\"]*)\" ]] && export AWS_LAMBDA_REQUEST_ID=@{BASH_REMATCH[1]}
  unset _X_AMZN_TRACE_ID
  [[ $frame =~ \"traceId\":\"([^\"]*)\" ]] && export _X_AMZN_TRACE_ID=@{BASH_REMATCH[1]}
  head -c "$bytes" <&3 >"$dir/event"
  "$2" <"$dir/event" >"$dir/response" 2> >(tee "$dir/log" >&2) 3<&- 4>&-
  status=$?
  wait $!
  if [ "$status" -eq 0 ]; then
    say "{\"type\":\"response\",\"bytes\":$(stat -c %s "$dir/response")}"
    cat "$dir/response" >&4
  else
    message=$(tail -n 1 "$dir/log")
    fail Function.ExitStatus "@{message:-The function returned $status}"
  fi
done
`;

startRuntime(() => {
  const { member, path } = handlerName();
  // A template would take a dollar sign with a brace for its own.
  const script = loop.replaceAll("@{", "$" + "{");
  return childHandler({ command: "bash", args: ["-c", script, "bash", path(".sh"), member] });
});
