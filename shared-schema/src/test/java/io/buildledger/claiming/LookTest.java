package io.buildledger.claiming;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.BuildRequestQueue.Offer;
import io.buildledger.claiming.Look.Assigned;
import io.buildledger.domain.requesting.BuildRequestEvent.Choice;
import io.buildledger.testing.TestWorkers;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LookTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private static Offer offer(long id, String builder, int priority, int secondsAfterNoon) {
        return new Offer(id, 1, builder, priority, NOON.plusSeconds(secondsAfterNoon), 0, 1, null);
    }

    private static Look look(Offer... offers) {
        return new Look(Stream.of(offers).sorted(Offer.ORDER).toList());
    }

    /** Any of them builds both builders. */
    private static TestWorkers workers(String... names) {
        return new TestWorkers(List.of("linux", "docs"), List.of(names));
    }

    @Test
    void the_order_is_priority_then_age_then_number_over_all_builders() {
        Look look =
                look(
                        offer(1, "linux", 0, 0),
                        offer(2, "docs", 0, 0),
                        offer(3, "linux", 0, -1),
                        offer(4, "docs", 5, 9),
                        offer(5, "linux", -1, -9));

        assertThat(look.seen()).extracting(Offer::requestId).containsExactly(4L, 3L, 1L, 2L, 5L);
    }

    @Test
    void the_first_get_the_workers_whatever_their_builders() {
        Look look =
                look(
                        offer(1, "linux", 0, 0),
                        offer(2, "linux", 0, 1),
                        offer(3, "docs", 1, 2),
                        offer(4, "docs", 0, 3));

        assertThat(look.picks(workers("one")).counts()).isEqualTo(Map.of("docs", 1));
        assertThat(look.picks(workers("one", "two", "three")).counts())
                .isEqualTo(Map.of("docs", 1, "linux", 2));
        assertThat(look.picks(workers()).counts()).isEmpty();
    }

    private record OnlyDocs() implements FreeWorkers {

        @Override
        public Map<String, Integer> ofBuilders() {
            return Map.of("docs", 1);
        }

        @Override
        public FreeWorkers copy() {
            return this;
        }

        @Override
        public List<String> candidates(String builder) {
            return builder.equals("docs") ? List.of("one") : List.of();
        }

        @Override
        public void assign(String builder, String worker) {
            // There is always another.
        }
    }

    @Test
    void an_offer_without_a_worker_does_not_hold_up_the_next() {
        assertThat(
                        look(offer(1, "linux", 9, 0), offer(2, "docs", 0, 0))
                                .picks(new OnlyDocs())
                                .counts())
                .isEqualTo(Map.of("docs", 1));
    }

    @Test
    void what_was_taken_is_assigned_in_order_and_no_more_than_there_are_workers_for() {
        Offer first = offer(1, "linux", 0, 0);
        Offer second = offer(2, "docs", 0, 1);
        Offer third = offer(3, "linux", 0, 2);
        TestWorkers workers = workers("one", "two");

        assertThat(look().assign(List.of(first, second, third), workers, LockTurns.FREE))
                .containsExactly(
                        new Assigned(first, "one", List.of()),
                        new Assigned(second, "two", List.of()));
        assertThat(workers.ofBuilders()).as("tried on a copy").containsEntry("linux", 2);
    }

    @Test
    void a_choice_tells_the_place_among_what_was_seen_and_the_first_that_was_left() {
        Offer first = offer(1, "linux", 0, 0);
        Offer second = offer(2, "docs", 0, 1);
        Offer third = offer(3, "linux", 0, 2);

        assertThat(look(first, second, third).choices(List.of(first, second)))
                .isEqualTo(Map.of(1L, new Choice(1, 3, 3L), 2L, new Choice(2, 3, 3L)));
        assertThat(look(first).choices(List.of(first)))
                .isEqualTo(Map.of(1L, new Choice(1, 1, null)));
    }

    @Test
    void what_another_master_took_meanwhile_counts_as_left() {
        Offer lost = offer(1, "linux", 0, 0);
        Offer taken = offer(2, "linux", 0, 1);
        Offer last = offer(3, "linux", 0, 2);

        assertThat(look(lost, taken, last).choices(List.of(taken)))
                .isEqualTo(Map.of(2L, new Choice(2, 3, 3L)));
    }

    @Test
    void an_offer_that_came_after_the_look_has_its_place_in_the_order_too() {
        Offer seen = offer(1, "linux", 0, 0);
        Offer later = offer(2, "linux", 7, 5);

        assertThat(look(seen).choices(List.of(later))).isEqualTo(Map.of(2L, new Choice(1, 2, 1L)));
    }

    @Test
    void an_offer_that_lost_its_priority_after_the_look_was_chosen_for_what_it_had() {
        Offer seen = offer(1, "linux", 10, 0);
        Offer next = offer(2, "linux", 5, 1);

        assertThat(look(seen, next).choices(List.of(offer(1, "linux", 1, 0))))
                .isEqualTo(Map.of(1L, new Choice(1, 2, 2L)));
    }
}
