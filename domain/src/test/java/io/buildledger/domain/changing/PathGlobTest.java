package io.buildledger.domain.changing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PathGlobTest {

    @ParameterizedTest(name = "{0} matches {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    README.md        | README.md
                    *.md             | README.md
                    *                | a
                    docs/            | docs/index.md
                    docs/            | docs/a/b.md
                    docs/**          | docs/a/b.md
                    **/*.java        | Main.java
                    **/*.java        | a/b/Main.java
                    a/**/b           | a/b
                    a/**/b           | a/x/y/b
                    a**b             | a/x/b
                    **               | a/b/c
                    a?c              | abc
                    *.{java,kt}      | Main.kt
                    {a,b{c,d}}/x     | bd/x
                    {,a}b            | b
                    [a-c].txt        | b.txt
                    [!a-c].txt       | d.txt
                    [^a].txt         | ^.txt
                    []a].txt         | ].txt
                    [*].txt          | *.txt
                    [a-]             | -
                    a,b              | a,b
                    a.b              | a.b
                    (x)+             | (x)+
                    a\\d             | a\\d
                    ünï?.txt         | ünïç.txt
                    😀?.[😀-😂]       | 😀😁.😁
                    """)
    void it_matches(String glob, String path) {
        assertThat(new PathGlob(glob).matches(path)).isTrue();
    }

    @ParameterizedTest(name = "{0} does not match {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    *.md             | docs/index.md
                    docs/            | docs
                    docs/            | my/docs/index.md
                    docs             | docs/index.md
                    docs/**          | docs
                    **/*.java        | Main.javac
                    a?c              | a/c
                    a?c              | abbc
                    [!a]x            | /x
                    [a-c].txt        | d.txt
                    *.{java,kt}      | Main.py
                    a.b              | axb
                    README.md        | readme.md
                    *                | a/b
                    """)
    void it_does_not_match(String glob, String path) {
        assertThat(new PathGlob(glob).matches(path)).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"[a", "[", "[]", "[!", "{a", "{a,b", "a}", "[z-a]", "{[a}"})
    void what_is_no_pattern_says_what_would_be(String glob) {
        assertThatThrownBy(() -> new PathGlob(glob))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + glob + "' is not a pattern of paths");
    }
}
