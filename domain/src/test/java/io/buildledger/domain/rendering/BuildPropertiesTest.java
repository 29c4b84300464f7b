package io.buildledger.domain.rendering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.domain.requesting.Property;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BuildPropertiesTest {

    private static final BuildProperties ONE = BuildProperties.NONE.with("a", "1", "Builder");

    @Test
    void a_changed_copy_leaves_the_first_alone() {
        BuildProperties changed = ONE.with("a", 2, "compile").with("b", true, "compile");

        assertThat(ONE.asMap()).isEqualTo(Map.of("a", new Property("1", "Builder")));
        assertThat(changed.get("a")).contains(new Property(2, "compile"));
        assertThat(changed.value("b")).contains(true);
        assertThat(changed.asMap().keySet()).containsExactly("a", "b");
    }

    @Test
    void a_property_is_deleted_as_if_it_had_never_been_set() {
        assertThat(ONE.without("a")).isEqualTo(BuildProperties.NONE);
        assertThat(ONE.without("b")).isSameAs(ONE);
        assertThat(ONE.without("a").get("a")).isEmpty();
    }

    @Test
    void null_is_no_value_and_takes_away_what_was_there() {
        Map<String, @Nullable Object> nothing = new HashMap<>();
        nothing.put("a", null);

        assertThat(ONE.with("a", null, "x")).isEqualTo(BuildProperties.NONE);
        assertThat(ONE.with(nothing, "x")).isEqualTo(BuildProperties.NONE);
        assertThat(ONE.withDefaults(nothing, "x")).isEqualTo(ONE);
        assertThat(ONE.with("a", Arrays.asList("x", null), "x").value("a"))
                .contains(Arrays.asList("x", null));
    }

    @Test
    void defaults_leave_alone_what_is_set_even_if_it_is_empty() {
        assertThat(
                        BuildProperties.NONE
                                .with("a", "", "Builder")
                                .withDefaults(Map.of("a", "x", "b", "y"), "Worker")
                                .asMap())
                .isEqualTo(
                        Map.of("a", new Property("", "Builder"), "b", new Property("y", "Worker")));
    }

    @Test
    void values_stay_as_they_were_given() {
        List<String> inner = new ArrayList<>(List.of("x"));
        Map<String, Object> given = new HashMap<>(Map.of("k", inner));
        BuildProperties properties = BuildProperties.NONE.with("a", given, "s");

        inner.add("y");
        given.clear();

        assertThat(properties.value("a")).contains(Map.of("k", List.of("x")));
        assertThatThrownBy(() -> properties.asMap().clear())
                .isInstanceOf(UnsupportedOperationException.class);
    }

    static Stream<Arguments> noJson() {
        return Stream.of(
                Arguments.of(Instant.EPOCH, "a java.time.Instant"),
                Arguments.of(Double.NaN, "NaN"),
                Arguments.of(Float.POSITIVE_INFINITY, "Infinity"),
                Arguments.of(List.of(Map.of("k", 'c')), "a java.lang.Character"),
                Arguments.of(Map.of(1, "x"), "a map with the key 1"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("noJson")
    void what_json_can_not_hold_is_refused_by_name(Object value, String what) {
        assertThatThrownBy(() -> ONE.with("deploy", value, "s"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("property 'deploy' is or contains " + what + ": a text, ");
    }

    @Test
    void a_name_is_never_empty() {
        assertThatThrownBy(() -> ONE.with("", "x", "compile"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a property of compile has no name: give it one");
    }

    @Test
    void directories_are_the_workers() {
        assertThat(BuildProperties.NONE.withDirectories("/w", "/w/linux").asMap())
                .isEqualTo(
                        Map.of(
                                "basedir", new Property("/w", "Worker"),
                                "builddir", new Property("/w/linux", "Worker")));
    }
}
