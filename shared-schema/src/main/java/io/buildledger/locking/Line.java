package io.buildledger.locking;

import io.buildledger.domain.locking.LockEvent;
import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockEvent.LockReleased;
import io.buildledger.domain.locking.LockEvent.LockRequested;
import io.buildledger.domain.locking.LockLine;
import io.buildledger.domain.locking.LockLine.Place;
import io.buildledger.domain.locking.LockLine.Standing;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.locking.LockTable.Counters;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The line of one lock while a transaction has its row locked. What is done here is in the database
 * once {@link #write} has been called and the transaction has committed.
 */
final class Line {

    private final String lock;
    private final LockTable table;
    private final NavigableMap<Long, Ticket> tickets = new TreeMap<>();
    private final Set<Long> fading = new HashSet<>();

    /** Builds that hold a lock, this one or another. */
    private final Set<Holder> buildsWithLocks = new HashSet<>();

    private final Set<Long> changed = new HashSet<>();
    private final Set<Long> removed = new HashSet<>();
    private final List<Entry> entries = new ArrayList<>();
    private final Counters before;
    private long nextSequence;
    private long nextTicket;

    Line(String lock, LockTable table, Counters counters) {
        this.lock = lock;
        this.table = table;
        this.before = counters;
        this.nextSequence = counters.nextSequence();
        this.nextTicket = counters.nextTicket();
        for (LockTable.Row row : table.tickets(lock)) {
            long number = row.ticket().number();
            if (row.gone()) {
                removed.add(number);
            } else {
                tickets.put(number, row.ticket());
                if (row.fading()) {
                    fading.add(number);
                }
                Holder holder = row.ticket().holder();
                if (row.hasLocks() && holder != null) {
                    buildsWithLocks.add(holder.build());
                }
            }
        }
    }

    /** Whether a build of the builder that comes now may have the lock. */
    boolean admits(String builder, LockUse use) {
        Ticket expected = expected(builder);
        return LockLine.admits(placesBut(expected), turn(expected), use);
    }

    /** Whether a build of the builder may have to wait for another builder that is expected. */
    boolean isBehindExpected(String builder, LockUse use) {
        Ticket expected = expected(builder);
        return LockLine.isBehindExpected(placesBut(expected), turn(expected), use);
    }

    private long turn(@Nullable Ticket expected) {
        return expected == null ? nextTicket : expected.number();
    }

    private @Nullable Ticket expected(String builder) {
        return tickets.values().stream()
                .filter(it -> it.isExpectedOf(builder))
                .findFirst()
                .orElse(null);
    }

    private List<Place> placesBut(@Nullable Ticket own) {
        return tickets.values().stream()
                .filter(it -> !it.equals(own))
                .map(it -> {
                    Holder holder = it.holder();
                    return it.place(holder != null && buildsWithLocks.contains(holder.build()));
                })
                .toList();
    }

    /** Keeps the lock, which admits it, for a build that is {@linkplain #hold about to hold it}. */
    void keep(String builder, LockUse use) {
        Ticket expected = expected(builder);
        put(
                new Ticket(
                        expected == null ? nextTicket++ : expected.number(),
                        use,
                        Standing.HOLDING,
                        builder,
                        null,
                        null));
    }

    /** Gives what was kept for a build of the builder to that build. */
    void hold(Holder build, Author author) {
        Ticket kept =
                tickets.values().stream()
                        .filter(it ->
                                it.standing() == Standing.HOLDING
                                        && it.holder() == null
                                        && it.builder().equals(build.builder()))
                        .findFirst()
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "lock %s was not kept for %s"
                                                .formatted(lock, build.builder())));
        Ticket held = kept.of(build, author);
        put(held);
        add(requested(held));
        add(granted(held));
    }

    /** Has the builder come again for the lock, and keep its place until then. */
    void expect(String builder, LockUse use) {
        Ticket expected = expected(builder);
        if (expected == null) {
            put(new Ticket(nextTicket++, use, Standing.EXPECTED, builder, null, null));
        } else if (fading.contains(expected.number()) || !expected.use().equals(use)) {
            put(new Ticket(expected.number(), use, Standing.EXPECTED, builder, null, null));
        }
    }

    /** The builder has what it came for, elsewhere. */
    void expectNoMore(String builder) {
        Ticket expected = expected(builder);
        if (expected != null) {
            remove(expected);
        }
    }

    /** Comes for the lock, unless it has before. */
    void request(Holder holder, Author author, LockUse use) {
        if (find(holder) == null) {
            if (table.hasLocks(holder)) {
                buildsWithLocks.add(holder.build());
            }
            Ticket waiting =
                    new Ticket(
                            nextTicket++, use, Standing.WAITING, holder.builder(), holder, author);
            put(waiting);
            add(requested(waiting));
        }
    }

    boolean isHeldBy(Holder holder) {
        Ticket ticket = find(holder);
        return ticket != null && ticket.standing() == Standing.HOLDING;
    }

    private @Nullable Ticket find(Holder holder) {
        return tickets.values().stream()
                .filter(it -> holder.equals(it.holder()))
                .findFirst()
                .orElse(null);
    }

    /** Those before a holder in the line, or beside it, which hold or wait. */
    List<Ticket> ahead(Holder holder) {
        Ticket own = find(holder);
        return own == null
                ? List.of()
                : tickets.values().stream()
                        .filter(it ->
                                it.standing() == Standing.HOLDING || it.number() < own.number())
                        .filter(it -> !it.equals(own))
                        .toList();
    }

    void release(Predicate<Ticket> which, String reason) {
        for (Ticket ticket : List.copyOf(tickets.values())) {
            Holder holder = ticket.holder();
            if (holder != null && which.test(ticket)) {
                remove(ticket);
                add(
                        new LockReleased(
                                lock,
                                ticket.number(),
                                holder.builder(),
                                holder.buildNumber(),
                                holder.step(),
                                reason));
            }
        }
    }

    private void put(Ticket ticket) {
        tickets.put(ticket.number(), ticket);
        changed.add(ticket.number());
    }

    private void remove(Ticket ticket) {
        tickets.remove(ticket.number());
        changed.remove(ticket.number());
        removed.add(ticket.number());
    }

    /**
     * Gives the lock to those whose turn it is.
     *
     * @param withLocks builds that were given a lock in this transaction
     * @return those to whose build it was given
     */
    Set<Holder> give(Set<Holder> withLocks) {
        buildsWithLocks.addAll(withLocks);
        Set<Holder> given = new HashSet<>();
        for (Place place : LockLine.grantable(placesBut(null))) {
            Ticket ticket = tickets.get(place.ticket());
            if (ticket != null) {
                Ticket held = ticket.as(Standing.HOLDING);
                put(held);
                add(granted(held));
                given.add(holder(held).build());
            }
        }
        return given;
    }

    /**
     * Writes what has changed.
     *
     * @return what is to be appended to the log
     */
    List<Entry> write() {
        if (!removed.isEmpty()) {
            table.remove(lock, removed);
        }
        for (Ticket ticket : tickets.values()) {
            if (ticket.standing() == Standing.HOLDING) {
                Holder _ = holder(ticket);
            }
        }
        if (!changed.isEmpty()) {
            table.put(lock, changed.stream().map(tickets::get).toList());
        }
        Counters after = new Counters(nextSequence, nextTicket);
        if (!after.equals(before)) {
            table.advance(lock, after);
        }
        return entries;
    }

    private void add(LockEvent event) {
        entries.add(new Entry(Streams.lock(lock), nextSequence++, event));
    }

    private LockRequested requested(Ticket ticket) {
        Holder holder = holder(ticket);
        Author master = ticket.master();
        if (master == null) {
            throw new IllegalStateException("nobody runs what comes for lock " + lock);
        }
        return new LockRequested(
                lock,
                ticket.number(),
                holder.builder(),
                holder.buildNumber(),
                holder.requestId(),
                holder.attempt(),
                holder.step(),
                ticket.use().mode(),
                ticket.use().count(),
                ticket.use().maxCount(),
                master.master(),
                master.epoch());
    }

    private LockGranted granted(Ticket ticket) {
        Holder holder = holder(ticket);
        return new LockGranted(
                lock, ticket.number(), holder.builder(), holder.buildNumber(), holder.step());
    }

    private Holder holder(Ticket ticket) {
        Holder holder = ticket.holder();
        if (holder == null) {
            throw new IllegalStateException(
                    "ticket %d of lock %s has no build".formatted(ticket.number(), lock));
        }
        return holder;
    }
}
