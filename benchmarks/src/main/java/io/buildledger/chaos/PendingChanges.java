package io.buildledger.chaos;

import io.buildledger.benchmarks.Product;
import io.buildledger.database.Database;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import io.buildledger.numbering.Numbers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Changes that arrive all at once, as if a change source had been offline for a while. */
final class PendingChanges {

    private PendingChanges() {}

    /** Records so many changes in one transaction. */
    static void receive(Database database, int changes) {
        try (Product product = new Product(database)) {
            long first = product.numbers().take(Numbers.CHANGE, changes);
            List<Entry> entries = new ArrayList<>();
            for (long id = first; id < first + changes; id++) {
                entries.add(new Entry(Streams.change(id), 0, change(id)));
            }
            product.log()
                    .inTransaction(() -> product.log().append(product.author(), null, entries));
        }
    }

    private static ChangeReceived change(long id) {
        return new ChangeReceived(
                id,
                "https://git.example.org/app.git",
                "main",
                "%040x".formatted(id),
                "",
                "",
                null,
                "A Uthor <author@example.org>",
                "change " + id,
                List.of("src/main.c"),
                null,
                Instant.parse("2026-01-01T00:00:00Z"),
                Map.of(),
                "base");
    }
}
