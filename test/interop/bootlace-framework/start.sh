#!/bin/sh
exec "$NODE" "$(dirname "$0")/bootstrap.ts"
