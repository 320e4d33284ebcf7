import { posix } from "node:path";
import { manifest } from "../../layer/manifest.ts";
import { engineFlags, heapRules, readableFlag } from "../platform/engine-flags.ts";

/**
 * What the layer's launcher does, for machines that cannot compile or run it: it becomes the engine with the program, and
 * tells it the same. It reads nothing ahead.
 */
export function shellLauncher(): string {
  const { engine, program } = manifest.places;
  const { old, young } = heapRules;
  return `#!/bin/sh
here=\${0%/*}
said=$NODE_OPTIONS
while case $said in *_*) ;; *) false ;; esac; do said=\${said%%_*}-\${said#*_}; done
flags=
tell() {
  case $said in *"\${1%%=*}"*) ;; *) flags="$flags $1" ;; esac
}
for flag in ${engineFlags.join(" ")}; do tell $flag; done
memory=$AWS_LAMBDA_FUNCTION_MEMORY_SIZE
case $memory in "" | *[!0-9]*) memory=0 ;; esac
case $said in *${nameOf(old.flag)}* | *${nameOf(young.flag)}*) memory=0 ;; esac
young=$((memory / ${young.share}))
if [ $memory -gt 0 ]; then tell ${old.flag}$((memory - memory / ${old.withoutShare})); fi
if [ $young -gt 0 ] && [ $young -lt ${young.ofV8} ]; then tell ${young.flag}$young; fi
set -- "$here/${program}" "$@"
case $said in *--permission*) set -- "${readableFlag}$here/${posix.dirname(program)}/" "$@" ;; esac
exec "$here/${engine}" $flags "$@"
`;
}

function nameOf(flag: string): string {
  return flag.replace("=", "");
}
