# The fixture's handler: what it does is chosen by "op" in the event. docs/CONFORMANCE.md says what each one means.

handler() {
  local op ms code
  op=$(sed -n 's/^{"op":"\([a-z-]*\)".*/\1/p' <<<"$1")
  case "$op" in
    null) echo null ;;
    undefined) ;;
    sleep)
      ms=$(sed -n 's/.*"ms":\([0-9]*\).*/\1/p' <<<"$1")
      sleep "$((ms / 1000))"
      echo "{\"slept\":$ms}"
      ;;
    hang) while true; do sleep 1; done ;;
    throw) return 1 ;;
    *) echo "$1" ;;
  esac
}
