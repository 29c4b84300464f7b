package io.buildledger.domain.locking;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The one rule by which locks are given: in the order of tickets, and nobody passes one who waits.
 * So a holder of an exclusive lock that waits for many counting ones to end is not kept waiting by
 * those that come after it.
 *
 * <p>A place that is kept for a builder holds up nobody whose build holds a lock already: what the
 * builder waits for may be that one.
 */
public final class LockLine {

    /** How somebody stands in the line. */
    public enum Standing {
        HOLDING,
        /** Takes the lock as soon as it is given. */
        WAITING,
        /** Comes for the lock when it can have it; until then it is kept for it. */
        EXPECTED
    }

    /**
     * @param ticket the order in which they came
     * @param hasLocks whether it is of a build that holds a lock, of this line or of another
     */
    public record Place(long ticket, LockUse use, Standing standing, boolean hasLocks) {}

    private static final long NOBODY = -1;

    private LockLine() {}

    /**
     * To which of those that wait the lock is to be given now.
     *
     * @param line in the order of tickets
     */
    public static List<Place> grantable(List<Place> line) {
        List<LockUse> taken = held(line);
        List<Place> grantable = new ArrayList<>();
        for (Place place : inTurn(line)) {
            if (!place.use().fitsBeside(taken)) {
                break;
            }
            taken.add(place.use());
            if (place.standing() == Standing.WAITING) {
                grantable.add(place);
            }
        }
        return grantable;
    }

    /**
     * Whether somebody may have the lock who comes now, does not wait, and holds nothing yet.
     *
     * @param line in the order of tickets, without whoever comes
     * @param ticket its place in the line: it passes those with a later one, but for those that go
     *     before every builder that is expected
     */
    public static boolean admits(List<Place> line, long ticket, LockUse use) {
        long lastOfFirst = lastWithLocks(line);
        List<LockUse> taken = held(line);
        for (Place place : inTurn(line)) {
            if (place.ticket() < ticket || goesFirst(place, lastOfFirst)) {
                if (!place.use().fitsBeside(taken)) {
                    return false;
                }
                taken.add(place.use());
            }
        }
        return use.fitsBeside(taken);
    }

    /**
     * Whether somebody has to wait in a line in which a builder is expected before it, so that it
     * may be that one for which it waits.
     *
     * @param line in the order of tickets, without whoever comes
     */
    public static boolean isBehindExpected(List<Place> line, long ticket, LockUse use) {
        return !admits(line, ticket, use)
                && line.stream()
                        .anyMatch(place ->
                                place.standing() == Standing.EXPECTED && place.ticket() < ticket);
    }

    /** Those that don't hold it, as it comes to them. */
    private static List<Place> inTurn(List<Place> line) {
        long lastOfFirst = lastWithLocks(line);
        return line.stream()
                .filter(place -> place.standing() != Standing.HOLDING)
                .sorted(Comparator.comparing(place -> !goesFirst(place, lastOfFirst)))
                .toList();
    }

    /** The last of those that wait whose build holds locks. */
    private static long lastWithLocks(List<Place> line) {
        return line.stream()
                .filter(place -> place.standing() == Standing.WAITING && place.hasLocks())
                .mapToLong(Place::ticket)
                .max()
                .orElse(NOBODY);
    }

    /** Those that wait before one with locks go first with it, for it may not pass them. */
    private static boolean goesFirst(Place place, long lastOfFirst) {
        return place.standing() == Standing.WAITING && place.ticket() <= lastOfFirst;
    }

    private static List<LockUse> held(List<Place> line) {
        List<LockUse> held = new ArrayList<>();
        for (Place place : line) {
            if (place.standing() == Standing.HOLDING) {
                held.add(place.use());
            }
        }
        return held;
    }
}
