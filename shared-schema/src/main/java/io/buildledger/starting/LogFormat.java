package io.buildledger.starting;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import org.slf4j.LoggerFactory;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How a master prints its log. */
enum LogFormat {
    /** For people: a line each, but for failures that nobody expects. */
    TEXT {
        @Override
        void use(MasterIdentity identity) {
            // logback.xml says so.
        }
    },
    /** For programs: a JSON object each, as the Elastic Common Schema has it. */
    JSON {
        @Override
        void use(MasterIdentity identity) {
            LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
            for (Logger logger : context.getLoggerList()) {
                Iterator<Appender<ILoggingEvent>> appenders = logger.iteratorForAppenders();
                while (appenders.hasNext()) {
                    if (appenders.next() instanceof OutputStreamAppender<ILoggingEvent> appender) {
                        appender.setEncoder(jsonOf(identity, context));
                    }
                }
            }
        }
    };

    /** What makes a line of an event. */
    static Encoder<ILoggingEvent> jsonOf(MasterIdentity identity, LoggerContext context) {
        StandardEnvironment settings = new StandardEnvironment();
        settings.getPropertySources()
                .addFirst(new MapPropertySource("this master", settings(identity)));
        // Where the encoder looks for them.
        context.putObject(Environment.class.getName(), settings);
        StructuredLogEncoder encoder = new StructuredLogEncoder();
        encoder.setContext(context);
        encoder.setFormat("ecs");
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.start();
        return encoder;
    }

    private static Map<String, Object> settings(MasterIdentity identity) {
        return Map.of(
                "logging.structured.ecs.service.name",
                "buildledger-" + identity.role() + "-master",
                "logging.structured.ecs.service.node-name",
                identity.name(),
                "logging.structured.ecs.service.version",
                Version.number(),
                "spring.application.pid",
                ProcessHandle.current().pid());
    }

    /** Has all that is logged from now on printed so; nothing may be logging meanwhile. */
    abstract void use(MasterIdentity identity);

    /** Names of formats, as they are written. */
    static final class Converter implements ITypeConverter<LogFormat> {
        @Override
        public LogFormat convert(String value) {
            for (LogFormat format : values()) {
                if (format.name().toLowerCase(Locale.ROOT).equals(value)) {
                    return format;
                }
            }
            throw new TypeConversionException("'%s' is neither text nor json".formatted(value));
        }
    }
}
