package io.buildledger.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import io.buildledger.database.DatabaseTrouble;
import org.axonframework.eventhandling.tokenstore.UnableToClaimTokenException;
import org.axonframework.modelling.command.ConcurrencyException;

/**
 * Keeps from a master's log what libraries say of failures that are expected and told elsewhere: at
 * every try while the database is away, that another master owns a follower, and that one was
 * faster to write at a place.
 */
public final class ExpectedFailureFilter extends Filter<ILoggingEvent> {

    @Override
    public FilterReply decide(ILoggingEvent event) {
        return event.getThrowableProxy() instanceof ThrowableProxy proxy
                        && isExpected(proxy.getThrowable())
                ? FilterReply.DENY
                : FilterReply.NEUTRAL;
    }

    private static boolean isExpected(Throwable failure) {
        return failure instanceof UnableToClaimTokenException
                || failure instanceof ConcurrencyException
                || DatabaseTrouble.isTransient(failure);
    }
}
