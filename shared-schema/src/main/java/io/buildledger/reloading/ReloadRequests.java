package io.buildledger.reloading;

import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.log.Answers;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Asked;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Asks masters to read their configuration files again. What was asked is in the log when a call
 * returns; the master does it when it hears of it, as long as it lives.
 */
public final class ReloadRequests {

    /** What came of it. */
    public sealed interface Outcome {

        /**
         * @param differences from the file before, one a line; none if it says the same
         */
        record Reloaded(List<String> differences) implements Outcome {}

        /** The master goes on as before, for these reasons. */
        record Refused(List<String> problems) implements Outcome {}

        /** The master has not come to it yet. */
        record Pending() implements Outcome {}

        /** The master's life has ended before it came to it. */
        record Over() implements Outcome {}

        /** No living master has this name; nothing was asked. */
        record NotLiving() implements Outcome {}
    }

    private final Answers answers;
    private final MasterRegistry registry;
    private final Runnable onAsked;

    /**
     * @param onAsked runs when something was asked, perhaps of this master itself, which no hint
     *     tells; it must return at once
     * @param nanoTime as of {@link System#nanoTime}
     */
    public ReloadRequests(
            EventLog log, MasterRegistry registry, Runnable onAsked, LongSupplier nanoTime) {
        this.answers = new Answers(log, nanoTime);
        this.registry = registry;
        this.onAsked = onAsked;
    }

    /**
     * Asks a master, and waits for what comes of it.
     *
     * @param patience how long at most
     */
    public Outcome askAndWait(Author author, String master, String requestedBy, Duration patience)
            throws InterruptedException {
        Optional<Asked> asked = registry.askToReload(author, master, requestedBy);
        if (asked.isEmpty()) {
            return new Outcome.NotLiving();
        }
        onAsked.run();
        String stream = Streams.master(master);
        String id = stream + "@" + asked.get().sequence();
        return answers.await(
                        stream,
                        asked.get().sequence(),
                        patience,
                        recorded -> outcome(recorded, id, asked.get().epoch()))
                .orElseGet(Outcome.Pending::new);
    }

    private static Optional<Outcome> outcome(Recorded recorded, String id, long epoch) {
        boolean isAnswer = id.equals(recorded.metadata().get("cause"));
        return switch (recorded.event()) {
            case ConfigurationReloaded reloaded when isAnswer ->
                    Optional.of(new Outcome.Reloaded(reloaded.differences()));
            case ConfigurationReloadRefused refused when isAnswer ->
                    Optional.of(new Outcome.Refused(refused.problems()));
            case MasterStopped stopped when stopped.epoch() == epoch ->
                    Optional.of(new Outcome.Over());
            case MasterLost lost when lost.epoch() == epoch -> Optional.of(new Outcome.Over());
            default -> Optional.empty();
        };
    }
}
