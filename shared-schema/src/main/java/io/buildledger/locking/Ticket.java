package io.buildledger.locking;

import io.buildledger.domain.locking.LockLine.Place;
import io.buildledger.domain.locking.LockLine.Standing;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.log.Author;
import org.jspecify.annotations.Nullable;

/**
 * A place in the line of a lock.
 *
 * @param builder whose build it is, or is to be
 * @param holder null where a builder is expected, and while a claim has not said which build it is
 * @param master that runs the build; null where there is no holder
 */
record Ticket(
        long number,
        LockUse use,
        Standing standing,
        String builder,
        @Nullable Holder holder,
        @Nullable Author master) {

    /**
     * @param hasLocks whether its build holds a lock, of this line or of another
     */
    Place place(boolean hasLocks) {
        return new Place(number, use, standing, hasLocks);
    }

    boolean isExpectedOf(String name) {
        return standing == Standing.EXPECTED && builder.equals(name);
    }

    Ticket as(Standing next) {
        return new Ticket(number, use, next, builder, holder, master);
    }

    Ticket of(Holder build, Author author) {
        return new Ticket(number, use, standing, builder, build, author);
    }
}
