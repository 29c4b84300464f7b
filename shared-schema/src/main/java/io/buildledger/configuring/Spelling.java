package io.buildledger.configuring;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Which of the words that are known may have been meant by one that is not. */
final class Spelling {

    private static final int MOST_EDITS = 2;

    private Spelling() {}

    /** The nearest word, if it is at most two edits away, and at most one for every two letters. */
    static Optional<String> nearest(String word, Collection<String> known) {
        return known.stream()
                .filter(candidate -> distance(word, candidate) <= MOST_EDITS)
                .filter(candidate -> 2 * distance(word, candidate) <= plain(candidate).length())
                .min(
                        Comparator.<String>comparingInt(candidate -> distance(word, candidate))
                                .thenComparing(Comparator.naturalOrder()));
    }

    /** Levenshtein's distance, in which maxBuilds, max-builds and max_builds are the same. */
    private static int distance(String one, String other) {
        return LevenshteinDistance.getDefaultInstance().apply(plain(one), plain(other));
    }

    private static String plain(String word) {
        return word.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", "");
    }
}
