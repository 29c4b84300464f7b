package io.buildledger.builder.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class VisibleBytesTest {

    private static String shown(byte[] bytes) {
        assertThat(VisibleBytes.isText(bytes, bytes.length))
                .isEqualTo(Arrays.equals(VisibleBytes.of(bytes, bytes.length), bytes));
        return new String(VisibleBytes.of(bytes, bytes.length), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    61 62          | ab
                    C3 BC          | ü
                    E2 82 AC       | €
                    F0 9F A6 80    | 🦀
                    61 FF 62       | a\\xffb
                    80             | \\x80
                    C3             | \\xc3
                    C3 61          | \\xc3a
                    E2 82          | \\xe2\\x82
                    E2 82 C3 BC    | \\xe2\\x82ü
                    F0 9F A6       | \\xf0\\x9f\\xa6
                    F0 9F A6 61    | \\xf0\\x9f\\xa6a
                    C0 AF          | \\xc0\\xaf
                    E0 80 AF       | \\xe0\\x80\\xaf
                    ED A0 80       | \\xed\\xa0\\x80
                    F4 90 80 80    | \\xf4\\x90\\x80\\x80
                    F8 88 80 80 80 | \\xf8\\x88\\x80\\x80\\x80
                    5C 78 66 66    | \\xff
                    61 1B 5B 31 6D | a\u001b[1m
                    """)
    void a_byte_of_no_character_is_shown_as_its_number_and_all_else_stays(
            String hex, String shown) {
        assertThat(shown(HexFormat.ofDelimiter(" ").parseHex(hex))).isEqualTo(shown);
    }

    @Test
    void a_replacement_character_that_was_printed_stays() {
        byte[] bytes = "a\uFFFDb".getBytes(StandardCharsets.UTF_8);

        assertThat(new String(VisibleBytes.of(bytes, bytes.length), StandardCharsets.UTF_8))
                .isEqualTo("a\uFFFDb");
    }

    @Test
    void whatever_is_printed_can_be_told_from_what_is_shown() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(20)];
            random.nextBytes(bytes);
            // A backslash of its own would be ambiguous.
            for (int at = 0; at < bytes.length; at++) {
                if (bytes[at] == '\\') {
                    bytes[at] = 'x';
                }
            }

            assertThat(read(shown(bytes))).as("seed %d", seed).isEqualTo(bytes);
        }
    }

    private static byte[] read(String shown) {
        StringBuilder hex = new StringBuilder();
        for (int at = 0; at < shown.length(); ) {
            if (shown.charAt(at) == '\\') {
                hex.append(shown, at + 2, at + 4);
                at += 4;
            } else {
                String character = Character.toString(shown.codePointAt(at));
                hex.append(HexFormat.of().formatHex(character.getBytes(StandardCharsets.UTF_8)));
                at += character.length();
            }
        }
        return HexFormat.of().parseHex(hex);
    }
}
