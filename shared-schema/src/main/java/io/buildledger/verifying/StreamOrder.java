package io.buildledger.verifying;

import io.buildledger.database.ReadingConnection;
import io.buildledger.log.ArchivedStreams;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
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
    private final ArchivedStreams archive;
    private final List<Place> headless = new ArrayList<>();
    private Place last = new Place("", -1, -1);
    private int ofPage;

    StreamOrder(ReadingConnection connection, Findings findings) {
        this.connection = connection;
        this.findings = findings;
        this.archive = new ArchivedStreams(connection);
    }

    void check() {
        archived();
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
            headless.forEach(this::judgeHeadless);
            headless.clear();
        } while (ofPage == PAGE);
    }

    /** Each stream that was moved to the archive is whole there. */
    private void archived() {
        archive.forEachSegment(() -> {
            Map<String, Place> lasts = new HashMap<>();
            return row -> {
                Place place = new Place(row.stream(), row.sequence(), row.index());
                findings.lookedAt(Check.STREAMS);
                judge(lasts.put(row.stream(), place), place);
            };
        });
    }

    /** Its beginning was moved to the archive, unless it is lost. */
    private void judgeHeadless(Place place) {
        OptionalLong moved = archive.eventsOf(place.stream());
        if (moved.isEmpty() || place.sequence() > moved.getAsLong()) {
            judge(null, place);
        }
    }

    private void next(Place place) {
        ofPage++;
        findings.lookedAt(Check.STREAMS);
        boolean goesOn = place.stream().equals(last.stream());
        if (!goesOn && place.sequence() > 0 && ArchivedStreams.mayHave(place.stream())) {
            headless.add(place);
        } else {
            judge(goesOn ? last : null, place);
        }
        last = place;
    }

    /**
     * @param last the event before it on its stream, or null
     */
    private void judge(@Nullable Place last, Place place) {
        long expected = last == null ? 0 : last.sequence() + 1;
        if (place.sequence() != expected) {
            tell(
                    "%s has no %s, but %d"
                            .formatted(
                                    place.stream(),
                                    place.sequence() == expected + 1
                                            ? String.valueOf(expected)
                                            : "%d to %d".formatted(expected, place.sequence() - 1),
                                    place.sequence()),
                    last,
                    place);
        } else if (last != null && place.index() < last.index()) {
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
    }

    private void tell(String what, @Nullable Place before, Place place) {
        Findings.Found found = findings.violation(Check.STREAMS, what);
        if (before != null) {
            found.withPlace(before.stream(), before.sequence());
        }
        found.withPlace(place.stream(), place.sequence());
    }
}
