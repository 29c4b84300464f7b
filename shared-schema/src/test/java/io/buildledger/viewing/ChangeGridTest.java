package io.buildledger.viewing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import io.buildledger.viewing.ChangeGrid.Cell;
import io.buildledger.viewing.ChangeGrid.Grid;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ChangeGridTest {

    private static final Author B1 = new Author("b1", 1);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final ChangeGrid grid = new ChangeGrid(test.jdbc);

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void each_change_has_what_builders_made_of_it() {
        long one = story.change("ann", "r1", "One");
        long two = story.change("bob", "r2", "Two");
        long none = story.change("cho", "r3", "Three");
        story.fire(List.of(one, two), "r2", "linux", "mac");
        story.build(B1, "linux", Results.FAILURE);
        Won running = story.claim(B1, "mac");
        story.start(B1, running);
        story.fire(List.of(two), "r2", "docs");
        story.project();

        Grid found = grid.of(List.of(one, two, none));

        assertThat(found.builders()).containsExactly("docs", "linux", "mac");
        assertThat(found.cell(one, "linux"))
                .isEqualTo(new Cell(1, "linux", "completed", 1L, "FAILURE"));
        assertThat(found.cell(two, "linux")).isEqualTo(found.cell(one, "linux"));
        assertThat(found.cell(two, "mac")).extracting(Cell::word).isEqualTo("running");
        assertThat(found.cell(one, "docs")).isNull();
        assertThat(found.cell(two, "docs")).extracting(Cell::requestId).isEqualTo(3L);
        assertThat(found.rows()).doesNotContainKey(none);
        assertThat(grid.of(List.of()).builders()).isEmpty();
    }

    @Test
    void of_several_requests_for_the_same_the_newest_is_shown() {
        long change = story.change("ann", "r1", "One");
        story.fire(List.of(change), "r1", "linux");
        story.build(B1, "linux", Results.FAILURE);
        story.fire(List.of(change), "r1", "linux");
        story.build(B1, "linux", Results.SUCCESS);
        story.project();

        assertThat(grid.of(List.of(change)).cell(change, "linux"))
                .isEqualTo(new Cell(2, "linux", "completed", 2L, "SUCCESS"));
    }
}
