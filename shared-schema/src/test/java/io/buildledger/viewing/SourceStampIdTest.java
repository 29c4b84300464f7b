package io.buildledger.viewing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SourceStampIdTest {

    private static final SourceStamp STAMP = new SourceStamp("r", "main", "abc", "p", "c");

    private static SourceStamp patched(String body) {
        return new SourceStamp(
                "r", "main", "abc", "p", "c", new Patch(body, 1, "me", "because", ""));
    }

    @Test
    void the_same_says_the_same_for_ever() {
        assertThat(SourceStampId.of(STAMP))
                .isEqualTo(SourceStampId.of(new SourceStamp("r", "main", "abc", "p", "c")))
                .isEqualTo("68585e4443087567d6c00cd29b1ca0a1");
    }

    @Test
    void an_id_has_the_form_of_one_and_little_else_has() {
        String id = SourceStampId.of(STAMP);

        assertThat(SourceStampId.hasForm(id)).isTrue();
        assertThat(Stream.of("", "é", id.substring(1), id + "0", id.toUpperCase(Locale.ROOT)))
                .noneMatch(SourceStampId::hasForm);
    }

    @Test
    void whatever_differs_is_another() {
        List<String> ids =
                Stream.of(
                                STAMP,
                                new SourceStamp("s", "main", "abc", "p", "c"),
                                new SourceStamp("r", "x", "abc", "p", "c"),
                                new SourceStamp("r", null, "abc", "p", "c"),
                                new SourceStamp("r", "", "abc", "p", "c"),
                                new SourceStamp("r", "main", null, "p", "c"),
                                new SourceStamp("r", "main", "abc", "", "c"),
                                new SourceStamp("r", "main", "abc", "p", ""),
                                new SourceStamp("main", "r", "abc", "p", "c"),
                                patched("--- a"),
                                patched("--- b"))
                        .map(SourceStampId::of)
                        .toList();

        assertThat(ids).doesNotHaveDuplicates();
    }
}
