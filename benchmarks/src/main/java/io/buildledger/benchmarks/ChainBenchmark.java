package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.log.Entry;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.mastering.Upkeep;
import io.buildledger.replaying.ReplayProgress;
import io.buildledger.sealing.ChainVerdict;
import io.buildledger.sealing.ChainVerification;
import io.buildledger.sealing.Sealing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What it costs those who append that the log is sealed beside them: they go on appending, and for
 * some seconds it is sealed, for some it is not, in turns. A minute of the sealing's is half a
 * second here, so that what one turn has left is sealed in the next. Then the whole log is sealed
 * anew, with nothing beside it, and held against its chain.
 */
@Command(
        name = "chain",
        description = "Append events while the log is sealed and while it is not, in turns",
        mixinStandardHelpOptions = true)
final class ChainBenchmark extends Benchmark {

    /**
     * @param ratio median of the rounds, each of which has a turn of each kind
     * @param sealedPerSecond in the turns in which the log was sealed
     */
    record Run(
            String how,
            double eventsPerSecond,
            double eventsPerSecondSealed,
            double ratio,
            double lowestRatio,
            double highestRatio,
            double sealedPerSecond) {}

    /** With nothing beside it. */
    record Pass(String what, long events, double seconds, double eventsPerSecond) {}

    /**
     * How much was appended and sealed in some time.
     *
     * @param upTo index of the last event that was sealed
     */
    private record Turn(long nanos, long events, long upTo) {

        double perSecond() {
            return events * 1e9 / nanos;
        }
    }

    @FunctionalInterface
    private interface Writing {
        void write(Product product, BooleanSupplier goesOn, AtomicLong written)
                throws InterruptedException;
    }

    private static final double TARGET = 0.95;
    private static final int TIMES_AS_FAST = 120;

    @Option(
            names = "--batches",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,100",
            description = "Events a transaction, by one thread (${DEFAULT-VALUE})")
    private List<Integer> batches = List.of();

