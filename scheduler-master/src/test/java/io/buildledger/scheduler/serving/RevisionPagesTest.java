package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RevisionPagesTest {

    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    @ParameterizedTest
    @CsvSource({
        "https://github.com/WebKit/WebKit.git, https://github.com/WebKit/WebKit/commit/",
        "https://GitHub.com/python/cpython/, https://github.com/python/cpython/commit/",
        "git@github.com:python/cpython.git, https://github.com/python/cpython/commit/",
        "ssh://git@github.com:22/python/cpython, https://github.com/python/cpython/commit/",
        "https://gitlab.com/a/group/app, https://gitlab.com/a/group/app/-/commit/",
        "https://bitbucket.org/team/app.git, https://bitbucket.org/team/app/commits/",
        "https://codeberg.org/team/app, https://codeberg.org/team/app/commit/"
    })
    void a_commit_of_a_known_forge_has_a_page(String repository, String page) {
        assertThat(RevisionPages.of(repository, COMMIT)).hasValue(page + COMMIT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://git.example.org/app.git",
                "https://github.com.evil.example/a/b",
                "https://evil.example/github.com/a/b",
                "https://github.com/a/b?x=\"><script>",
                "javascript:alert(1)",
                "/srv/git/app.git",
                "https://github.com///////////////////////////////////////////////////////////////////!",
                "",
            })
    void elsewhere_nothing_is_known(String repository) {
        assertThat(RevisionPages.of(repository, COMMIT)).isEmpty();
    }

    @Test
    void what_is_no_commit_has_no_page() {
        String repository = "https://github.com/a/b";

        assertThat(RevisionPages.of(repository, null)).isEmpty();
        assertThat(RevisionPages.of(repository, "r1234")).isEmpty();
        assertThat(RevisionPages.of(repository, "../../evil")).isEmpty();
    }
}
