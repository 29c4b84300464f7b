package io.buildledger.log;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.IThrowableProxy;
import io.buildledger.showing.Printable;
import java.util.stream.Collectors;

/**
 * A failure with its stack trace, as a terminal can be shown it. A line of its message after the
 * first is moved in, so that it can't be taken for one of the log.
 */
public final class PrintableFailure extends ThrowableProxyConverter {

    @Override
    protected String throwableProxyToString(IThrowableProxy failure) {
        return super.throwableProxyToString(failure)
                .lines()
                .map(line ->
                        (line.startsWith("\t") ? "\t" : "  ") + Printable.of(line.stripLeading()))
                .collect(Collectors.joining(System.lineSeparator(), "", System.lineSeparator()));
    }
}
