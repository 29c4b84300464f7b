package io.buildledger.locking;

import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;

/**
 * The lines of some locks, which nobody else can change until the transaction that runs has ended.
 * A build that is about to be claimed is given all of its locks or none.
 */
public final class LockLines {

    private final EventLog log;
    private final SortedMap<String, Line> lines;

    LockLines(EventLog log, SortedMap<String, Line> lines) {
        this.log = log;
        this.lines = lines;
    }

    /**
     * Keeps the locks for a build of the builder, unless it has to wait for one of them.
     *
     * @return whether they are kept; they are to be {@linkplain #hold held} then
     */
    public boolean keep(String builder, Collection<LockUse> uses) {
        if (!uses.stream().allMatch(use -> line(use).admits(builder, use))) {
            return false;
        }
        uses.forEach(use -> line(use).keep(builder, use));
        lines.values().forEach(line -> line.expectNoMore(builder));
        return true;
    }

    /** Gives locks that were kept for a build of its builder to a build. */
    public void hold(Author author, Holder build, Collection<LockUse> uses) {
        uses.forEach(use -> line(use).hold(build, author));
    }

    /**
     * Has nobody pass the builder in these lines who comes later: for a minute, or for as long as
     * this is said again, and as long as it has requests on offer.
     */
    public void expect(String builder, Collection<LockUse> uses) {
        uses.forEach(use -> line(use).expect(builder, use));
    }

    private Line line(LockUse use) {
        return line(use.lock());
    }

    Line line(String lock) {
        Line line = lines.get(lock);
        if (line == null) {
            throw new IllegalStateException("the line of lock " + lock + " is not held");
        }
        return line;
    }

    Collection<Line> all() {
        return lines.values();
    }

    /**
     * Gives the locks to those who wait and whose turn it is, and writes all that was done.
     *
     * @return who has which lock from now on
     */
    public List<LockGranted> settle(Author author) {
        List<Entry> entries = new ArrayList<>();
        lines.values().forEach(line -> entries.addAll(line.settle()));
        if (!entries.isEmpty()) {
            log.append(author, null, entries);
        }
        return entries.stream()
                .map(Entry::event)
                .filter(LockGranted.class::isInstance)
                .map(LockGranted.class::cast)
                .toList();
    }
}
