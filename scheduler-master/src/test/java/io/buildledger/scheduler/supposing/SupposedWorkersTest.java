package io.buildledger.scheduler.supposing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.choosing.NextBuild;
import io.buildledger.domain.choosing.NextWorker;
import io.buildledger.scheduler.supposing.Farm.Line;
import io.buildledger.scheduler.supposing.Farm.Machine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Workers are written {@code w:2}, with the number of their builds at once; builders {@code
 * a=w,v:1}, with their workers, the number of builds at once, and {@code !} if the newest goes
 * first; requests {@code 1a@0/10}, with their number, builder, second of submission and seconds
 * that they take, and {@code ^5} for a priority or {@code <8} for a timeout. What comes of it is
 * {@code 1:w@0}, the worker and the second at which it begins; {@code 1:x} if it never does.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SupposedWorkersTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Pattern REQUEST =
            Pattern.compile("([0-9]+)([a-z])@([0-9]+)/([0-9]+)(?:\\^([0-9]+))?(?:<([0-9]+))?");

    private final Agenda agenda = new Agenda(START);
    private final List<SupposedRequest> requests = new ArrayList<>();
    private final List<String> ends = new ArrayList<>();

    private SupposedWorkers workers(String machines, String builders) {
        SequencedMap<String, Machine> all = new LinkedHashMap<>();
        for (String text : machines.split(" ", -1)) {
            String[] parts = text.split(":", -1);
            all.put(
                    parts[0],
                    new Machine(parts[0], parts[0], Integer.parseInt(parts[1]), Map.of("c", 2)));
        }
        Map<String, Line> lines = new TreeMap<>();
        for (String text : builders.split(" ", -1)) {
            String[] parts = text.replace("!", "").split("[=:]", -1);
            lines.put(
                    parts[0],
                    new Line(
                            List.of(parts[1].split(",", -1)),
                            parts.length > 2 ? Integer.valueOf(parts[2]) : null,
                            text.endsWith("!") ? NextBuild.NEWEST_FIRST : NextBuild.IN_ORDER,
                            NextWorker.FIRST_FREE));
        }
        return new SupposedWorkers(
                new Farm(all, lines),
                agenda,
                (request, results, isBuilt) ->
                        ends.add(
                                "%d %s%s@%d"
                                        .formatted(
                                                request.id(),
                                                results,
                                                isBuilt ? "" : " unbuilt",
                                                second(agenda.now()))));
    }

    private static long second(Instant at) {
        return Duration.between(START, at).toSeconds();
    }

    private static @Nullable Integer number(@Nullable String text) {
        return text == null ? null : Integer.valueOf(text);
    }

    private void offer(SupposedWorkers workers, String text) {
        Matcher matcher = REQUEST.matcher(text);
        assertThat(matcher.matches()).as(text).isTrue();
        Integer priority = number(matcher.group(5));
        Integer timeout = number(matcher.group(6));
        Instant at = START.plusSeconds(Long.parseLong(matcher.group(3)));
        SupposedRequest request =
                new SupposedRequest(
                        Long.parseLong(matcher.group(1)),
                        matcher.group(2),
                        priority == null ? 0 : priority,
                        at,
                        timeout == null ? null : Duration.ofSeconds(timeout),
                        Duration.ofSeconds(Long.parseLong(matcher.group(4))),
                        Results.SUCCESS,
                        null,
                        false);
        requests.add(request);
        agenda.put(at, () -> workers.offer(request));
    }

    private static String outcome(SupposedRequest request) {
        Instant startedAt = request.startedAt();
        return startedAt == null
                ? request.id() + ":x"
                : "%d:%s@%d"
                        .formatted(
                                request.id(),
                                request.machine() == null ? "-" : request.machine(),
                                second(startedAt));
    }

    @ParameterizedTest(name = "{0} | {1} | {2} gives {3}")
    @CsvSource(
            delimiter = '|',
            value = {
                // Who is free takes what is next.
                "w:1     | a=w       | 1a@0/10 2a@0/10 3a@5/10  | 1:w@0 2:w@10 3:w@20",
                "w:1 v:1 | a=w,v     | 1a@0/10 2a@0/10 3a@5/10  | 1:w@0 2:v@0 3:w@10",
                "w:1 v:1 | a=v,w     | 1a@0/10 2a@0/10 3a@5/10  | 1:v@0 2:w@0 3:v@10",
                // The highest priority, then the first submitted, whatever the builder.
                "w:1     | a=w b=w   | 1a@0/10 2a@1/10 3b@2/10^5 | 1:w@0 2:w@20 3:w@10",
                "w:1     | a=w b=w   | 1a@0/10 2b@1/10 3a@2/10  | 1:w@0 2:w@10 3:w@20",
                "w:1     | a=w!      | 1a@0/10 2a@1/10 3a@2/10  | 1:w@0 2:w@20 3:w@10",
                // Several builds at once, each of another builder.
                "w:2     | a=w b=w   | 1a@0/10 2b@0/10 3b@0/10  | 1:w@0 2:w@0 3:w@10",
                "w:2     | a=w       | 1a@0/10 2a@0/10          | 1:w@0 2:w@10",
                // One of c takes the place of two.
                "w:2     | a=w c=w   | 1a@0/10 2c@0/10 3a@1/10  | 1:w@0 2:w@10 3:w@20",
                // One who waits for room does not keep others from what is free for them.
                "w:1 v:1 | a=w b=v   | 1a@0/90 2a@0/10 3b@5/10  | 1:w@0 2:w@90 3:v@5",
                "w:1 v:1 | a=w,v:1   | 1a@0/10 2a@0/10          | 1:w@0 2:w@10",
                // What has waited for too long is not built.
                "w:1     | a=w       | 1a@0/10 2a@0/10<5 3a@0/10 | 1:w@0 2:x 3:w@10",
                // Nobody is known who builds d, or nobody has so much room.
                "w:1     | a=w       | 1d@3/10 2d@3/10          | 1:-@3 2:-@3",
                "w:1     | c=w       | 1c@0/10                  | 1:x"
            })
    void requests_are_taken_in_the_order_of_claims_by_who_is_free(
            String machines, String builders, String offered, String outcome) {
        SupposedWorkers workers = workers(machines, builders);
        for (String text : offered.split(" ", -1)) {
            offer(workers, text);
        }
        agenda.passAll();

        assertThat(requests)
                .extracting(SupposedWorkersTest::outcome)
                .containsExactly(outcome.split(" ", -1));
    }

    @Test
    void what_is_ended_gives_its_worker_to_the_next() {
        SupposedWorkers workers = workers("w:1", "a=w");
        offer(workers, "1a@0/10");
        offer(workers, "2a@1/10");
        offer(workers, "3a@2/10");
        agenda.put(START.plusSeconds(4), () -> workers.end(requests.get(0), Results.CANCELLED));
        agenda.put(START.plusSeconds(5), () -> workers.end(requests.get(2), Results.SKIPPED));
        agenda.passAll();

        assertThat(ends)
                .containsExactly("1 CANCELLED unbuilt@4", "3 SKIPPED unbuilt@5", "2 SUCCESS@14");
        assertThat(workers.builds("w")).isEqualTo(2);
        assertThat(workers.busyMillis("w")).isEqualTo(14_000);
        assertThat(workers.left("a")).isZero();
    }

    @Test
    void a_build_that_ran_before_has_its_worker_until_its_end() {
        SupposedWorkers workers = workers("w:1", "a=w");
        offer(workers, "1a@0/30");
        SupposedRequest running = requests.removeFirst();
        workers.occupy(running, "w", START.minusSeconds(20));
        offer(workers, "2a@0/10");
        agenda.passAll();

        assertThat(requests).extracting(SupposedWorkersTest::outcome).containsExactly("2:w@10");
    }
}
