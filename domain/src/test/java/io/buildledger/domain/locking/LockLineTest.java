package io.buildledger.domain.locking;

import static io.buildledger.domain.locking.LockLine.Standing.EXPECTED;
import static io.buildledger.domain.locking.LockLine.Standing.HOLDING;
import static io.buildledger.domain.locking.LockLine.Standing.WAITING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.buildledger.domain.locking.LockLine.Place;
import io.buildledger.domain.locking.LockLine.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LockLineTest {

    private static final int MAX = 3;

    private static LockUse all() {
        return new LockUse("deploy", LockMode.EXCLUSIVE, 1, MAX);
    }

    private static LockUse some(int count) {
        return new LockUse("deploy", LockMode.COUNTING, count, MAX);
    }

    /** Places in the order of their tickets, from 0. */
    private static List<Place> line(Object... standingsAndUses) {
        List<Place> line = new ArrayList<>();
        for (int i = 0; i < standingsAndUses.length; i += 2) {
            line.add(
                    new Place(
                            i / 2,
                            (LockUse) standingsAndUses[i + 1],
                            (Standing) standingsAndUses[i],
                            false));
        }
        return line;
    }

    static Stream<Arguments> lines() {
        return Stream.of(
                arguments("nobody wants it", line(), List.of()),
                arguments("it is free", line(WAITING, all()), List.of(0L)),
                arguments("one holds all of it", line(HOLDING, all(), WAITING, all()), List.of()),
                arguments(
                        "one holds all of it, one wants some",
                        line(HOLDING, all(), WAITING, some(1)),
                        List.of()),
                arguments(
                        "one holds some, one wants all",
                        line(HOLDING, some(1), WAITING, all()),
                        List.of()),
                arguments(
                        "as many as fit",
                        line(WAITING, some(1), WAITING, some(2), WAITING, some(1)),
                        List.of(0L, 1L)),
                arguments(
                        "what is held counts",
                        line(HOLDING, some(2), WAITING, some(1), WAITING, some(1)),
                        List.of(1L)),
                arguments(
                        "nobody passes who wants less",
                        line(HOLDING, some(2), WAITING, some(2), WAITING, some(1)),
                        List.of()),
                arguments(
                        "nobody passes who wants all",
                        line(HOLDING, some(1), WAITING, all(), WAITING, some(1)),
                        List.of()),
                arguments(
                        "the first of several who want all",
                        line(WAITING, all(), WAITING, all(), WAITING, some(1)),
                        List.of(0L)),
                arguments(
                        "it is kept for a builder that is expected",
                        line(EXPECTED, all(), WAITING, some(1)),
                        List.of()),
                arguments(
                        "what is not kept is given",
                        line(EXPECTED, some(1), WAITING, some(2), WAITING, some(1)),
                        List.of(1L)),
                arguments(
                        "a builder that is expected and does not fit holds up those behind",
                        line(HOLDING, some(2), EXPECTED, some(2), WAITING, some(1)),
                        List.of()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lines")
    void the_lock_is_given_in_the_order_of_tickets(
            String what, List<Place> line, List<Long> expected) {
        assertThat(LockLine.grantable(line).stream().map(Place::ticket).toList())
                .as(what)
                .isEqualTo(expected);
    }

    @Test
    void those_who_ask_by_a_smaller_count_wait_until_it_fits() {
        LockUse oneOfOne = new LockUse("deploy", LockMode.COUNTING, 1, 1);

        assertThat(LockLine.grantable(line(HOLDING, some(1), WAITING, oneOfOne))).isEmpty();
        assertThat(LockLine.grantable(line(HOLDING, oneOfOne, WAITING, some(2)))).hasSize(1);
    }

    @Test
    void whoever_comes_now_is_admitted_behind_those_before_it_and_passes_those_after_it() {
        List<Place> line = line(HOLDING, some(1), EXPECTED, all(), WAITING, some(1));

        assertThat(LockLine.admits(line, 3, some(1))).as("behind all").isFalse();
        assertThat(LockLine.admits(line, 0, some(1))).as("before those who wait").isTrue();
        assertThat(LockLine.admits(line(WAITING, some(2)), 1, some(1))).as("beside").isTrue();
        assertThat(LockLine.admits(line(WAITING, some(2)), 1, some(2))).as("too much").isFalse();
    }

    /** The same line, with a build behind the ticket that holds locks. */
    private static List<Place> withLocks(List<Place> line, long ticket) {
        return line.stream()
                .map(it -> new Place(it.ticket(), it.use(), it.standing(), it.ticket() == ticket))
                .toList();
    }

    static Stream<Arguments> linesWithLocks() {
        return Stream.of(
                arguments(
                        "it does not wait for a builder that holds nothing",
                        line(EXPECTED, all(), WAITING, all()),
                        1,
                        List.of(1L)),
                arguments(
                        "but for who holds it",
                        line(HOLDING, all(), EXPECTED, all(), WAITING, all()),
                        2,
                        List.of()),
                arguments(
                        "and for those that wait before it, who don't wait for the builder either",
                        line(EXPECTED, all(), WAITING, all(), WAITING, all()),
                        2,
                        List.of(1L)),
                arguments(
                        "those behind it do wait for the builder",
                        line(EXPECTED, some(3), WAITING, some(1), WAITING, some(1)),
                        1,
                        List.of(1L)),
                arguments(
                        "what is left is kept for the builder, and given to those behind it",
                        line(EXPECTED, some(1), WAITING, some(1), WAITING, some(1)),
                        1,
                        List.of(1L, 2L)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("linesWithLocks")
    void one_whose_build_holds_locks_goes_before_builders_that_are_expected(
            String what, List<Place> line, long ticket, List<Long> expected) {
        assertThat(LockLine.grantable(withLocks(line, ticket)).stream().map(Place::ticket).toList())
                .as(what)
                .isEqualTo(expected);
    }

    @Test
    void a_builder_that_comes_now_does_not_pass_one_whose_build_holds_locks() {
        List<Place> line = line(HOLDING, some(1), EXPECTED, some(1), WAITING, some(3));

        assertThat(LockLine.admits(line, 0, some(1))).isTrue();
        assertThat(LockLine.admits(withLocks(line, 2), 0, some(1))).isFalse();
    }

    @Test
    void one_that_has_to_wait_may_wait_for_a_builder_that_is_expected_before_it() {
        List<Place> line = line(HOLDING, some(1), EXPECTED, all());

        assertThat(LockLine.isBehindExpected(line, 2, some(1))).isTrue();
        assertThat(LockLine.isBehindExpected(line, 1, all())).as("the holder alone").isFalse();
        assertThat(LockLine.isBehindExpected(line(EXPECTED, some(1)), 1, some(1)))
                .as("it has not to wait")
                .isFalse();
    }

    /** Everybody who comes is served, in order, and never more is held than there is. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void random_comings_and_goings_keep_the_promises(long seed) {
        Random random = new Random(seed);
        List<Place> line = new ArrayList<>();
        List<Long> served = new ArrayList<>();
        long next = 0;
        while (next < 500 || !line.isEmpty()) {
            if (next < 500 && random.nextInt(3) > 0) {
                LockUse use = random.nextInt(4) == 0 ? all() : some(1 + random.nextInt(MAX));
                line.add(new Place(next++, use, WAITING, false));
            } else {
                List<Place> holders = line.stream().filter(it -> it.standing() == HOLDING).toList();
                assertThat(line.isEmpty() || !holders.isEmpty()).as("somebody is served").isTrue();
                if (!holders.isEmpty()) {
                    line.remove(holders.get(random.nextInt(holders.size())));
                }
            }
            for (Place given : LockLine.grantable(line)) {
                line.set(
                        line.indexOf(given), new Place(given.ticket(), given.use(), HOLDING, true));
                served.add(given.ticket());
            }
            assertHeldAtMostOnce(line);
        }
        assertThat(served).hasSize(500).isSorted();
    }

    private static void assertHeldAtMostOnce(List<Place> line) {
        List<LockUse> held =
                line.stream().filter(it -> it.standing() == HOLDING).map(Place::use).toList();
        if (held.stream().anyMatch(use -> use.mode() == LockMode.EXCLUSIVE)) {
            assertThat(held).hasSize(1);
        } else {
            assertThat(held.stream().mapToInt(LockUse::count).sum()).isLessThanOrEqualTo(MAX);
        }
    }
}
