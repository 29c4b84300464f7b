package io.buildledger.steps;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.Triggers.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TriggerStepTest {

    /**
     * @param written such as {@code tests FAILURE}; {@code -} nobody waited for, {@code kept} and
     *     {@code refused} are what the scheduler did; a question mark is behind what is unimportant
     */
    private static TriggeredBuilds builds(String written) {
        String[] words = written.strip().split(" ", -1);
        boolean unimportant = words[1].endsWith("?");
        String what = words[1].replace("?", "");
        Answer answer =
                switch (what) {
                    case "kept" -> new Answer.Kept();
                    case "refused" -> new Answer.Refused("the scheduler is disabled");
                    default -> new Answer.Submitted(12, Map.of("linux", 31L, "docs", 32L));
                };
        @Nullable Results results =
                List.of("-", "kept", "refused").contains(what) ? null : Results.valueOf(what);
        return new TriggeredBuilds(words[0], unimportant, answer, results);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    tests -                         | SUCCESS   | triggered tests
                    tests -, docs -                 | SUCCESS   | triggered tests, docs
                    tests -, nightly kept           | SUCCESS   | triggered tests, nightly
                    tests SUCCESS, docs SUCCESS     | SUCCESS   | triggered tests: SUCCESS, docs: SUCCESS
                    tests SUCCESS, docs FAILURE     | FAILURE   | triggered tests: SUCCESS, docs: FAILURE
                    tests FAILURE, docs EXCEPTION   | EXCEPTION | triggered tests: FAILURE, docs: EXCEPTION
                    tests WARNINGS, docs SKIPPED    | WARNINGS  | triggered tests: WARNINGS, docs: SKIPPED
                    tests SKIPPED                   | SUCCESS   | triggered tests: SKIPPED
                    tests CANCELLED, docs EXCEPTION | CANCELLED | triggered tests: CANCELLED, docs: EXCEPTION
                    tests SUCCESS, lint FAILURE?    | SUCCESS   | triggered tests: SUCCESS, lint: FAILURE (unimportant)
                    lint EXCEPTION?                 | SUCCESS   | triggered lint: EXCEPTION (unimportant)
                    tests refused                   | FAILURE   | tests refused: the scheduler is disabled
                    tests SUCCESS, docs refused     | FAILURE   | triggered tests: SUCCESS; docs refused: the scheduler is disabled
                    tests CANCELLED, docs refused   | CANCELLED | triggered tests: CANCELLED; docs refused: the scheduler is disabled
                    tests SUCCESS, docs refused?    | SUCCESS   | triggered tests: SUCCESS; docs refused: the scheduler is disabled
                    """)
    void the_step_ends_as_the_worst_of_the_builds_that_count(
            String written, Results results, String summary) {
        List<TriggeredBuilds> all = new ArrayList<>();
        for (String one : written.split(",", -1)) {
            all.add(builds(one));
        }

        assertThat(TriggeredBuilds.endOf(all)).isEqualTo(new StepEnd(results, null, summary));
    }

    @Test
    void the_log_tells_what_each_scheduler_made_of_it() {
        assertThat(builds("tests -").told())
                .isEqualTo("tests: buildset 12, request 31 (linux), request 32 (docs)");
        assertThat(builds("tests kept").told()).isEqualTo("tests: kept until its next moment");
        assertThat(builds("tests refused").told())
                .isEqualTo("tests refused: the scheduler is disabled");
    }

    private static SourceStamp stamp(String codebase, @Nullable String revision) {
        return new SourceStamp("r", "main", revision, "p", codebase);
    }

    @Test
    void a_revision_that_the_build_has_got_takes_the_place_of_the_one_it_was_asked_for() {
        List<SourceStamp> one = List.of(stamp("", null));
        List<SourceStamp> named = List.of(stamp("app", "1"));
        List<SourceStamp> two = List.of(stamp("", "1"), stamp("lib", "2"));

        assertThat(TriggerStep.withRevisions(one, "9")).containsExactly(stamp("", "9"));
        assertThat(TriggerStep.withRevisions(named, "9")).containsExactly(stamp("app", "9"));
        assertThat(TriggerStep.withRevisions(two, "9"))
                .containsExactly(stamp("", "9"), stamp("lib", "2"));
        assertThat(TriggerStep.withRevisions(two, Map.of("lib", "9", "docs", "8")))
                .containsExactly(stamp("", "1"), stamp("lib", "9"));
        assertThat(TriggerStep.withRevisions(one, " ")).isEqualTo(one);
    }

    @Test
    void a_patch_stays_with_its_source_stamp() {
        SourceStamp.Patch patch = new SourceStamp.Patch("diff", 1, "me", "", "");
        SourceStamp patched = new SourceStamp("r", "main", "1", "", "", patch);

        assertThat(TriggerStep.withRevisions(List.of(patched), "9"))
                .containsExactly(new SourceStamp("r", "main", "9", "", "", patch));
    }

    @Test
    void what_is_empty_in_a_source_stamp_is_left_to_the_scheduler() {
        assertThat(new TriggerSourceStamp("", "", "", " ", "").toDomain())
                .isEqualTo(new SourceStamp("", null, null, "", ""));
        assertThat(new TriggerSourceStamp("app", "r", "main", "1", "p").toDomain())
                .isEqualTo(new SourceStamp("r", "main", "1", "p", "app"));
    }
}
