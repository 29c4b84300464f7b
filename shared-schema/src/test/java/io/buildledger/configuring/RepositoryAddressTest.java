package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RepositoryAddressTest {

    @ParameterizedTest
    @CsvSource({
        "https://user:token@host/x.git, https://host/x.git",
        "https://token@host:8443/x.git, https://host:8443/x.git",
        "https://user:p@ss@host/x.git, https://host/x.git",
        "https://:@host/x.git, https://host/x.git",
        "HTTPS://user:token@host, HTTPS://host",
        "ssh://git@host/x.git, ssh://git@host/x.git",
        "ssh://git:secret@host:22/x.git, ssh://git@host:22/x.git",
        "git@host:path/x.git, git@host:path/x.git",
        "https://host/x@2.git, https://host/x@2.git",
        "/srv/git/x@2.git, /srv/git/x@2.git",
        "file:///srv/git/x@2.git, file:///srv/git/x@2.git"
    })
    void is_shown_without_credentials(String repourl, String shown) {
        assertThat(new RepositoryAddress(repourl).shown()).isEqualTo(shown);
        assertThat(new RepositoryAddress(repourl)).hasToString(shown);
    }

    @Test
    void what_git_says_is_passed_on_without_credentials() {
        RepositoryAddress address = new RepositoryAddress("https://user:t ken@host/x.git");

        assertThat(
                        address.cleaned(
                                "warning: redirecting to https://user:other@elsewhere/x.git/\n"
                                        + "fatal: unable to access 'https://user:t ken@host/x.git/': no"))
                .isEqualTo(
                        "warning: redirecting to https://***@elsewhere/x.git/\n"
                                + "fatal: unable to access 'https://host/x.git/': no");
    }

    @ParameterizedTest
    @CsvSource({
        "curl -f https://me:p@ss@host/x, curl -f https://***@host/x",
        "'a http://token@host/y@2,', 'a http://***@host/y@2,'",
        "https://user:t ken@host/x.git, https://***@host/x.git",
        "curl ${SCHEME}://ci:secret@host/, curl ${SCHEME}://***@host/",
        "$CI_SCHEME://ci:secret@host/, $CI_SCHEME://***@host/",
        "\"https\"://ci:secret@host, \"https\"://***@host",
        "X_https://u:p@h, X_https://***@h",
        "\u001b[1mhttps://u:p@h, \u001b[1mhttps://***@h",
        "ssh://git@host/x.git, ssh://git@host/x.git",
        "ssh://git:secret@host/x.git, ssh://***@host/x.git",
        "git@host:path/x.git, git@host:path/x.git",
        "docker://alpine@sha256:abc, docker://***@sha256:abc",
        "https://host/x@2.git, https://host/x@2.git"
    })
    void a_text_is_shown_with_credentials_masked(String text, String shown) {
        assertThat(RepositoryAddress.masked(text)).isEqualTo(shown);
    }

    @Test
    @Timeout(30)
    void a_long_text_takes_no_longer_than_it_is_long() {
        for (String piece : List.of("a.", "a-", "://", "x://y", "@")) {
            String text = piece.repeat(1_000_000);

            assertThat(RepositoryAddress.masked(text)).endsWith(piece);
        }
    }

    @Test
    void the_name_of_a_directory_fits_every_file_system_and_is_its_own() {
        String longUrl = "https://host/" + "ü".repeat(220) + "/app.git";

        String name = new RepositoryAddress(longUrl).directoryName();

        assertThat(name.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(100);
        assertThat(name).matches("[0-9a-f]{32}[A-Za-z0-9-]*app-git");
        assertThat(new RepositoryAddress("https://host/a/b").directoryName())
                .isNotEqualTo(new RepositoryAddress("https://host/a-b").directoryName());
        assertThat(new RepositoryAddress("https://user:secret@host/a").directoryName())
                .isEqualTo(new RepositoryAddress("https://host/a").directoryName());
    }
}
