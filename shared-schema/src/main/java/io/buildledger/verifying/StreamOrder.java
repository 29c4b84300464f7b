package io.buildledger.verifying;

import io.buildledger.database.ReadingConnection;
import org.jspecify.annotations.Nullable;

/**
 * Reads the places of all events, stream by stream, from the index that judges them: each stream
 * begins at 0, goes on one by one, and its events are in the log in the same order. By pages, each
 * of which sees what is committed then: of a stream never a later event without those before it.
 */
final class StreamOrder {

    private static final String PLACES =
            """
            SELECT stream, sequence_number, global_index
              FROM event FORCE INDEX (event_stream_sequence)
             WHERE stream > :stream OR (stream = :stream AND sequence_number > :sequence)
             ORDER BY stream, sequence_number
             LIMIT :limit
            """;

    private static final int PAGE = 50_000;

    private record Place(String stream, long sequence, long index) {}

    private final ReadingConnection connection;
    private final Findings findings;
    private Place last = new Place("", -1, -1);
    private int ofPage;

    StreamOrder(ReadingConnection connection, Findings findings) {
        this.connection = connection;
        this.findings = findings;
    }

    void check() {
        do {
            ofPage = 0;
            connection
                    .jdbc()
                    .sql(PLACES)
                    .param("stream", last.stream())
                    .param("sequence", last.sequence())
                    .param("limit", PAGE)
                    .withFetchSize(ReadingConnection.ROW_BY_ROW)
                    .query(row -> {
                        next(new Place(row.getString(1), row.getLong(2), row.getLong(3)));
                    });
        } while (ofPage == PAGE);
    }

    private void next(Place place) {
        ofPage++;
        findings.lookedAt(Check.STREAMS);
        boolean goesOn = place.stream().equals(last.stream());
        long expected = goesOn ? last.sequence() + 1 : 0;
        if (place.sequence() != expected) {
            tell(
                    "%s has no %s, but %d"
                            .formatted(
                                    place.stream(),
                                    place.sequence() == expected + 1
                                            ? String.valueOf(expected)
                                            : "%d to %d".formatted(expected, place.sequence() - 1),
                                    place.sequence()),
                    goesOn ? last : null,
                    place);
        } else if (goesOn && place.index() < last.index()) {
            tell(
                    "%s@%d is in the log after %s@%d"
                            .formatted(
                                    last.stream(),
                                    last.sequence(),
                                    place.stream(),
                                    place.sequence()),
                    last,
                    place);
        }
        last = place;
    }

    private void tell(String what, @Nullable Place before, Place place) {
        Findings.Found found = findings.violation(Check.STREAMS, what);
        if (before != null) {
            found.withPlace(before.stream(), before.sequence());
        }
        found.withPlace(place.stream(), place.sequence());
    }
}
