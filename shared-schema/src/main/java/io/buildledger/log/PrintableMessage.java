package io.buildledger.log;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.buildledger.showing.Printable;

/**
 * A message as one line that a terminal can be shown, whatever of committers, workers and people is
 * in it: nobody writes a line of his own into a master's log.
 */
public final class PrintableMessage extends MessageConverter {

    @Override
    public String convert(ILoggingEvent event) {
        return Printable.of(String.valueOf(super.convert(event)));
    }
}
