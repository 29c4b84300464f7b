package io.buildledger.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ArtifactPathTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.txt          | a.txt",
                "dist/app.tgz   | dist/app.tgz",
                "./a//b/        | a/b",
                "a/./b          | a/b",
                "..a/b..        | ..a/b..",
                "grüße/ä b.txt  | grüße/ä b.txt",
                "a;b?c#d%2e     | a;b?c#d%2e",
                "-rf            | -rf"
            })
    void what_stays_inside_is_a_path(String text, String path) throws Exception {
        assertThat(ArtifactPath.of(text).text()).isEqualTo(path);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "/etc/passwd|it is absolute",
                "//a|it is absolute",
                "..|it leads out by ..",
                "a/../../b|it leads out by ..",
                "a/..|it leads out by ..",
                "''|it names no file",
                ".|it names no file",
                "././|it names no file",
                "a\\b|it has a backslash",
                "..\\..\\a|it has a backslash",
                "a /b|begins or ends with a space",
                "a/ b|begins or ends with a space",
                "a\ud800|it is not text"
            })
    void what_leads_elsewhere_or_is_not_the_same_everywhere_is_none(String text, String why) {
        assertThatThrownBy(() -> ArtifactPath.of(text))
                .isInstanceOf(UnfitArtifactException.class)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000b", "a\nb", "a\u001b[2J", "a\u009b2J"})
    void nothing_in_it_moves_a_cursor(String text) {
        assertThatThrownBy(() -> ArtifactPath.of(text))
                .isInstanceOf(UnfitArtifactException.class)
                .hasMessageContaining("it has a control character");
    }

    @Test
    void it_fits_into_a_file_system_and_a_column() throws Exception {
        assertThat(ArtifactPath.of("x".repeat(255)).text()).hasSize(255);
        assertThatThrownBy(() -> ArtifactPath.of("ü".repeat(128)))
                .hasMessageContaining("more than 255 bytes");
        assertThat(ArtifactPath.of("abcd/".repeat(100)).text()).hasSize(499);
        assertThatThrownBy(() -> ArtifactPath.of("abcd/".repeat(101)))
                .hasMessageContaining("more than 500 characters");
    }

    @ParameterizedTest
    @CsvSource({"'', a, a", "., a, a", "docs, a/b, docs/a/b", "docs/, ./a, docs/a"})
    void a_path_below_a_directory(String directory, String path, String whole) throws Exception {
        assertThat(ArtifactPath.under(directory, path).text()).isEqualTo(whole);
    }

    @ParameterizedTest
    @CsvSource({"docs, ../a", "docs, /a", "docs, .", "'', /etc/passwd", "/, a", ".., a"})
    void nothing_leads_out_of_a_directory(String directory, String path) {
        assertThatThrownBy(() -> ArtifactPath.under(directory, path))
                .isInstanceOf(UnfitArtifactException.class);
    }
}
