package io.buildledger.domain.locking;

import java.util.ArrayList;
import java.util.List;

/**
 * The one rule by which locks are given: in the order of tickets, and nobody passes one who waits.
 * So a holder of an exclusive lock that waits for many counting ones to end is not kept waiting by
 * those that come after it.
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
     */
    public record Place(long ticket, LockUse use, Standing standing) {}

    private LockLine() {}

    /**
     * To which of those that wait the lock is to be given now.
     *
     * @param line in the order of tickets
     */
    public static List<Place> grantable(List<Place> line) {
        List<LockUse> taken = held(line);
        List<Place> grantable = new ArrayList<>();
        for (Place place : line) {
            if (place.standing() == Standing.HOLDING) {
                continue;
            }
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
     * Whether somebody may have the lock who comes now and does not wait.
     *
     * @param line in the order of tickets, without whoever comes
     * @param ticket its place in the line: it passes those with a later one
     */
    public static boolean admits(List<Place> line, long ticket, LockUse use) {
        List<LockUse> taken = held(line);
        for (Place place : line) {
            if (place.standing() != Standing.HOLDING && place.ticket() < ticket) {
                if (!place.use().fitsBeside(taken)) {
                    return false;
                }
                taken.add(place.use());
            }
        }
        return use.fitsBeside(taken);
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
