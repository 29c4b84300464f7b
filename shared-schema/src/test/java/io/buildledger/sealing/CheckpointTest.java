package io.buildledger.sealing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CheckpointTest {

    private static final String TEXT =
            """
            {"log":"%s","block":7,"lastIndex":31415,"events":31000,"hash":"%s","sealedAt":"2026-10-01T03:12:00.000001Z"}\
            """
                    .formatted("0123456789abcdef".repeat(4), "fedcba9876543210".repeat(4));

    @Test
    void it_is_one_line_of_json_that_stays_as_it_is() {
        Checkpoint checkpoint =
                new Checkpoint(
                        "0123456789abcdef".repeat(4),
                        7,
                        31_415,
                        31_000,
                        "fedcba9876543210".repeat(4),
                        Instant.parse("2026-10-01T03:12:00.000001Z"));

        assertThat(checkpoint.text()).isEqualTo(TEXT);
        assertThat(Checkpoint.parse(TEXT)).isEqualTo(checkpoint);
    }

    @Test
    void what_a_later_program_adds_is_passed_over() {
        assertThat(Checkpoint.parse(TEXT.replace("{", "{\"signature\":\"x\",")))
                .isEqualTo(Checkpoint.parse(TEXT));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    "block":7               | "block":-1            | 'block' is -1, and must be a number from 0
                    "block":7               | "block":"7"           | 'block' is "7", and must be a number from 0
                    "block":7,              | ``                    | it lacks 'block', which must be a number from 0
                    "events":31000          | "events":1e99         | 'events' is 1.0E99, and must be a number from 0
                    "lastIndex":31415       | "lastIndex":null      | 'lastIndex' is null, and must be a number from 0
                    "hash":"fe              | "hash":"FE            | and must be 64 hexadecimal digits in lower case
                    "hash":"fe              | "hash":"              | and must be 64 hexadecimal digits in lower case
                    "log"                   | "lag"                 | it lacks 'log', which must be 64 hexadecimal digits
                    2026-10-01T             | 2026-13-01T           | and must be a time like 2026-10-01T03:12:00Z
                    {                       | [                     | it is no JSON (
                    """)
    void what_is_wrong_is_told(String right, String wrong, String told) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoint.parse(TEXT.replace(right, wrong)))
                .withMessageContaining(told);
    }

    @ParameterizedTest
    @CsvSource({"17", "[]", "'\"text\"'", "''"})
    void what_is_no_object_is_no_checkpoint(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoint.parse(text))
                .withMessageContaining("it is no JSON object");
    }
}
