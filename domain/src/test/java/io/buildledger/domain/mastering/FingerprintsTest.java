package io.buildledger.domain.mastering;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FingerprintsTest {

    /** As in {@code b1 new 3, b2 old 1 drained}, the number being when it was published. */
    private static List<PublishedFingerprint> published(String text) {
        return Stream.of(text.split(", "))
                .map(it -> it.split(" "))
                .map(it ->
                        new PublishedFingerprint(
                                it[0],
                                it[1],
                                Instant.ofEpochSecond(Long.parseLong(it[2])),
                                it.length == 3))
                .collect(Collectors.toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    b1 old 1                                 | false | old | -
                    b1 old 1, b2 old 2                       | false | old | -
                    # A deploy, master by master: the first has what goes on.
                    b1 new 3, b2 old 1, b3 old 2             | true  | new | b2 b3
                    b1 new 3, b2 new 4, b3 old 2             | true  | new | b3
                    # Going back is a deploy, too.
                    b1 old 5, b2 new 4, b3 old 2             | true  | old | b2
                    # Most don't win.
                    b1 new 3, b2 old 1, b3 old 1, b4 old 1   | true  | new | b2 b3 b4
                    # The newest that claims nothing keeps nobody from claiming.
                    b1 new 3 drained, b2 old 1, b3 old 2     | true  | old | b1
                    b1 new 3 drained, b2 old 1 drained       | true  | -   | -
                    # At one moment.
                    b1 aaaa 1, b2 bbbb 1                     | true  | bbbb | b1
                    b1 one 1, b2 two 2, b3 three 3           | true  | three | b1 b2
                    """)
    void the_one_that_was_published_last_goes_on(
            String text, boolean diverge, String newest, String refusing) {
        List<PublishedFingerprint> published = published(text);
        for (int turn = 0; turn < published.size(); turn++) {
            Fingerprints fingerprints = new Fingerprints(published);

            assertThat(fingerprints.diverge()).isEqualTo(diverge);
            assertThat(fingerprints.newest().orElse("-")).isEqualTo(newest);
            String refuse =
                    fingerprints.published().stream()
                            .filter(it -> fingerprints.refuse(it.fingerprint()))
                            .map(PublishedFingerprint::master)
                            .collect(Collectors.joining(" "));
            assertThat(refuse.isEmpty() ? "-" : refuse).isEqualTo(refusing);
            Collections.rotate(published, 1);
        }
    }

    @Test
    void nobody_refuses_what_no_master_has_published() {
        Fingerprints none = new Fingerprints(List.of());

        assertThat(none.diverge()).isFalse();
        assertThat(none.refuse("f00d")).isFalse();
    }

    @Test
    void it_is_told_by_the_names_of_masters() {
        assertThat(new Fingerprints(published("b2 def 1, b1 abc 2")).told())
                .isEqualTo("b1 abc, b2 def");
    }
}
