package io.buildledger.scheduler.supposing;

import io.buildledger.claiming.Collapsing;
import io.buildledger.configuring.CollapseRequests;
import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.ConfiguredService;
import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.log.Recorded;
import io.buildledger.log.WholeLog;
import io.buildledger.replaying.PastStates;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Finds out what a configuration would have made of what the log has recorded. It only reads. */
public final class WhatIf {

    /**
     * What is asked. Of {@code since} and {@code last} one is given.
     *
     * @param since when the time begins, which is looked at
     * @param last how long it is, up to its end
     * @param until when it ends; null for the log's last event
     * @param workers how many there are in the place of those that a name stands for
     */
    public record Question(
            @Nullable Instant since,
            @Nullable Duration last,
            @Nullable Instant until,
            Map<String, Integer> workers) {

        public Question {
            workers = Map.copyOf(workers);
        }
    }

    private WhatIf() {}

    /**
     * Reads the log and lets the configuration decide. The log is read once, its times, its changes
     * and requests, and all of it before {@code since} if no snapshot is kept there.
     *
     * @throws NothingRecordedException if the log has nothing in that time
     * @throws UnknownWorkersException if nothing is called as the workers are of which another
     *     number is given
     */
    public static Answer of(Database database, ConfigurationFile file, Question question)
            throws InterruptedException {
        database.openToRead().close();
        try (ReadingConnection connection = database.connectToRead()) {
            return of(connection, file, question, Allowance.all());
        }
    }

    /**
     * The same, by a connection to a database of this program's schema. Of the file, nothing counts
     * but what it says: not where it is, and not which database it names.
     *
     * @param connection nobody else may use it meanwhile
     * @param allowance what it may take
     * @throws TooMuchException if that is not enough
     * @throws java.util.concurrent.CancellationException as {@code InterruptedException}, if this
     *     thread is interrupted
     */
    public static Answer of(
            ReadingConnection connection,
            ConfigurationFile file,
            Question question,
            Allowance allowance)
            throws InterruptedException {
        return new Look(connection, question, allowance).answer(file);
    }

    private static final class Look {
        private final WholeLog log;
        private final PastStates states;
        private final Question question;
        private final Allowance allowance;

        private Look(ReadingConnection connection, Question question, Allowance allowance) {
            this.allowance = allowance;
            this.log = new WholeLog(connection);
            this.states = new PastStates(connection);
            this.question = question;
        }

        private Answer answer(ConfigurationFile file) throws InterruptedException {
            long head = log.head();
            long last = question.until() == null ? head : log.lastUntil(question.until());
            Instant end =
                    log.recordedAt(last)
                            .orElseThrow(() ->
                                    head < 0
                                            ? new NothingRecordedException(null, "the log is empty")
                                            : new NothingRecordedException(
                                                    WrittenQuestion.UNTIL,
                                                    "the log begins after " + question.until()));
            Instant until = question.until() == null || last == head ? end : question.until();
            Instant since =
                    question.since() == null && question.last() != null
                            ? until.minus(question.last())
                            : question.since();
            long before = since == null ? -1 : log.lastUntil(since);
            if (before >= last) {
                throw new NothingRecordedException(
                        WrittenQuestion.SINCE,
                        "nothing was recorded after %s and up to %s".formatted(since, until));
            }
            allowance.requireEvents(last - before);
            RecordedTime time = new RecordedTime(states.atEvent(before).state());
            log.read(before, last, RecordedTime.TYPES, event -> time.next(event.recorded()));
            time.place(this::recordedAt);
            Instant begin =
                    before >= 0 && since != null
                            ? since
                            : Optional.ofNullable(time.first()).orElse(end);
            return WhatIf.answer(file, time, begin, until, question.workers(), last, allowance);
        }

        private Optional<Instant> recordedAt(String event) {
            int sequence = event.lastIndexOf('@');
            return log.find(
                            event.substring(0, sequence),
                            Long.parseLong(event.substring(sequence + 1)))
                    .map(Recorded::at);
        }
    }

    /** The same, of what was read. */
    static Answer answer(
            ConfigurationFile file,
            RecordedTime time,
            Instant begin,
            Instant until,
            Map<String, Integer> workers,
            long last,
            Allowance allowance) {
        Configuration configuration = file.configuration();
        ConfiguredFarm farm = new ConfiguredFarm(configuration, time);
        new TreeMap<>(workers).forEach(farm::replace);
        Map<String, CollapseRequests> rules = new HashMap<>();
        Candidate candidate =
                new Candidate(
                        file.schedulers(),
                        configuration.services().stream()
                                .map(ConfiguredService::canceller)
                                .toList(),
                        new Collapsing(builder ->
                                rules.computeIfAbsent(builder, configuration::collapseRequestsOf)),
                        farm.farm(allowance),
                        farm.remarks());
        Supposition supposition = new Supposition(time, candidate, begin, until, allowance).run();
        return new Comparison(time, candidate, supposition, begin, until).answer(last);
    }

    /** The log has nothing that could be looked at. */
    public static final class NothingRecordedException extends UnanswerableException {
        private static final long serialVersionUID = 1;

        NothingRecordedException(@Nullable String field, String message) {
            super(field, message);
        }
    }
}