    @Option(
            names = "--submitters",
            paramLabel = "N",
            split = ",",
            defaultValue = "8,128",
            description = "Threads that submit one event at a time (${DEFAULT-VALUE})")
    private List<Integer> submitters = List.of();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "20",
            description = "How often there is a turn of each kind (${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "2",
            description = "How long a turn is (${DEFAULT-VALUE})")
    private int seconds;

    private final List<Pass> passes = new ArrayList<>();

    @Override
    void measure(Bench bench, Report report) throws InterruptedException {
        report.parameter("rounds", rounds);
        report.parameter("seconds", seconds);
        List<Run> runs = new ArrayList<>();
        for (int batch : batches) {
            runs.add(
                    run(
                            bench,
                            "one thread, %d a transaction".formatted(batch),
                            (product, goesOn, written) ->
                                    inBatches(product, goesOn, written, batch)));
        }
        for (int threads : submitters) {
            runs.add(
                    run(
                            bench,
                            "group commit, %d submitters".formatted(threads),
                            (product, goesOn, written) ->
                                    inGroups(product, goesOn, written, threads)));
        }
        report.section("runs", runs);
        report.section("passes", passes);
        for (Run run : runs) {
            report.atLeast(run.how() + ", sealed against not", TARGET, run.ratio());
        }
    }

    private Run run(Bench bench, String how, Writing writing) throws InterruptedException {
        Database database = bench.fresh();
        try (Product product = new Product(database);
                Observer observer = new Observer(database)) {
            AtomicBoolean isOver = new AtomicBoolean();
            AtomicLong written = new AtomicLong();
            Thread writer =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    writing.write(product, () -> !isOver.get(), written);
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            });
            Run run = turns(bench, how, new Turns(sealing(product), observer, written));
            isOver.set(true);
            writer.join();
            sealAndVerify(product, database, written.get());
            return run;
        } finally {
            bench.drop(database);
        }
    }

    private final class Turns {
        private final Sealing sealing;
        private final Observer observer;
        private final AtomicLong written;

        Turns(Sealing sealing, Observer observer, AtomicLong written) {
            this.sealing = sealing;
            this.observer = observer;
            this.written = written;
        }

        Turn take(boolean isSealed) throws InterruptedException {
            try (Upkeep loop =
                    new Upkeep(
                            "sealing",
                            sealing::sealNext,
                            Sealing.INTERVAL.dividedBy(TIMES_AS_FAST))) {
                if (isSealed) {
                    loop.start();
                }
                long before = written.get();
                long begun = System.nanoTime();
                Thread.sleep(Duration.ofSeconds(seconds));
                return new Turn(
                        System.nanoTime() - begun, written.get() - before, sealedUpTo(observer));
            }
        }
    }

    private Run turns(Bench bench, String how, Turns turns) throws InterruptedException {
        // Compilers and caches, and what the first sealed turn finds to seal.
        turns.take(false);
        turns.take(true);
        long upTo = turns.take(true).upTo();
        List<Turn> without = new ArrayList<>();
        List<Turn> with = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            // Whichever is second meets a longer log.
            boolean isSealedFirst = round % 2 == 1;
            Turn first = turns.take(isSealedFirst);
            Turn second = turns.take(!isSealedFirst);
            without.add(isSealedFirst ? second : first);
            with.add(isSealedFirst ? first : second);
            ratios.add(with.getLast().perSecond() / without.getLast().perSecond());
            bench.tell(
                    "%s: %,.0f a second, sealed %,.0f: %.3f"
                            .formatted(
                                    how,
                                    without.getLast().perSecond(),
                                    with.getLast().perSecond(),
                                    ratios.getLast()));
        }
        Turn plain = sum(without);
        Turn sealed = sum(with);
        return new Run(
                how,
                plain.perSecond(),
                sealed.perSecond(),
                Percentiles.of(ratios).median(),
                ratios.stream().mapToDouble(Double::doubleValue).min().orElse(0),
                ratios.stream().mapToDouble(Double::doubleValue).max().orElse(0),
                (sealed.upTo() - upTo) * 1e9 / sealed.nanos());
    }

    private static Turn sum(List<Turn> turns) {
        return new Turn(
                turns.stream().mapToLong(Turn::nanos).sum(),
                turns.stream().mapToLong(Turn::events).sum(),
                turns.getLast().upTo());
    }

    private static long sealedUpTo(Observer observer) {
        return observer.jdbc()
                .sql("SELECT COALESCE(MAX(last_index), 0) FROM event_chain")
                .query(Long.class)
                .single();
    }

    private static Sealing sealing(Product product) {
        return new Sealing(
                product.log,
                product.dataSource,
                product.author,
                () -> System.nanoTime() * TIMES_AS_FAST);
    }

    private void sealAndVerify(Product product, Database database, long events)
            throws InterruptedException {
        JdbcClient.create(product.dataSource).sql("DELETE FROM event_chain").update();
        Sealing sealing = sealing(product);
        // It begins the chain, and sees how long the log is.
        for (int looks = 0; looks < 2; looks++) {
            sealing.sealNext();
        }
        Thread.sleep(Duration.ofSeconds(2));
        long begun = System.nanoTime();
        boolean more;
        do {
            more = sealing.sealNext();
        } while (more);
        passes.add(pass("seal", events, begun));
        begun = System.nanoTime();
        ChainVerdict verdict =
                ChainVerification.of(database, List.of(), false, ReplayProgress.NONE);
        passes.add(pass("verify --chain", verdict.events(), begun));
        if (verdict.violationsInAll() > 0) {
            throw new RunFailedException(
                    "the log is not what was sealed: " + verdict.violations().getFirst());
        }
    }

    private static Pass pass(String what, long events, long begun) {
        double took = (System.nanoTime() - begun) / 1e9;
        return new Pass(what, events, took, events / took);
    }

    private static void inBatches(
            Product product, BooleanSupplier goesOn, AtomicLong written, int batch) {
        while (goesOn.getAsBoolean()) {
            List<Entry> entries = new ArrayList<>();
            for (int i = 0; i < batch; i++) {
                entries.add(claimed(written.get() + i));
            }
            product.log.inTransaction(() -> product.log.append(product.author, null, entries));
            written.addAndGet(batch);
        }
    }

    private static void inGroups(
            Product product, BooleanSupplier goesOn, AtomicLong written, int threads)
            throws InterruptedException {
        AtomicLong next = new AtomicLong();
        try (GroupCommit commit = new GroupCommit(product.log, product.author);
                ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> submitters = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                submitters.add(
                        executor.submit(() -> {
                            while (goesOn.getAsBoolean()) {
                                commit.submit(Submission.of(claimed(next.getAndIncrement()))).get();
                                written.incrementAndGet();
                            }
                            return true;
                        }));
            }
            for (Future<?> submitter : submitters) {
                submitter.get();
            }
        } catch (ExecutionException e) {
            throw new RunFailedException("a submission failed: " + e.getCause(), e);
        }
    }

    private static Entry claimed(long request) {
        return Entry.of(
                1,
                new BuildRequestClaimed(
                        request,
                        "b1",
                        request,
                        "bench",
                        1,
                        1,
                        "w1",
                        "0123456789abcdef",
                        null,
                        null));
    }
}
