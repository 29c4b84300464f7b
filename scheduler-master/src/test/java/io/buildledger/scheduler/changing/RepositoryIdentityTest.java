package io.buildledger.scheduler.changing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RepositoryIdentityTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://host.example/owner/app",
                "https://host.example/owner/app.git",
                "https://host.example/owner/app.git/",
                "https://host.example/owner/app//",
                "https://HOST.example/owner/app",
                "HTTPS://host.example:443/owner/app",
                "http://host.example:80/owner/app",
                "http://host.example:/owner/app",
                "https://user@host.example/owner/app",
                "https://user:secret@host.example/owner/app.git",
                "git://host.example:9418/owner/app.git",
                "ssh://git@host.example/owner/app.git",
                "ssh://git@host.example:22/owner/app.git",
                "git@host.example:owner/app.git",
                "git@Host.example:/owner/app.git",
                "host.example:owner/app"
            })
    void the_addresses_of_a_repository_name_the_same_one(String address) {
        assertThat(RepositoryIdentity.of(address)).isEqualTo("host.example:owner/app");
    }

    @ParameterizedTest
    @CsvSource({
        "https://host/owner/app,          https://host/owner/App",
        "https://host/owner/app,          https://host/owner/app2",
        "https://host/owner/app,          https://host/owner",
        "https://host/owner/app,          https://host:8443/owner/app",
        "https://host/owner/app,          http://host:443/owner/app",
        "https://host/owner/app,          host/owner/app",
        "https://host/owner/app,          /host/owner/app",
        "/srv/app,                        /srv/app.git",
        "/srv/app,                        /srv/app/",
        "file:///srv/app,                 file:///srv/app.git",
        "c:/srv/app,                      https://c/srv/app",
    })
    void other_repositories_have_other_names(String one, String other) {
        assertThat(RepositoryIdentity.of(one)).isNotEqualTo(RepositoryIdentity.of(other));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".git",
                "://",
                "://@",
                "a://",
                "@:",
                "git@:x",
                "a:",
                "[::1]:x",
                "https://"
            })
    void what_is_no_address_has_a_name_too(String odd) {
        assertThat(RepositoryIdentity.of(odd)).isNotNull();
    }
}
