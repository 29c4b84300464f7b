package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.scheduler.serving.Waterfall.Bar;
import io.buildledger.scheduler.serving.Waterfall.Column;
import io.buildledger.viewing.Views;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WaterfallTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    /** Its numbers are seconds after noon. */
    private static Views.Build build(
            String builder, long number, long claimed, @Nullable Long ended) {
        return new Views.Build(
                builder,
                number,
                1,
                1,
                "b1",
                1,
                "w1",
                ended == null ? "running" : "finished",
                ended == null ? null : "SUCCESS",
                null,
                NOON.plusSeconds(claimed),
                null,
                ended == null ? null : NOON.plusSeconds(ended));
    }

    private static Waterfall of(Views.Build... builds) {
        return Waterfall.of(List.of(builds), NOON.plusSeconds(1000), 10);
    }

    @Test
    void of_no_builds_there_is_an_empty_one() {
        Waterfall empty = of();

        assertThat(empty.bars()).isEmpty();
        assertThat(empty.marks()).isEmpty();
    }

    @Test
    void what_was_at_the_same_time_is_beside_each_other() {
        Waterfall both = of(build("a", 1, 0, 100L), build("b", 1, 0, 100L));

        assertThat(both.columns()).extracting(Column::builder).containsExactly("a", "b");
        assertThat(both.bars().getFirst().y()).isEqualTo(both.bars().getLast().y());
        assertThat(both.bars().getFirst().height()).isEqualTo(both.bars().getLast().height());
        assertThat(both.bars().getFirst().x()).isNotEqualTo(both.bars().getLast().x());
    }

    @Test
    void what_runs_is_on_top_and_reaches_down_to_when_it_was_claimed() {
        Waterfall some = of(build("b", 1, 490, 500L), build("a", 2, 500, null));

        Bar running = some.bars().getFirst();
        Bar ended = some.bars().getLast();
        assertThat(running.y()).isLessThan(ended.y());
        assertThat(running.y() + running.height()).isLessThanOrEqualTo(ended.y());
    }

    @Test
    void a_minute_is_told_once() {
        Waterfall some = of(build("a", 1, 10, 20L), build("a", 2, 30, 50L), build("a", 3, 70, 80L));

        assertThat(some.marks())
                .filteredOn(Waterfall.Mark::isOfNewMinute)
                .extracting(Waterfall.Mark::at)
                .containsExactly(NOON.plusSeconds(80), NOON.plusSeconds(30));
    }

    @Test
    void what_a_builder_has_built_at_the_same_time_is_in_lanes_of_its_column() {
        Waterfall some =
                of(
                        build("a", 1, 0, 600L),
                        build("a", 2, 60, 540L),
                        build("a", 3, 600, 700L),
                        build("b", 1, 0, 600L));

        assertThat(some.bars())
                .extracting(Bar::x)
                .containsExactly(
                        some.columns().getFirst().x(),
                        some.columns().getFirst().x() + Waterfall.COLUMN,
                        some.columns().getFirst().x(),
                        some.columns().getLast().x());
        assertThat(some.columns().getLast().x())
                .isEqualTo(some.columns().getFirst().x() + 2 * Waterfall.COLUMN);
    }

    @Test
    void of_too_many_builders_those_have_no_column_that_built_nothing_for_long() {
        Waterfall some =
                Waterfall.of(
                        List.of(
                                build("b", 1, 0, 1L),
                                build("a", 1, 20, 21L),
                                build("c", 1, 10, 11L)),
                        NOON,
                        2);

        assertThat(some.columns()).extracting(Column::builder).containsExactly("a", "c");
        assertThat(some.bars()).hasSize(2);
        assertThat(some.moreColumns()).isOne();
    }

    @Test
    void whatever_was_built_each_bar_can_be_touched_and_none_lies_over_another() {
        Random random = new Random(1);
        List<Views.Build> builds = new ArrayList<>();
        for (String builder : List.of("a", "b", "c", "d")) {
            long free = random.nextLong(100);
            for (int number = 1; number <= 50; number++) {
                long claimed = free + (random.nextBoolean() ? 0 : random.nextLong(100_000));
                free = claimed + 1 + random.nextLong(3000) - random.nextLong(2) * 500;
                // By another clock one may have ended before it was claimed.
                long ended = random.nextInt(20) == 0 ? claimed - random.nextLong(5) : free;
                builds.add(build(builder, number, claimed, ended));
            }
        }

        Waterfall all = Waterfall.of(builds, NOON.plus(Duration.ofDays(400)), 10);

        assertThat(all.bars())
                .allSatisfy(bar -> {
                    assertThat(bar.height()).isGreaterThanOrEqualTo(Waterfall.LEAST);
                    assertThat(bar.y() + bar.height()).isLessThanOrEqualTo(all.height());
                });
        for (Bar one : all.bars()) {
            assertThat(all.bars())
                    .filteredOn(it -> !it.equals(one) && it.x() == one.x())
                    .allMatch(it ->
                            it.y() + it.height() <= one.y() || one.y() + one.height() <= it.y());
        }
    }
}
