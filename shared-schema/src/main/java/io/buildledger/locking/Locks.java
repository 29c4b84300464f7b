package io.buildledger.locking;

import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.OwnLife;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * The locks of the cluster. At no point of the log more of a lock is held than there is, and nobody
 * is passed by one who came later. A lock is held until the master that runs the build says that
 * nothing of it runs any more, or until that life of the master is over to the others.
 *
 * <p>Whoever moves a line holds the row of its lock; several are taken in the order of their names,
 * so that nobody waits in a circle.
 */
public final class Locks {

    /** What became of a request for locks. */
    public sealed interface Answer {

        /** All of them are held. */
        record Granted() implements Answer {}

        /**
         * At least one is not; the log tells when it is.
         *
         * @param reasons for people, one for each lock
         */
        record Waiting(List<String> reasons) implements Answer {}

        /** This life of the master is over; it may hold nothing. */
        record Over() implements Answer {}
    }

    private final EventLog log;
    private final LockTable table;

    public Locks(EventLog log, DataSource dataSource) {
        this.log = log;
        this.table = new LockTable(dataSource);
    }

    /** Holds the lines of locks in the transaction that runs. */
    public LockLines hold(Collection<String> locks) {
        SortedMap<String, Line> lines = new TreeMap<>();
        for (String lock : new TreeSet<>(locks)) {
            lines.put(lock, new Line(lock, table, table.take(lock)));
        }
        return new LockLines(log, lines);
    }

    /**
     * Those of these locks that somebody holds or waits for, but for a builder; nothing is locked.
     */
    public Set<String> wantedByOthers(String builder, Set<String> locks) {
        return table.wantedByOthers(builder, locks);
    }

    private LockLines holdIfFree(Collection<String> locks) {
        SortedMap<String, Line> lines = new TreeMap<>();
        for (String lock : new TreeSet<>(locks)) {
            table.takeIfFree(lock)
                    .ifPresent(counters -> lines.put(lock, new Line(lock, table, counters)));
        }
        return new LockLines(log, lines);
    }

    /**
     * Comes for locks, or comes again: its places in the lines are those of the first time.
     *
     * @param uses of different locks
     */
    public Answer request(Author author, Holder holder, Collection<LockUse> uses) {
        return log.inTransaction(() -> {
            Map<String, LockUse> byLock =
                    uses.stream().collect(Collectors.toMap(LockUse::lock, use -> use));
            LockLines lines = hold(byLock.keySet());
            // Last before the writes: nobody may have to wait with this lock held.
            if (OwnLife.isOver(table.jdbc(), author)) {
                return new Answer.Over();
            }
            byLock.forEach((lock, use) -> lines.line(lock).request(holder, author, use));
            List<LockGranted> _ = lines.settle(author);
            List<String> waits =
                    byLock.keySet().stream()
                            .sorted()
                            .filter(lock -> !lines.line(lock).isHeldBy(holder))
                            .map(lock -> reason(lock, lines.line(lock).ahead(holder)))
                            .toList();
            return waits.isEmpty() ? new Answer.Granted() : new Answer.Waiting(waits);
        });
    }

    private static String reason(String lock, List<Ticket> ahead) {
        return LockNames.shown(lock)
                + ahead.stream()
                        .map(Locks::told)
                        .collect(Collectors.joining(", ", ahead.isEmpty() ? "" : ": ", ""));
    }

    private static String told(Ticket ticket) {
        Holder holder = ticket.holder();
        Author master = ticket.master();
        String who =
                holder == null
                        ? "a build of " + ticket.builder()
                        : "build %s/%d%s%s"
                                .formatted(
                                        holder.builder(),
                                        holder.buildNumber(),
                                        holder.step() == null ? "" : ", step " + holder.step(),
                                        master == null ? "" : " on master " + master.master());
        return switch (ticket.standing()) {
            case HOLDING -> "held by " + who;
            case WAITING, EXPECTED -> who + " is before it";
        };
    }

    /**
     * Ends what a build or step has of locks, and what it waits for.
     *
     * @return who has them from now on
     */
    public List<LockGranted> release(Author author, Holder holder, String reason) {
        return log.inTransaction(() -> {
            LockLines lines = hold(table.ofRequests(List.of(holder.requestId())));
            return release(author, lines, ticket -> holder.equals(ticket.holder()), reason);
        });
    }

    /**
     * Ends, in the transaction that runs, what builds and their steps have of locks.
     *
     * @param builds and why; the requests and attempts tell which
     */
    public void releaseBuilds(Author author, Map<Holder, String> builds) {
        List<Long> requests = builds.keySet().stream().map(Holder::requestId).distinct().toList();
        LockLines lines = hold(table.ofRequests(requests));
        builds.forEach((build, reason) ->
                lines.all().forEach(line -> line.release(ticket -> isOf(build, ticket), reason)));
        List<LockGranted> _ = lines.settle(author);
    }

    private static boolean isOf(Holder build, Ticket ticket) {
        Holder holder = ticket.holder();
        return holder != null
                && holder.requestId() == build.requestId()
                && holder.attempt() == build.attempt();
    }

    /**
     * Ends, in the transaction that runs, what a life of a master has of locks.
     *
     * @param which of the holders
     */
    public void releaseAllOf(Author author, Author master, Predicate<Holder> which, String reason) {
        List<LockGranted> _ =
                release(author, hold(table.ofMaster(master)), isOf(master, which), reason);
    }

    /** The same for all holders, but for locks whose line somebody else holds at this moment. */
    public void releaseFreeOf(Author author, Author master, String reason) {
        List<LockGranted> _ =
                release(
                        author,
                        holdIfFree(table.ofMaster(master)),
                        isOf(master, _ -> true),
                        reason);
    }

    /** Whether a build holds locks, as far as is committed. */
    public boolean areHeldBy(Holder build) {
        return !table.ofRequests(List.of(build.requestId())).isEmpty();
    }

    private static Predicate<Ticket> isOf(Author master, Predicate<Holder> which) {
        return ticket -> {
            Holder holder = ticket.holder();
            return holder != null && master.equals(ticket.master()) && which.test(holder);
        };
    }

    private static List<LockGranted> release(
            Author author, LockLines lines, Predicate<Ticket> which, String reason) {
        lines.all().forEach(line -> line.release(which, reason));
        return lines.settle(author);
    }
}
