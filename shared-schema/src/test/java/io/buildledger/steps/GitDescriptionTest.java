package io.buildledger.steps;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GitDescriptionTest {

    @ParameterizedTest
    @CsvSource({
        "          , HEAD",
        "false     , HEAD",
        "true      , --dirty",
        "''        , --dirty",
        "-changed  , --dirty=-changed"
    })
    void what_is_dirty_is_the_work_directory_and_no_commit(String dirty, String last) {
        assertThat(
                        new GitDescription(
                                        false, false, false, false, false, false, false, false,
                                        null, null, null, null, dirty)
                                .words())
                .isEqualTo(List.of("describe", last));
    }

    @Test
    void each_option_is_one_word() {
        assertThat(
                        new GitDescription(
                                        true, true, true, true, true, true, true, true, "v*", "--x",
                                        0, 7, null)
                                .words())
                .containsExactly(
                        "describe",
                        "--all",
                        "--always",
                        "--contains",
                        "--debug",
                        "--long",
                        "--exact-match",
                        "--first-parent",
                        "--tags",
                        "--match=v*",
                        "--exclude=--x",
                        "--abbrev=0",
                        "--candidates=7",
                        "HEAD");
    }
}
