package io.buildledger.fetching;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RefNameTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "main",
                "feature/x",
                "refs/pull/1/head",
                "a.b",
                "a@b",
                "größe",
                "v1.0-rc.1",
                "a\u00a0b",
                "lock",
                "a.locked"
            })
    void names_that_git_takes_are_taken(String name) {
        assertThat(RefName.isOne(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "a\tb",
                "a\nb",
                "a\n",
                "a\u007fb",
                "a\u0080b",
                "a\u009bb",
                "a\u009f",
                "a..b",
                "a//b",
                "/a",
                "a/",
                ".a",
                "a/.b",
                "a.",
                "a.lock",
                "a.lock/b",
                "a~1",
                "a^",
                "a:b",
                "a?",
                "a*",
                "a[b",
                "a\\b",
                "a@{1}"
            })
    void names_that_mean_something_else_or_do_something_to_a_terminal_are_not(String name) {
        assertThat(RefName.isOne(name)).isFalse();
    }
}
