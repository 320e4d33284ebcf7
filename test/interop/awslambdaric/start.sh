#!/bin/sh
# The client takes the handler's name as its argument.
here=$(dirname "$0")
exec "$here/venv/bin/python" -m awslambdaric "$_HANDLER"
