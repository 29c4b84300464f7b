package io.buildledger.scheduler.supposing;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many buildsets a shadow has compared.
 *
 * @param since when it began; null if nothing was recorded yet
 * @param until up to when it has decided; null if it has not
 * @param changes that came in meanwhile
 * @param made by the cluster, as far as schedulers decided them; also later ones than it has come
 *     to
 * @param wouldMake as many would have been made
 * @param same of these, as the cluster made them
 * @param otherwise of these, made by the cluster for the same, but otherwise
 * @param additional of these, not made by the cluster
 * @param missing made by the cluster, and would not have been
 * @param waiting of both, not compared yet
 * @param remarks what is to be known besides, in words
 */
public record Comparisons(
        @Nullable Instant since,
        @Nullable Instant until,
        long changes,
        long made,
        long wouldMake,
        long same,
        long otherwise,
        long additional,
        long missing,
        long waiting,
        List<String> remarks) {

    /** Whether nothing differs of what was compared. */
    public boolean isSame() {
        return otherwise == 0 && additional == 0 && missing == 0;
    }

    /** One line for people. */
    public String line() {
        return since == null || until == null
                ? "nothing has been compared yet"
                : "from %s to %s: %,d changes; %,d buildsets made, %,d would have been: %,d the same, %,d otherwise, %,d only here, %,d only by the cluster, %,d not compared yet"
                        .formatted(
                                since,
                                until,
                                changes,
                                made,
                                wouldMake,
                                same,
                                otherwise,
                                additional,
                                missing,
                                waiting);
    }
}
