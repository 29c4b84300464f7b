package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.scheduling.ForceForm;
import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.scheduler.serving.ForceFields.Field;
import io.buildledger.scheduler.serving.ForceFields.Group;
import io.buildledger.scheduler.serving.ForceFields.Kind;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ForceFieldsTest {

    private static final ForceScheduler SCHEDULER =
            (ForceScheduler)
                    ServedLog.file(
                                    """
                                    schedulers:
                                      - force:
                                          name: force
                                          builder_names: [linux, mac]
                                          codebases:
                                            app: {repository: "https://example.org/app", branch: main, revision: abc}
                                            lib: {repository: "https://example.org/lib"}
                                          parameters:
                                            - string: {name: flags, label: Flags, default: -O2, required: true}
                                            - text: {name: notes}
                                            - int: {name: jobs, default: 2, min: 1, max: 8}
                                            - bool: {name: clean, default: true}
                                            - choice: {name: optimize, choices: [size, speed], default: speed}
                                            - choice: {name: oses, choices: [a, b, c], default: [a, b], multiple: true}
                                            - choice: {name: free, choices: [x, y], strict: false}
                                            - user_name: {name: who, need_email: false}
                                            - fixed: {name: kind, value: forced}
                                            - nested:
                                                name: tests
                                                label: Tests
                                                fields:
                                                  - bool: {name: slow}
                                                  - nested: {name: more, fields: [string: {name: filter}]}
                                            - nested: {name: "", fields: [string: {name: loose}]}
                                            - codebase: {name: app, fixed: [repository], required: [branch]}
                                    builders:
                                      - {name: linux, worker_names: [w1], factory: [shell: {command: make}]}
                                      - {name: mac, worker_names: [w1], factory: [shell: {command: make}]}
                                    workers: [name: w1]
                                    """)
                            .schedulers()
                            .getFirst()
                            .scheduler();

    private static List<Field> fields(Map<String, Object> entered, Map<String, String> problems) {
        return ForceFields.of(SCHEDULER, entered, problems, null).stream()
                .flatMap(group -> group.fields().stream())
                .toList();
    }

    private static Field field(String name) {
        return fields(Map.of(), Map.of()).stream()
                .filter(it -> it.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_page_has_all_fields_that_the_command_knows_and_no_others() {
        ForceForm.Answer.Refused refused =
                (ForceForm.Answer.Refused) SCHEDULER.read("", Map.of("no-such-field", "x"));
        String known =
                String.valueOf(refused.problems().get("no-such-field"))
                        .replaceFirst(".*known are ", "");

        Set<String> names =
                fields(Map.of(), Map.of()).stream().map(Field::name).collect(Collectors.toSet());

        Set<String> expected = Arrays.stream(known.split(", ")).collect(Collectors.toSet());
        // Nobody enters these: who asks is asked for beside the form.
        expected.removeAll(Set.of("owner", "kind", "app_repository"));
        assertThat(names).isEqualTo(expected);
    }

    @Test
    void what_a_page_sends_unchanged_is_accepted_and_means_what_is_so_by_default() {
        Map<String, Object> sent = new HashMap<>();
        for (Field field : fields(Map.of(), Map.of())) {
            sent.put(
                    field.name(), field.kind() == Kind.SEVERAL_OF ? field.values() : field.value());
        }
        sent.put("app_branch", "main");

        Map<String, Object> least = new HashMap<>(Map.of("app_branch", "main"));

        assertThat(SCHEDULER.read("me", sent))
                .isInstanceOf(ForceForm.Answer.Accepted.class)
                .isEqualTo(SCHEDULER.read("me", least));
    }

    @Test
    void fields_are_entered_as_their_kind_wants_it() {
        assertThat(field("flags"))
                .returns(Kind.LINE, Field::kind)
                .returns("Flags", Field::label)
                .returns("-O2", Field::value)
                .returns(true, Field::required);
        assertThat(field("notes").kind()).isEqualTo(Kind.TEXT);
        assertThat(field("jobs"))
                .returns(Kind.NUMBER, Field::kind)
                .returns(1L, Field::least)
                .returns(8L, Field::most);
        assertThat(field("clean"))
                .returns(Kind.ONE_OF, Field::kind)
                .returns("true", Field::value)
                .returns(List.of("true", "false"), Field::choices);
        assertThat(field("oses"))
                .returns(Kind.SEVERAL_OF, Field::kind)
                .returns(List.of("a", "b"), Field::values);
        assertThat(field("free").kind()).isEqualTo(Kind.LINE);
        // A default goes when something is entered beside it, so it is told and not filled in.
        assertThat(field("app_revision")).returns("", Field::value).returns("abc", Field::absent);
        assertThat(ForceFields.of(SCHEDULER, Map.of(), Map.of(), null))
                .extracting(Group::label)
                .containsSubsequence("", "Tests", "app");
    }

    @Test
    void all_builders_are_chosen_or_the_one_that_is_asked_for() {
        assertThat(chosen(null)).containsExactly("linux", "mac");
        assertThat(chosen("mac")).containsExactly("mac");
        assertThat(chosen("beos")).containsExactly("linux", "mac");
    }

    private static List<String> chosen(@Nullable String builder) {
        return ForceFields.of(SCHEDULER, Map.of(), Map.of(), builder).stream()
                .flatMap(group -> group.fields().stream())
                .filter(it -> it.name().equals("builder_names"))
                .findFirst()
                .orElseThrow()
                .values();
    }

    @Test
    void what_was_entered_is_shown_again_with_what_is_wrong_with_it() {
        List<Field> shown =
                fields(
                        Map.of("flags", " ", "jobs", "99", "oses", List.of("c", "a")),
                        Map.of("jobs", "'99' is not a whole number from 1 to 8"));

        assertThat(shown)
                .anySatisfy(it ->
                        assertThat(it)
                                .returns("jobs", Field::name)
                                .returns("99", Field::value)
                                .returns("'99' is not a whole number from 1 to 8", Field::problem))
                .anySatisfy(it ->
                        assertThat(it)
                                .returns("oses", Field::name)
                                .returns(List.of("c", "a"), Field::values))
                .anySatisfy(it ->
                        assertThat(it).returns("flags", Field::name).returns("", Field::value))
                .anySatisfy(it ->
                        assertThat(it)
                                .returns("optimize", Field::name)
                                .returns(List.of(), Field::values));
    }
}
