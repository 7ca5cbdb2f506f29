# Sorts the numbers up to the first argument, `up` or `down`, and checks both ends.
set -eu
case "$2" in
  up) first=1 last="$1" flag=-n ;;
  down) first="$1" last=1 flag=-rn ;;
esac
sorted=$(seq "$1" | sort "$flag")
test "$(printf '%s\n' "$sorted" | head -n 1)" = "$first"
test "$(printf '%s\n' "$sorted" | tail -n 1)" = "$last"
