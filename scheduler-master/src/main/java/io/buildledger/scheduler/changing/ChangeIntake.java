package io.buildledger.scheduler.changing;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Streams;
import io.buildledger.numbering.Numbers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Takes changes in: when a call returns, they are in the log, and every scheduler will see them.
 *
 * <p>A change is taken once. One of a repository, branch and revision that was taken before, by any
 * master and from any source, is known, and stands for the change that is there, whatever else it
 * says: a hook that is delivered again makes nothing new, nor does one that tells what a poller has
 * found. Nor does a branch that is set back to a commit that it had before. A change without a
 * revision or a repository is new each time. (Changes that were taken in before version 4 of the
 * schema are not known.)
 *
 * <p>A change that names no codebase gets the one that the {@linkplain CodebaseRules rules} say.
 *
 * <p>What many take in at the same time is written together, in as few transactions as it needs.
 * One whose changes can't be written costs the others nothing. A failure may leave the first of the
 * caller's changes taken; that the call may simply be repeated follows from the above.
 */
@Component
public final class ChangeIntake {

    /**
     * What became of a change.
     *
     * @param isNew false if it was known
     */
    public record Taken(long changeId, boolean isNew) {}

    /** What one transaction takes at most, but for a single change that is larger. */
    private static final int MOST_CHANGES = 500;

    private static final long MOST_CHARACTERS = 4 * 1024 * 1024;

    private static final int MOST_TRIES = 5;

    /** A call that waits for its changes to be written, by whoever has the turn. */
    private static final class Waiting {
        final List<NewChange> changes;
        private @Nullable List<Taken> taken;
        private @Nullable Throwable failure;

        Waiting(List<NewChange> changes) {
            this.changes = changes;
        }

        boolean isSettled() {
            return taken != null || failure != null;
        }

        void settle(List<Taken> taken) {
            this.taken = taken;
        }

        void fail(Throwable failure) {
            this.failure = failure;
        }

        List<Taken> result() {
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            if (failure instanceof Error e) {
                throw e;
            }
            return Objects.requireNonNull(taken);
        }
    }

    private final EventLog log;
    private final Numbers numbers;
    private final Author author;
    private final KnownChanges known;
    private final CodebaseRules codebases;

    private final Queue<Waiting> queue = new ConcurrentLinkedQueue<>();
    private final ReentrantLock turn = new ReentrantLock();

    ChangeIntake(
            EventLog log,
            DataSource dataSource,
            Numbers numbers,
            Author author,
            CodebaseRules codebases) {
        this.log = log;
        this.numbers = numbers;
        this.author = author;
        this.known = new KnownChanges(new NamedParameterJdbcTemplate(dataSource));
        this.codebases = codebases;
    }

    /** Takes a change in and returns its number, or the number of the one that it repeats. */
    long take(NewChange change) {
        return take(List.of(change)).getFirst().changeId();
    }

    /**
     * Takes changes in.
     *
     * @return what became of each, in their order; those that are new have ascending numbers
     */
    public List<Taken> take(List<NewChange> changes) {
        Waiting own = new Waiting(changes);
        queue.add(own);
        turn.lock();
        try {
            while (!own.isSettled()) {
                settle(nextBatch());
            }
        } finally {
            turn.unlock();
        }
        return own.result();
    }

    /**
     * Takes changes in together with the entry that says how far their source has been read.
     *
     * @return numbers of those that are new
     * @throws io.buildledger.log.ConflictException if another master has read that source
     *     meanwhile; nothing is taken
     */
    List<Long> take(List<NewChange> changes, Entry cursor) {
        return write(changes, List.of(cursor)).stream()
                .filter(Taken::isNew)
                .map(Taken::changeId)
                .toList();
    }

    /** Those that wait longest, as many as fit into one transaction, and one at least. */
    private List<Waiting> nextBatch() {
        List<Waiting> batch = new ArrayList<>();
        int changes = 0;
        long characters = 0;
        for (Waiting next = queue.peek(); next != null; next = queue.peek()) {
            changes += next.changes.size();
            characters += next.changes.stream().mapToLong(NewChange::characters).sum();
            if (!batch.isEmpty() && (changes > MOST_CHANGES || characters > MOST_CHARACTERS)) {
                break;
            }
            batch.add(next);
            queue.remove();
        }
        return batch;
    }

