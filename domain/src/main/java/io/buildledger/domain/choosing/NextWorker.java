package io.buildledger.domain.choosing;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which of the workers that are free takes the next build of a builder. */
public enum NextWorker {
    /** The first that the builder names. */
    FIRST_FREE,
    /** The one with the fewest builds; of several, the first that the builder names. */
    LEAST_BUSY,
    /** The one that had the builder's last build; if it is not free, the first that is named. */
    LAST_USED;

    /**
     * The names of the workers, the one to take first.
     *
     * @param free in the order in which the builder names them
     * @param lastUsed which of all workers had the builder's last build; null if that is not known
     */
    public List<String> order(List<FreeWorker> free, @Nullable String lastUsed) {
        return switch (this) {
            case FIRST_FREE -> names(free);
            case LEAST_BUSY -> names(sorted(free, Comparator.comparingInt(FreeWorker::busyWith)));
            case LAST_USED ->
                    names(
                            sorted(
                                    free,
                                    Comparator.comparing(
                                            worker -> !worker.name().equals(lastUsed))));
        };
    }

    /** Those that are equal stay as they are. */
    private static List<FreeWorker> sorted(List<FreeWorker> free, Comparator<FreeWorker> order) {
        return free.stream().sorted(order).toList();
    }

    private static List<String> names(List<FreeWorker> free) {
        return free.stream().map(FreeWorker::name).toList();
    }
}
