package io.buildledger.domain.locking;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockEvent.LockReleased;
import io.buildledger.domain.locking.LockEvent.LockRequested;
import io.buildledger.domain.locking.LockLine.Place;
import io.buildledger.domain.locking.LockLine.Standing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A lock as its events leave it.
 *
 * @param tickets of those that hold it or wait for it
 */
public record Lock(SortedMap<Long, Ticket> tickets) {

    /** What nobody has come for yet. */
    public static final Lock FREE = new Lock(Collections.emptySortedMap());

    /**
     * @param held whether it holds the lock, or waits for it
     */
    public record Ticket(LockRequested asked, boolean held) {

        private Place place() {
            return new Place(
                    asked.ticket(),
                    new LockUse(asked.lock(), asked.mode(), asked.count(), asked.maxCount()),
                    held ? Standing.HOLDING : Standing.WAITING,
                    // Of no matter: in these lines no builder is expected.
                    false);
        }
    }

    /**
     * @throws IllegalTransition if the event can't have happened: also where more would be held
     *     than there is, or somebody was passed
     */
    public static Lock evolve(Lock lock, LockEvent event) {
        TreeMap<Long, Ticket> tickets = new TreeMap<>(lock.tickets);
        switch (event) {
            case LockRequested asked -> {
                if (tickets.put(asked.ticket(), new Ticket(asked, false)) != null) {
                    throw new IllegalTransition(lock, event);
                }
            }
            case LockGranted granted -> {
                Ticket ticket = tickets.get(granted.ticket());
                if (ticket == null || !grantable(tickets).contains(ticket.place())) {
                    throw new IllegalTransition(lock, event);
                }
                tickets.put(granted.ticket(), new Ticket(ticket.asked(), true));
            }
            case LockReleased released -> {
                if (tickets.remove(released.ticket()) == null) {
                    throw new IllegalTransition(lock, event);
                }
            }
        }
        return new Lock(Collections.unmodifiableSortedMap(tickets));
    }

    private static List<Place> grantable(SortedMap<Long, Ticket> tickets) {
        List<Place> line = new ArrayList<>();
        tickets.values().forEach(ticket -> line.add(ticket.place()));
        return LockLine.grantable(line);
    }
}