    private void settle(List<Waiting> batch) {
        if (batch.size() == 1) {
            settleAlone(batch.getFirst());
            return;
        }
        try {
            List<Taken> taken =
                    write(
                            batch.stream().flatMap(waiting -> waiting.changes.stream()).toList(),
                            List.of());
            int from = 0;
            for (Waiting waiting : batch) {
                int to = from + waiting.changes.size();
                waiting.settle(taken.subList(from, to));
                from = to;
            }
        } catch (RuntimeException | Error e) {
            if (DatabaseTrouble.isTransient(e)) {
                batch.forEach(waiting -> waiting.fail(e));
            } else {
                batch.forEach(this::settleAlone);
            }
        }
    }

    private void settleAlone(Waiting waiting) {
        try {
            List<Taken> taken = new ArrayList<>();
            while (taken.size() < waiting.changes.size()) {
                taken.addAll(write(part(waiting.changes, taken.size()), List.of()));
            }
            waiting.settle(taken);
        } catch (RuntimeException | Error e) {
            waiting.fail(e);
        }
    }

    /** What fits into one transaction of what comes from an index on. */
    private static List<NewChange> part(List<NewChange> changes, int from) {
        int to = from;
        long characters = 0;
        while (to < changes.size() && to - from < MOST_CHANGES) {
            characters += changes.get(to).characters();
            if (to > from && characters > MOST_CHARACTERS) {
                break;
            }
            to++;
        }
        return changes.subList(from, to);
    }

    /**
     * Writes changes in one transaction, after other entries.
     *
     * <p>Numbers are taken before it, and not in it: they need a connection too, and takers that
     * each hold one while they wait for a second would empty the pool and wait for ever.
     */
    private List<Taken> write(List<NewChange> changes, List<Entry> first) {
        List<NewChange> sorted = changes.stream().map(codebases::applyTo).toList();
        int triesLeft = MOST_TRIES;
        int mayBeNew = sorted.size();
        while (true) {
            try {
                return tryToWrite(sorted, first);
            } catch (DuplicateKeyException e) {
                // Another master has just taken one of them in, which is known from now on; it may
                // be as fast with each of the others.
                if (mayBeNew-- == 0) {
                    throw e;
                }
            } catch (RuntimeException e) {
                if (!DatabaseTrouble.isDeadlock(e) || --triesLeft == 0) {
                    throw e;
                }
            }
        }
    }

    private List<Taken> tryToWrite(List<NewChange> changes, List<Entry> first) {
        List<@Nullable ChangeIdentity> identities = new ArrayList<>();
        for (NewChange change : changes) {
            identities.add(ChangeIdentity.of(change));
        }
        Map<ChangeIdentity, Long> ids =
                new HashMap<>(
                        known.find(
                                identities.stream().filter(Objects::nonNull).distinct().toList()));
        long next = firstNumber(identities, ids);
        List<Taken> taken = new ArrayList<>();
        List<Entry> entries = new ArrayList<>();
        SortedMap<ChangeIdentity, Long> added = new TreeMap<>();
        for (int i = 0; i < changes.size(); i++) {
            ChangeIdentity identity = identities.get(i);
            Long id = identity == null ? null : ids.get(identity);
            taken.add(new Taken(id == null ? next : id, id == null));
            if (id == null) {
                entries.add(new Entry(Streams.change(next), 0, changes.get(i).received(next)));
                if (identity != null) {
                    ids.put(identity, next);
                    added.put(identity, next);
                }
                next++;
            }
        }
        if (!entries.isEmpty() || !first.isEmpty()) {
            log.inTransaction(() -> {
                known.add(added);
                log.append(author, null, first);
                log.append(author, null, entries);
            });
        }
        return taken;
    }

    /** The first of as many numbers in a row as there are new changes. */
    private long firstNumber(
            List<@Nullable ChangeIdentity> identities, Map<ChangeIdentity, Long> known) {
        long without = identities.stream().filter(Objects::isNull).count();
        long with =
                identities.stream()
                        .filter(Objects::nonNull)
                        .distinct()
                        .filter(identity -> !known.containsKey(identity))
                        .count();
        return without + with == 0
                ? 0
                : numbers.take(Numbers.CHANGE, Math.toIntExact(without + with));
    }
}
