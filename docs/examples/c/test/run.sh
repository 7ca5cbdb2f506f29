# Runs the program given as the first argument and compares what it prints.
set -eu
test "$("$1" 1 2 3)" = 6
test "$("$1")" = 0
echo "all answers are right"
