package io.buildledger.testing;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildsetOrder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the firings of scheduler main ask for. */
public final class TestOrders {

    private TestOrders() {}

    public static BuildsetOrder of(long firing, String... builders) {
        return of(firing, 0, null, builders);
    }

    public static BuildsetOrder of(
            long firing, int priority, @Nullable Duration queueTimeout, String... builders) {
        return of(
                firing,
                List.of(1L),
                new SourceStamp("r", "main", "abc", "", ""),
                priority,
                queueTimeout,
                builders);
    }

    public static BuildsetOrder of(
            long firing,
            List<Long> changeIds,
            SourceStamp stamp,
            int priority,
            @Nullable Duration queueTimeout,
            String... builders) {
        return new BuildsetOrder(
                "main",
                firing,
                "scheduler main fired for %d change%s"
                        .formatted(changeIds.size(), changeIds.size() == 1 ? "" : "s"),
                List.of(stamp),
                changeIds,
                Map.of(),
                List.of(builders),
                priority,
                queueTimeout == null ? null : queueTimeout.toMillis(),
                false,
                null,
                null,
                null);
    }
}
