#!/bin/sh
here=$(dirname "$0")
exec "$here/node_modules/.bin/deno" run --quiet --no-prompt --allow-all --no-check "$here/fetch-loop.mjs"
