package io.buildledger.domain.rendering;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PropertyTextTest {

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of("", "", false),
                Arguments.of(" \"é\"\n", " \"é\"\n", true),
                Arguments.of("false", "false", true),
                Arguments.of("0", "0", true),
                Arguments.of(true, "true", true),
                Arguments.of(false, "false", false),
                Arguments.of(0, "0", false),
                Arguments.of(-7, "-7", true),
                Arguments.of(Long.MAX_VALUE, "9223372036854775807", true),
                Arguments.of(new BigInteger("12345678901234567890"), "12345678901234567890", true),
                Arguments.of(0.0, "0.0", false),
                Arguments.of(-0.0, "0.0", false),
                Arguments.of(2.0, "2.0", true),
                Arguments.of(0.1f, "0.1", true),
                Arguments.of(1e10, "10000000000", true),
                Arguments.of(1e-7, "0.00000010", true),
                Arguments.of(new BigDecimal("3.10"), "3.10", true),
                Arguments.of(new BigDecimal("1E+999999999"), "1E+999999999", true),
                Arguments.of(new BigDecimal("1E-999999999"), "1E-999999999", true),
                Arguments.of(List.of(), "[]", false),
                Arguments.of(Map.of(), "{}", false),
                Arguments.of(List.of("a", 1, true, List.of()), "[\"a\",1,true,[]]", true),
                Arguments.of(Map.of("k\"", List.of(Map.of())), "{\"k\\\"\":[{}]}", true),
                Arguments.of(Arrays.asList("x", null), "[\"x\",null]", true),
                Arguments.of(
                        List.of("\\ \n\r\t \u0001 é 😀"),
                        "[\"\\\\ \\n\\r\\t \\u0001 é 😀\"]",
                        true));
    }

    @ParameterizedTest(name = "{0} is {1}")
    @MethodSource("values")
    void a_value_reads_as_in_json_and_is_true_as_in_python(
            Object value, String text, boolean isTrue) {
        assertThat(PropertyText.of(value)).isEqualTo(text);
        assertThat(PropertyText.isTrue(value)).isEqualTo(isTrue);
    }
}
