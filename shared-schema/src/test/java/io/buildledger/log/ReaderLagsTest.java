package io.buildledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.buildledger.testing.CountedSession;
import io.buildledger.testing.TestLog;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ReaderLagsTest {

    private static final long EVENTS = 4096;
    private static final Follower.Reader STUCK =
            recorded -> {
                throw new IllegalStateException("reads nothing of " + recorded);
            };

    private final TestLog test = new TestLog();

    @AfterEach
    void close() {
        test.close();
    }

    private void fill() {
        test.insertRaw("master/a");
        for (long events = 1; events < EVENTS; events *= 2) {
            test.jdbc
                    .sql(
                            """
                            INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
                            SELECT CONCAT(stream, '-', :events), sequence_number, type, revision, payload, metadata
                              FROM event
                            """)
                    .param("events", events)
                    .update();
        }
    }

    @Test
    void what_the_lags_cost_does_not_depend_on_how_long_the_log_is() {
        fill();
        long head = test.log.head();
        Follower follower = new Follower("f", test.log, test.dataSource, new Author("s", 1));
        follower.add("far", () -> new Follower.Start.After(head - 4000), STUCK);
        follower.add("near", () -> new Follower.Start.After(head - 1), STUCK);
        try (Follower _ = follower.start();
                CountedSession session = new CountedSession(test)) {
            await().until(() ->
                    List.of("far", "near").stream()
                            .allMatch(it -> follower.failure(it).isPresent()));
            ReaderLags lags = new ReaderLags(test.log, session.dataSource);

            assertThat(session.rowsReadBy(lags::all)).isLessThan(30);
            assertThat(lags.all())
                    .extracting(ReaderLag::reader, ReaderLag::events)
                    .containsExactlyInAnyOrder(tuple("far", 4000L), tuple("near", 1L));
            assertThat(lags.all())
                    .extracting(ReaderLag::age)
                    .allMatch(it -> it.compareTo(Duration.ZERO) > 0);

            // What is owned and reads nothing, as the sealing.
            test.jdbc
                    .sql("INSERT INTO token (processor_name, segment) VALUES ('chain', 0)")
                    .update();
            assertThat(lags.ofCluster())
                    .extracting(ReaderLag::reader)
                    .containsExactlyInAnyOrder("far", "near");
        }
    }
}
