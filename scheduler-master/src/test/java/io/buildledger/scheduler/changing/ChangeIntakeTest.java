package io.buildledger.scheduler.changing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.log.Author;
import io.buildledger.testing.TestLog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ChangeIntakeTest {

    private final TestLog test = new TestLog();
    private final ChangeIntake intake =
            new ChangeIntake(test.log, test.numbers, new Author("s", 1));

    @AfterEach
    void close() {
        test.close();
    }

    private static NewChange change(String author) {
        return new NewChange(
                "repo",
                "main",
                null,
                "",
                "",
                null,
                author,
                "",
                List.of(),
                null,
                Instant.EPOCH,
                Map.of(),
                "base");
    }

    @Test
    void more_senders_at_a_time_than_there_are_connections_are_all_taken_in() throws Exception {
        int senders = 4 * test.dataSource.getMaximumPoolSize();
        CyclicBarrier together = new CyclicBarrier(senders);
        List<Future<Long>> taken = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(senders)) {
            for (int sender = 0; sender < senders; sender++) {
                String author = "sender " + sender;
                taken.add(
                        threads.submit(() -> {
                            together.await();
                            return intake.take(change(author));
                        }));
            }
        }

        TreeSet<Long> ids = new TreeSet<>();
        for (Future<Long> one : taken) {
            ids.add(one.get());
        }
        assertThat(ids).hasSize(senders).first().isEqualTo(1L);
        assertThat(ids.last()).isEqualTo(senders);
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'change-received'"))
                .isEqualTo(senders);
    }
}
