package io.buildledger.scheduler.serving;

import io.buildledger.viewing.Views;
import java.util.Optional;

/** A build by its builder and number, as {@code linux/12}: from which a list of builds goes on. */
final class NamedBuild {

    private NamedBuild() {}

    static String of(Views.Build build) {
        return "%s/%d".formatted(build.builder(), build.buildNumber());
    }

    /**
     * @param parameter its name
     * @throws BadParameterException if there is no such build
     */
    static Views.Build of(String parameter, String value, Views views) {
        int slash = value.lastIndexOf('/');
        return Optional.of(slash)
                .filter(it -> it >= 0)
                .flatMap(it -> number(value.substring(it + 1)))
                .flatMap(number -> views.build(value.substring(0, slash), number))
                .orElseThrow(() ->
                        new BadParameterException(
                                "%s: '%s' is no build".formatted(parameter, value)));
    }

    private static Optional<Long> number(String digits) {
        try {
            return Optional.of(Long.parseLong(digits));
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }
}
