#!/bin/sh
here=$(dirname "$0")
exec "$here/node_modules/.bin/bun" "$here/fetch-loop.mjs"
