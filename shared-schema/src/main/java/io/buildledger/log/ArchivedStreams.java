package io.buildledger.log;

import io.buildledger.database.ReadingConnection;
import io.buildledger.log.EventImport.Row;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The streams that were moved to the archive, for who judges them. */
public final class ArchivedStreams {

    private final Archive archive;

    public ArchivedStreams(ReadingConnection connection) {
        this(connection.jdbc());
    }

    public ArchivedStreams(JdbcClient jdbc) {
        this.archive = new Archive(jdbc);
    }

    /** Whether a stream is of a kind that is moved. */
    public static boolean mayHave(String stream) {
        return Archive.mayHave(stream);
    }

    /** How many events of a stream were moved; empty if it is all in the table. */
    public OptionalLong eventsOf(String stream) {
        return archive.find(List.of(stream)).stream()
                .mapToLong(Archive.ArchivedStream::events)
                .findFirst();
    }

    /**
     * Hands over the events of each segment, in the order of the log. All events of a stream are in
     * one.
     *
     * @param readers gives one for each segment
     * @throws UnusableArchiveException if a file is missing, or has been altered
     */
    public void forEachSegment(Supplier<Consumer<Row>> readers) {
        archive.forEachSegment(readers);
    }

    /**
     * The indexes of the events of a segment, in their order.
     *
     * @throws UnusableArchiveException if its file is missing, or has been altered
     */
    public List<Long> indexesOf(int segment) {
        return archive.indexesOf(segment);
    }
}
