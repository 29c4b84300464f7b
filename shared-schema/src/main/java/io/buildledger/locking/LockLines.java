package io.buildledger.locking;

import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;

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

    /** Whether a build of the builder that comes now may have a lock. */
    public boolean admits(String builder, LockUse use) {
        return line(use).admits(builder, use);
    }

    /** Whether a build of the builder may have to wait for another that is expected before it. */
    public boolean isBehindExpected(String builder, LockUse use) {
        return line(use).isBehindExpected(builder, use);
    }

    /**
     * Has nobody pass the builder in the lines of these locks who comes later: for a minute, or for
     * as long as this is said again, and as long as it has requests on offer. In the other lines it
     * keeps no place.
     */
    public void expect(String builder, Collection<LockUse> uses) {
        Set<String> expected = uses.stream().map(LockUse::lock).collect(Collectors.toSet());
        lines.forEach((lock, line) -> {
            if (!expected.contains(lock)) {
                line.expectNoMore(builder);
            }
        });
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
        give();
        List<Entry> entries = new ArrayList<>();
        lines.values().forEach(line -> entries.addAll(line.write()));
        if (!entries.isEmpty()) {
            log.append(author, null, entries);
        }
        return entries.stream()
                .map(Entry::event)
                .filter(LockGranted.class::isInstance)
                .map(LockGranted.class::cast)
                .toList();
    }

    /** Whoever is given a lock may go before others in the line of another. */
    private void give() {
        Set<Holder> withLocks = new HashSet<>();
        boolean isMore = true;
        while (isMore) {
            isMore = false;
            for (Line line : lines.values()) {
                isMore |= withLocks.addAll(line.give(withLocks));
            }
        }
    }
}
