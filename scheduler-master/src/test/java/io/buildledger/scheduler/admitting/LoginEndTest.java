package io.buildledger.scheduler.admitting;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LoginEndTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/builders/linux",
                "/builders/linux%2Farm?branch=main&x=%C3%BC#steps",
                "/search?q=http://example.org//x",
                "/builds/a//b",
                "/@example.org"
            })
    void somebody_who_has_logged_in_is_led_to_the_page_that_they_wanted(String page) {
        assertThat(LoginEnd.path(page)).isEqualTo(page);
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(
            strings = {
                "builders",
                " /builders",
                "//example.org",
                "///example.org",
                "/\\example.org",
                "\\\\example.org",
                "/builders\\..\\x",
                "https://example.org/",
                "https:/example.org/",
                "javascript:alert(1)",
                "/\t/example.org",
                "/\n/example.org",
                "/builders\r\nSet-Cookie: a=b",
                "/builders\u0000",
                "/a b",
                "/bücher",
                "/\u202ebuilders"
            })
    void nobody_is_led_to_another_site(String next) {
        assertThat(LoginEnd.path(next)).isEqualTo("/");
    }
}
