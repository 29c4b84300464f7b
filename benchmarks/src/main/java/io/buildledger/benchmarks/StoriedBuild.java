package io.buildledger.benchmarks;

import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import io.buildledger.numbering.Numbers;
import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.testing.GrownFarm;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A build of a grown farm of which the log tells all: a change, its request, twenty steps with
 * logs.
 */
record StoriedBuild(String builder, long number, long request, long change) {

    private static final int STEPS = 20;
    private static final int LINES = 2_000;
    private static final int LINES_AT_ONCE = 200;
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final String REVISION = "0123456789abcdef0123456789abcdef01234567";
    private static final SourceStamp STAMP =
            new SourceStamp("https://git.example.org/app.git", "main", REVISION, "app", "");

    /** Writes it after all that the farm has. */
    static StoriedBuild write(Product product, GrownFarm farm) {
        Numbers numbers = product.numbers;
        String builder = ClusterFile.builder(1);
        int taken = farm.builds() + farm.running() + farm.pending();
        numbers.take(Numbers.CHANGE, farm.changes());
        numbers.take(Numbers.BUILDSET, farm.changes());
        numbers.take(Numbers.BUILD_REQUEST, taken);
        numbers.take(Numbers.builds(builder), taken / farm.builders() + 1);
        StoriedBuild build =
                new StoriedBuild(
                        builder,
                        numbers.take(Numbers.builds(builder), 1),
                        numbers.take(Numbers.BUILD_REQUEST, 1),
                        numbers.take(Numbers.CHANGE, 1));
        List<Entry> entries = build.entries(numbers.take(Numbers.BUILDSET, 1), product);
        product.log.inTransaction(() -> product.log.append(product.author, null, entries));
        build.writeLogs(new StepLogs(JdbcClient.create(product.dataSource)));
        return build;
    }

    private List<Entry> entries(long buildset, Product product) {
        List<Entry> entries = new ArrayList<>();
        entries.add(
                new Entry(
                        Streams.change(change),
                        0,
                        new ChangeReceived(
                                change,
                                STAMP.repository(),
                                "main",
                                REVISION,
                                "app",
                                "",
                                null,
                                "dev1 <dev1@example.org>",
                                "Say why",
                                List.of("README.md"),
                                null,
                                AT,
                                Map.of(),
                                "git_poller")));
        entries.add(
                new Entry(
                        Streams.buildset(buildset),
                        0,
                        new BuildsetSubmitted(
                                buildset,
                                "main",
                                1,
                                "scheduler main fired for 1 change",
                                List.of(STAMP),
                                List.of(change),
                                Map.of(),
                                Map.of(builder, request),
                                AT,
                                false,
                                null,
                                null,
                                null)));
        entries.add(Entry.of(0, new BuildRequested(request, buildset, builder, 0, AT, null)));
        entries.add(
                Entry.of(
                        1,
                        new BuildRequestClaimed(
                                request,
                                builder,
                                number,
                                product.author.master(),
                                product.author.epoch(),
                                1,
                                "w1",
                                "0123456789ab",
                                3,
                                null)));
        entries.add(Entry.of(2, new BuildStarted(request, 1)));
        for (int step = 1; step <= STEPS; step++) {
            entries.add(
                    ofBuild(2 * step - 2, new StepStarted(builder, number, step, "test " + step)));
            entries.add(
                    ofBuild(
                            2 * step - 1,
                            new StepFinished(
                                    builder,
                                    number,
                                    step,
                                    Results.SUCCESS,
                                    0,
                                    "all is well",
                                    null)));
        }
        entries.add(
                Entry.of(3, new BuildRequestCompleted(request, 1, Results.SUCCESS, "all is well")));
        return entries;
    }

    private Entry ofBuild(long sequence, Object event) {
        return new Entry(Streams.build(builder, number), sequence, event);
    }

    private void writeLogs(StepLogs logs) {
        for (int step = 1; step <= STEPS; step++) {
            long log = logs.open(builder, number, step, "stdio");
            for (int first = 0; first < LINES; first += LINES_AT_ONCE) {
                logs.append(
                        log,
                        first,
                        IntStream.range(first, first + LINES_AT_ONCE)
                                .mapToObj(line ->
                                        new Line(
                                                Source.STDOUT,
                                                "PASS test %d of a thing that was mended"
                                                        .formatted(line)))
                                .toList());
            }
            logs.finish(log);
        }
    }
}
