package io.buildledger.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.stepping.StepAbortedException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WarningCountTest {

    private static final String GCC =
            "(?P<file>[^:]+):(?P<line>[0-9]+):[0-9]+: warning: (?P<text>.*)";

    private static WarningCount counting(String pattern, Suppression... suppressions) {
        return new WarningCount(
                new WarningRules(
                        pattern,
                        null,
                        null,
                        List.of(),
                        WarningRules.DEFAULT_ENTER,
                        WarningRules.DEFAULT_LEAVE),
                List.of(suppressions));
    }

    private static int count(WarningCount counting, String... lines) {
        for (String line : lines) {
            counting.line(Source.STDOUT, line);
        }
        return counting.count();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    warning: x                             | 1
                    a.c:1:2: warning: unused x [-Wunused]  | 1
                    WARNING x                              | 1
                    CMake Warning at CMakeLists.txt:3      | 1
                    warnings: 3                            | 0
                    no warning                             | 0
                    gcc -Wall x.c                          | 0
                    \u001b[35mwarning: \u001b[0m x       | 1
                    \uFFFD warning: x                     | 1
                    """)
    void by_default_lines_that_say_warning_are_counted(String line, int count) {
        assertThat(count(counting(WarningRules.DEFAULT_PATTERN), line)).isEqualTo(count);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    ^Warning:   | Warning: x   | 1
                    Warning:    | a Warning: x | 0
                    .*Warning:  | a Warning: x | 1
                    Warning:    | warning: x   | 0
                    ` `         | x            | 0
                    """)
    void a_pattern_matches_from_the_beginning_of_the_line(String pattern, String line, int count) {
        assertThat(count(counting(pattern), line)).isEqualTo(count);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            textBlock =
                    """
                    src/old.c | .*unused.* | -  | -  | 0
                    old.c     | -          | -  | -  | 1
                    .*old.c   | -          | -  | -  | 0
                    -         | unused     | -  | -  | 0
                    -         | no such    | -  | -  | 1
                    -         | -          | 15 | 15 | 0
                    -         | -          | 16 | -  | 1
                    -         | -          | 10 | -  | 0
                    -         | -          | -  | 14 | 1
                    -         | -          | -  | 15 | 0
                    -         | ^unused    | 10 | 20 | 0
                    """)
    void a_suppression_takes_what_all_its_keys_fit(
            @Nullable String file,
            @Nullable String text,
            @Nullable Integer start,
            @Nullable Integer end,
            int count) {
        assertThat(
                        count(
                                counting(GCC, new Suppression(file, text, start, end)),
                                "src/old.c:15:1: warning: unused x"))
                .isEqualTo(count);
    }

    @Test
    void what_a_pattern_does_not_tell_is_the_whole_line_in_any_file_and_in_no_line_of_it() {
        String line = "old.c:15: warning: unused";

        assertThat(
                        count(
                                counting(
                                        ".*warning:",
                                        new Suppression("new.c", "old.c.*unused", null, null)),
                                line))
                .isZero();
        assertThat(count(counting(".*warning:", new Suppression(null, null, 1, 99)), line))
                .isEqualTo(1);
    }

    @Test
    void files_are_in_the_directory_that_make_has_entered() {
        WarningCount counting = counting(GCC, new Suppression("src/lib/a.c", null, null, null));

        assertThat(
                        count(
                                counting,
                                "make[1]: Entering directory 'src'",
                                "make[2]: Entering directory `lib'",
                                "a.c:1:1: warning: x",
                                "make[2]: Leaving directory `lib'",
                                "a.c:1:1: warning: y",
                                "make[1]: Leaving directory 'src'",
                                "make: Leaving directory '/'",
                                "a.c:1:1: warning: z"))
                .isEqualTo(2);
        assertThat(counting.text()).isEqualTo("a.c:1:1: warning: y\na.c:1:1: warning: z\n");
    }

    @Test
    void of_very_many_warnings_the_first_are_kept_and_all_counted() {
        WarningCount counting = counting(WarningRules.DEFAULT_PATTERN);
        String line = "warning: " + "x".repeat(1014);
        for (int i = 0; i < 2000; i++) {
            counting.line(Source.STDOUT, line);
        }

        assertThat(counting.count()).isEqualTo(2000);
        List<String> kept = counting.text().lines().toList();
        assertThat(kept).hasSize(1025).startsWith(line);
        assertThat(kept.getLast()).isEqualTo("and 976 more, which are in the command's log");
    }

    @Test
    void a_file_of_suppressions_has_one_in_each_line() throws Exception {
        assertThat(
                        SuppressionFile.read(
                                "known",
                                """
                                # those of third parties

                                queue.c : .*possible loss of data.* : 560-600
                                  tab.cpp:.*invalid access: to x.*
                                types.h : .*no friends.*: 51
                                """))
                .containsExactly(
                        new Suppression("queue.c", ".*possible loss of data.*", 560, 600),
                        new Suppression("tab.cpp", ".*invalid access: to x.*", null, null),
                        new Suppression("types.h", ".*no friends.*", 51, 51));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    no colon      | known:2: 'no colon' is not FILE_RE : WARN_RE, with : FIRST-LAST behind it or not
                    : text        | known:2: ': text' is not FILE_RE : WARN_RE
                    a.c : [       | known:2: '[' is not a regular expression: missing closing ]
                    """)
    void a_wrong_line_of_it_is_told(String line, String message) {
        assertThatThrownBy(() -> SuppressionFile.read("known", "a : b\n" + line))
                .isInstanceOf(StepAbortedException.class)
                .hasMessageContaining(message);
    }
}
