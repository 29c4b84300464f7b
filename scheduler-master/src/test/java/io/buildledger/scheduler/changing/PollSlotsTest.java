package io.buildledger.scheduler.changing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PollSlotsTest {

    private final PollSlots slots = new PollSlots(4);
    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicInteger running = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();

    @AfterEach
    void endAll() throws Exception {
        end.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** A poll that hangs until the test ends. */
    private void hang(boolean isDoubtful) {
        threads.add(
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                slots.run(
                                        isDoubtful,
                                        () -> {
                                            running.incrementAndGet();
                                            awaitEnd();
                                        });
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        }));
    }

    private void awaitEnd() {
        try {
            assertThat(end.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitQueued(int number) {
        await().until(() ->
                threads.stream().filter(it -> it.getState() == Thread.State.WAITING).count()
                                + threads.stream()
                                        .filter(it -> it.getState() == Thread.State.TIMED_WAITING)
                                        .count()
                        == number);
    }

    @Test
    void no_more_run_at_once_than_there_are_slots() {
        for (int i = 0; i < 10; i++) {
            hang(false);
        }
        awaitQueued(10);

        assertThat(running).hasValue(4);
    }

    @Test
    void those_that_failed_before_leave_half_of_the_slots_to_the_others() throws Exception {
        for (int i = 0; i < 10; i++) {
            hang(true);
        }
        awaitQueued(10);
        assertThat(running).hasValue(2);
        AtomicInteger others = new AtomicInteger();
        slots.run(false, others::incrementAndGet);

        assertThat(others).hasValue(1);
    }
}
