# Roman numerals, for source'ing: roman 1994 prints MCMXCIV, arabic MCMXCIV prints 1994.

roman() {
    n=$1 out=
    for pair in 1000:M 900:CM 500:D 400:CD 100:C 90:XC 50:L 40:XL 10:X 9:IX 5:V 4:IV 1:I; do
        while [ "$n" -ge "${pair%:*}" ]; do
            out=$out${pair#*:}
            n=$((n - ${pair%:*}))
        done
    done
    printf '%s\n' "$out"
}

arabic() {
    rest=$1 n=0
    for pair in M:1000 CM:900 D:500 CD:400 C:100 XC:90 L:50 XL:40 X:10 IX:9 V:5 IV:4 I:1; do
        while [ "${rest#"${pair%:*}"}" != "$rest" ]; do
            rest=${rest#"${pair%:*}"}
            n=$((n + ${pair#*:}))
        done
    done
    printf '%s\n' "$n"
}
