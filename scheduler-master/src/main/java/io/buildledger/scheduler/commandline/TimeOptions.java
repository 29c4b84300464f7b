package io.buildledger.scheduler.commandline;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** From when to when. */
final class TimeOptions {

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "from then on: " + GivenTime.DESCRIPTION)
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "up to then, itself included")
    private @Nullable String until;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    private final GivenTime times = GivenTime.here();

    @Nullable Instant since() {
        return read("--since", since);
    }

    @Nullable Instant until() {
        Instant end = read("--until", until);
        Instant begin = since();
        if (end != null && begin != null && end.isBefore(begin)) {
            throw misuse("--until: %s is before --since, %s".formatted(end, begin));
        }
        return end;
    }

    private @Nullable Instant read(String option, @Nullable String text) {
        try {
            return text == null ? null : times.read(option, text);
        } catch (IllegalArgumentException e) {
            throw misuse(String.valueOf(e.getMessage()));
        }
    }

    private ParameterException misuse(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
