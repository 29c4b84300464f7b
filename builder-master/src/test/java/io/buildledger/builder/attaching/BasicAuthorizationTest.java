package io.buildledger.builder.attaching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BasicAuthorizationTest {

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({"w1:secret, w1, secret", "w1:a:b, w1, a:b", "w1:, w1, ''", "wä:ü, wä, ü"})
    void the_first_colon_parts_the_name_from_the_password(String pair, String name, String password)
            throws Exception {
        assertThat(BasicAuthorization.parse(basic(pair)))
                .isEqualTo(new BasicAuthorization(name, password));
    }

    @Test
    void the_scheme_may_be_written_in_any_case() throws Exception {
        assertThat(BasicAuthorization.parse(basic("w1:x").replace("Basic", "bAsIc")).name())
                .isEqualTo("w1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Basic",
                "Basic ",
                "Bearer dzE6eA==",
                "Basic %%%",
                "Basic dzE=",
                "Basic /zp4",
                "Basic OnB3",
                "Basic dwo6eA==",
            })
    void anything_else_is_malformed(String header) {
        assertThatThrownBy(() -> BasicAuthorization.parse(header))
                .isInstanceOf(MalformedMessageException.class);
    }

    @Test
    void a_password_is_not_printed() {
        assertThat(new BasicAuthorization("w1", "secret")).hasToString("w1");
    }
}
