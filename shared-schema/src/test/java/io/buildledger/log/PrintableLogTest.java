package io.buildledger.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a master writes to its log, as the configuration has it that masters run with. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PrintableLogTest {

    private static final String INJECTED =
            "a\u001b]0;t\u0007\u009b2J\u0000\b\r\n2026-01-01 00:00:00.000 ERROR forged\u202e";

    @ParameterizedTest
    @CsvSource({"io.buildledger, console", "ROOT, libraries"})
    void nobody_writes_a_line_of_his_own_or_a_command_into_a_log(String logger, String appender)
            throws Exception {
        LoggerContext context = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(PrintableMessage.class.getResource("/logback.xml"));

        String told = encoded(context.getLogger(logger), appender, null);
        assertThat(told).containsOnlyOnce("\n").endsWith("\n").contains("ERROR a ]0;t");
        assertThat(told.strip().chars()).noneMatch(Character::isISOControl);
        assertThat(told).doesNotContain("\u202e");

        String failed =
                encoded(
                        context.getLogger(logger),
                        appender,
                        new IllegalStateException(INJECTED, new RuntimeException(INJECTED)));
        assertThat(failed).contains("IllegalStateException: a ]0;t", "\tat ");
        assertThat(failed.lines()).filteredOn(it -> it.startsWith("2026")).isEmpty();
        assertThat(failed.replaceAll("[\\n\\t]", "").chars()).noneMatch(Character::isISOControl);
        context.stop();
    }

    private static String encoded(Logger logger, String appender, @Nullable Throwable failure) {
        LoggingEvent event =
                new LoggingEvent("", logger, Level.ERROR, "{}", failure, new Object[] {INJECTED});
        event.setTimeStamp(0);
        ConsoleAppender<ILoggingEvent> console =
                (ConsoleAppender<ILoggingEvent>) logger.getAppender(appender);
        return new String(console.getEncoder().encode(event), UTF_8);
    }
}
