package io.buildledger.showing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PrintableTest {

    @Test
    void control_characters_of_seven_and_of_eight_bits_become_spaces() {
        assertThat(Printable.of("a\u001b[2Jb\nc\td\u007f")).isEqualTo("a [2Jb c d ");
        assertThat(Printable.of("a\u009b2Jb\u009d52;c;eA==\u009c")).isEqualTo("a 2Jb 52;c;eA== ");
    }

    @Test
    void a_text_that_is_shown_has_none_of_the_control_characters_of_java() {
        for (char c = 0; c < 0x2100; c++) {
            String text = "a" + c;
            assertThat(Printable.hasControl(text)).isEqualTo(Character.isISOControl(c));
            assertThat(Printable.hasControl(Printable.of(text))).isFalse();
            assertThat(Printable.isReplaced(c)).isEqualTo(!Printable.of(text).equals(text));
        }
    }

    @Test
    void nobody_turns_the_direction_of_a_line() {
        assertThat(Printable.of("a\u202eb\u202ac\u2066d\u2069")).isEqualTo("a b c d ");
    }

    @Test
    void what_people_write_stays_as_it_is() {
        String text = "Grüße – 日本語 שלום 🦀";

        assertThat(Printable.of(text)).isEqualTo(text);
    }

    @Test
    void a_long_text_is_cut_between_characters() {
        assertThat(Printable.cut("abcd", 4)).isEqualTo("abcd");
        assertThat(Printable.cut("abcde", 4)).isEqualTo("abc…");
        assertThat(Printable.cut("ab🦀de", 4)).isEqualTo("ab…");
        assertThat(Printable.cut("abcde", 1)).isEqualTo("…");
    }

    @Test
    void a_hash_is_shown_short_and_another_name_of_a_revision_whole() {
        assertThat(ShortRevision.of("0123456789abcdef0123456789abcdef01234567"))
                .isEqualTo("0123456789");
        assertThat(ShortRevision.of("release-1.0-candidate-27"))
                .isEqualTo("release-1.0-candidate-27");
    }
}
