package io.buildledger.naming;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DirectoryNameTest {

    @Test
    void a_harmless_name_is_kept() {
        assertThat(DirectoryName.of("linux-x86_64.v2")).isEqualTo("linux-x86_64.v2");
    }

    @Test
    void other_characters_are_escaped() {
        assertThat(DirectoryName.of("a/b c%ü")).isEqualTo("a%2Fb%20c%25%C3%BC");
    }

    @Test
    void names_that_mean_other_directories_are_escaped() {
        assertThat(DirectoryName.of(".")).isEqualTo("%2E");
        assertThat(DirectoryName.of("..")).isEqualTo("%2E%2E");
        assertThat(DirectoryName.of("")).isNotEmpty();
    }

    @Test
    void different_names_have_different_directories() {
        List<String> names =
                List.of(
                        "",
                        ".",
                        "..",
                        "...",
                        "a/b",
                        "a%2Fb",
                        "a b",
                        "a_b",
                        "%2E",
                        "linux",
                        "linux%running",
                        "ü".repeat(100),
                        "ü".repeat(99) + "ö");

        Set<String> directories = new HashSet<>();
        names.forEach(name -> directories.add(DirectoryName.of(name)));

        assertThat(directories)
                .hasSameSizeAs(names)
                .allMatch(name -> name.length() <= 200)
                .noneMatch(name -> name.matches(".*%[^0-9A-F%-].*"));
    }
}
