package io.buildledger.configuring;

import io.buildledger.showing.Printable;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@code traces} can have wrong. */
final class TracesCheck {

    private final SchedulerCheck.Told told;

    TracesCheck(SchedulerCheck.Told told) {
        this.told = told;
    }

    void check(Configuration.@Nullable Traces traces) {
        if (traces == null) {
            return;
        }
        if (traces.endpoint() == null) {
            told.missing(
                    "/traces",
                    "endpoint",
                    "traces lacks its endpoint: add endpoint: http://HOST:4318/v1/traces");
        } else if (!isHttpAddress(traces.endpoint())) {
            told.problem(
                    "/traces/endpoint",
                    "traces.endpoint: '%s' is no address of a collector: write http://HOST:4318/v1/traces, without a user, a query or a fragment"
                            .formatted(Printable.of(RepositoryAddress.masked(traces.endpoint()))));
        }
        if (traces.giveUpAfter().isZero()) {
            told.problem("/traces/give_up_after", "traces.give_up_after must be more than 0");
        }
    }

    /** Credentials would be told where the address is; they belong into a file of their own. */
    private static boolean isHttpAddress(String text) {
        try {
            URI address = new URI(text);
            return Set.of("http", "https").contains(address.getScheme())
                    && address.getHost() != null
                    && address.getRawUserInfo() == null
                    && address.getRawQuery() == null
                    && address.getRawFragment() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
