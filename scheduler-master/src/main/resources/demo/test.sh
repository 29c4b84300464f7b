#!/bin/sh
# Every number from 1 to 3999 must survive the way to a Roman numeral and back.
cd "$(dirname "$0")" && . ./roman.sh
fail() { echo "FAILED: $*" >&2; exit 1; }

[ "$(roman 1994)" = MCMXCIV ] || fail "1994 is $(roman 1994)"
[ "$(arabic MCMXCIV)" = 1994 ] || fail "MCMXCIV is $(arabic MCMXCIV)"
n=1
while [ "$n" -le 3999 ]; do
    [ "$(arabic "$(roman "$n")")" = "$n" ] || fail "$n does not survive as $(roman "$n")"
    [ $((n % 500)) = 0 ] && echo "1 to $n: ok"
    n=$((n + 1))
done
echo "all 3999 numbers survive"
