# _HANDLER=hello.handler
handler() {
  echo "greeting for $AWS_LAMBDA_REQUEST_ID" >&2
  printf '{"hello":%s}' "$(cat)"
}
