package io.buildledger.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class VaultNameTest {

    @ParameterizedTest
    @CsvSource({
        "a|b, a, b",
        "path/to/thing|key, path/to/thing, key",
        "a/b\\|c/d|e/f\\|g/h, a/b|c/d, e/f|g/h",
        "a\\\\|b, a\\, b",
        "a|b\\, a, b"
    })
    void a_name_is_a_path_and_a_key(String name, String path, String key) {
        assertThat(VaultName.of(name, '|', '\\')).contains(new VaultName(path, key));
    }

    @ParameterizedTest
    @ValueSource(strings = {"deploy_key", "path/to/thing", "a\\|b", ""})
    void without_a_delimiter_it_is_the_name_of_something_elsewhere(String name) {
        assertThat(VaultName.of(name, '|', '\\')).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a|b|c", "|b", "a|", "/a|b", "a/|b", "a//b|c", "a/../b|c", "./a|b"})
    void a_path_that_Vault_has_not_is_told(String name) {
        assertThatThrownBy(() -> VaultName.of(name, '|', '\\'))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void the_delimiter_and_the_escape_are_configured() {
        assertThat(VaultName.of("a^:b:c|d", ':', '^')).contains(new VaultName("a:b", "c|d"));
    }

    @Test
    void a_path_has_nothing_that_an_address_would_take_for_something_else() {
        assertThat(new VaultName("a b/c?d=e/#/ü", "key").encodedPath())
                .isEqualTo("a%20b/c%3Fd%3De/%23/%C3%BC");
    }
}
