package io.buildledger.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import io.buildledger.database.DatabaseTrouble;

/**
 * Keeps from a master's log what libraries say, at every try, while the database is away: that is
 * told elsewhere, once.
 */
public final class ExpectedFailureFilter extends Filter<ILoggingEvent> {

    @Override
    public FilterReply decide(ILoggingEvent event) {
        return event.getThrowableProxy() instanceof ThrowableProxy proxy
                        && DatabaseTrouble.isTransient(proxy.getThrowable())
                ? FilterReply.DENY
                : FilterReply.NEUTRAL;
    }
}
