package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.buildledger.scheduler.supposing.Answer;
import io.buildledger.scheduler.supposing.Answer.Sum;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SuppositionsTest {

    private static final Sum NONE = new Sum(0, 0, null, 0);
    private static final Answer ANSWER =
            new Answer(
                    Instant.EPOCH,
                    Instant.EPOCH,
                    1,
                    0,
                    List.of(),
                    List.of(),
                    List.of(),
                    NONE,
                    NONE,
                    List.of(),
                    List.of(),
                    List.of());

    @Test
    void what_takes_too_long_is_interrupted_and_until_it_has_ended_nothing_else_is_answered()
            throws InterruptedException {
        Suppositions suppositions = new Suppositions(Duration.ofMillis(20));
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);

        assertThatThrownBy(() ->
                        suppositions.ask(() -> {
                            try {
                                new CountDownLatch(1).await();
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                            }
                            mayEnd.await();
                            return ANSWER;
                        }))
                .isInstanceOf(BadParameterException.class)
                .hasMessageContaining("since: to look at that time takes more than")
                .hasMessageContaining("bin/buildledger what-if");
        interrupted.await();
        assertThatThrownBy(() -> suppositions.ask(() -> ANSWER))
                .isInstanceOf(TooManyAtOnceException.class);

        mayEnd.countDown();
        await().ignoreException(TooManyAtOnceException.class)
                .until(() -> suppositions.ask(() -> ANSWER).equals(ANSWER));
    }

    @Test
    void a_failure_is_told_to_who_asks_and_the_next_question_is_answered()
            throws InterruptedException {
        Suppositions suppositions = new Suppositions(Duration.ofMinutes(1));

        assertThatThrownBy(() ->
                        suppositions.ask(() -> {
                            throw new NotThereException("it is empty");
                        }))
                .isInstanceOf(NotThereException.class);

        Answer[] answer = new Answer[1];
        await().ignoreException(TooManyAtOnceException.class)
                .until(() -> (answer[0] = suppositions.ask(() -> ANSWER)) != null);
        assertThat(answer[0]).isEqualTo(ANSWER);
    }
}
