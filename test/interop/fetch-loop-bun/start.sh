#!/bin/sh
here=$(dirname "$0")
exec "$here/node_modules/.bin/bun" "$here/loop.mjs"
