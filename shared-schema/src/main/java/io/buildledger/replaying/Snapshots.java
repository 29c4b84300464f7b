package io.buildledger.replaying;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.replaying.ClusterState.Part;
import io.buildledger.replaying.ClusterState.Scheduler;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.JacksonException;

/**
 * States that were kept, so that who wants to know one reads the log from the one before it, and
 * not from its beginning. Each can be made again from the log; those of a program that keeps them
 * in another form are as if they were not there.
 */
public final class Snapshots {

    /**
     * A state that was kept.
     *
     * @param index of the last event that counts
     */
    public record Kept(long index, ClusterState state) {}

    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

    /** Where they are kept. */
    public static final String TABLE = "cluster_snapshot";

    /** What a packet of a server has room for, also of MariaDB's default. */
    private static final int PIECE = 4_000_000;

    /**
     * To be changed with what {@link ClusterState} consists of, or makes of an event: schedulers go
     * on from what is kept of them.
     */
    private static final String FORMAT = "2";

    private static final String OF_SCHEDULER = "scheduler/";

    private static final String NEWEST =
            """
            SELECT MAX(global_index) FROM cluster_snapshot
             WHERE format = :format AND global_index <= :index
            """;

    private static final String PIECES =
            """
            SELECT part, content FROM cluster_snapshot
             WHERE format = :format AND global_index = :index
             ORDER BY part, piece
            """;

    private static final String PIECES_OF_PART =
            """
            SELECT part, content FROM cluster_snapshot
             WHERE format = :format AND global_index = :index AND part = :part
             ORDER BY piece
            """;

    private static final String INDICES =
            """
            SELECT DISTINCT global_index FROM cluster_snapshot
             WHERE format = :format
             ORDER BY global_index
            """;

    private static final String BEYOND_LOG =
            """
            SELECT DISTINCT global_index FROM cluster_snapshot
             WHERE format = :format AND global_index > (SELECT COALESCE(MAX(global_index), -1) FROM event)
             ORDER BY global_index
            """;

    private static final String FORGET =
            "DELETE FROM cluster_snapshot WHERE format = :format AND global_index = :index";

    private static final String KEEP =
            """
            INSERT INTO cluster_snapshot (format, global_index, part, piece, content)
            VALUES (:format, :index, :part, :piece, :content)
            """;

    private final JdbcClient jdbc;

    public Snapshots(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Keeps a state, in the transaction that runs.
     *
     * @param index of the last event that counts, after which nothing comes that was written before
     *     it
     */
    public void keep(long index, ClusterState state) {
        for (Part part : Part.values()) {
            if (part != Part.SCHEDULERS) {
                keep(index, nameOf(part), state.part(part));
            }
        }
        state.schedulers()
                .forEach((name, scheduler) -> keep(index, OF_SCHEDULER + name, scheduler));
    }

    private void keep(long index, String part, Object content) {
        byte[] bytes = SnapshotJson.write(content);
        for (int piece = 0; piece * PIECE < bytes.length; piece++) {
            jdbc.sql(KEEP)
                    .param("format", FORMAT)
                    .param("index", index)
                    .param("part", part)
                    .param("piece", piece)
                    .param(
                            "content",
                            Arrays.copyOfRange(
                                    bytes,
                                    piece * PIECE,
                                    Math.min((piece + 1) * PIECE, bytes.length)))
                    .update();
        }
    }

    private static String nameOf(Part part) {
        return part.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The index of the newest of all; empty if there is none. */
    public Optional<Long> newestIndex() {
        return newest(Long.MAX_VALUE);
    }

    /**
     * The newest that counts no event after an index; empty if there is none. Those that can't be
     * read are passed over.
     */
    public Optional<Kept> upTo(long index) {
        for (Optional<Long> at = newest(index); at.isPresent(); at = newest(at.get() - 1)) {
            try {
                return Optional.of(new Kept(at.get(), read(at.get())));
            } catch (UncheckedIOException | JacksonException | IllegalArgumentException e) {
                LOG.warn(
                        "the state that is kept after event {} can't be read and is passed over: {}",
                        at.get(),
                        DatabaseTrouble.reason(e));
            }
        }
        return Optional.empty();
    }

    /**
     * What the newest that can be read says of a scheduler; empty if it says nothing. Those that
     * can't be read are passed over.
     */
    public Optional<Scheduler> newestOfScheduler(String name) {
        for (Optional<Long> at = newestIndex(); at.isPresent(); at = newest(at.get() - 1)) {
            byte[] content =
                    pieces(PIECES_OF_PART, at.get(), OF_SCHEDULER + name).get(OF_SCHEDULER + name);
            if (content == null) {
                return Optional.empty();
            }
            try {
                return Optional.of(SnapshotJson.read(content, Scheduler.class));
            } catch (UncheckedIOException | JacksonException | IllegalArgumentException e) {
                LOG.warn(
                        "what is kept of scheduler {} after event {} can't be read and is passed over: {}",
                        name,
                        at.get(),
                        DatabaseTrouble.reason(e));
            }
        }
        return Optional.empty();
    }

    /** The indices of all, in order. */
    List<Long> indices() {
        return jdbc.sql(INDICES).param("format", FORMAT).query(Long.class).list();
    }

    /**
     * The indices of those that count events which the log does not have, in order: it was restored
     * from a backup, or its end was cut off.
     */
    List<Long> beyondLog() {
        return jdbc.sql(BEYOND_LOG).param("format", FORMAT).query(Long.class).list();
    }

    /**
     * What is kept of an index and is not what the log makes of it; empty if it is.
     *
     * @param state after the event of that index
     */
    List<String> differences(long index, ClusterState state) {
        ClusterState kept;
        try {
            kept = read(index);
        } catch (UncheckedIOException | JacksonException | IllegalArgumentException e) {
            return List.of("can't be read: " + DatabaseTrouble.reason(e));
        }
        List<String> differences = new ArrayList<>();
        for (Part part : Part.values()) {
            if (part != Part.SCHEDULERS && !kept.part(part).equals(state.part(part))) {
                differences.add("has other " + nameOf(part));
            }
        }
        SortedSet<String> schedulers = new TreeSet<>(kept.schedulers().keySet());
        schedulers.addAll(state.schedulers().keySet());
        for (String scheduler : schedulers) {
            if (!Objects.equals(
                    kept.schedulers().get(scheduler), state.schedulers().get(scheduler))) {
                differences.add("has another scheduler " + scheduler);
            }
        }
        return differences;
    }

    /** Keeps a state in the place of another, in the transaction that runs. */
    void replace(long index, ClusterState state) {
        forget(index);
        keep(index, state);
    }

    void forget(long index) {
        jdbc.sql(FORGET).param("format", FORMAT).param("index", index).update();
    }

    private Optional<Long> newest(long index) {
        return jdbc.sql(NEWEST)
                .param("format", FORMAT)
                .param("index", index)
                .query(Long.class)
                .optional();
    }

    private ClusterState read(long index) {
        ClusterState state = new ClusterState();
        Map<String, byte[]> parts = pieces(PIECES, index, "");
        for (Part part : Part.values()) {
            if (part != Part.SCHEDULERS) {
                byte[] content = parts.remove(nameOf(part));
                if (content == null) {
                    throw new IllegalArgumentException("it lacks its " + nameOf(part));
                }
                state.restore(part, SnapshotJson.readMap(content, part.key(), part.item()));
            }
        }
        parts.forEach((name, content) -> {
            if (!name.startsWith(OF_SCHEDULER)) {
                throw new IllegalArgumentException("it has a part '" + name + "', which none has");
            }
            Scheduler scheduler = SnapshotJson.read(content, Scheduler.class);
            state.restore(
                    Part.SCHEDULERS, Map.of(name.substring(OF_SCHEDULER.length()), scheduler));
        });
        return state;
    }

    private Map<String, byte[]> pieces(String sql, long index, String part) {
        Map<String, ByteArrayOutputStream> parts = new HashMap<>();
        jdbc.sql(sql)
                .param("format", FORMAT)
                .param("index", index)
                .param("part", part)
                .query(row -> {
                    parts.computeIfAbsent(row.getString("part"), _ -> new ByteArrayOutputStream())
                            .writeBytes(row.getBytes("content"));
                });
        Map<String, byte[]> contents = new HashMap<>();
        parts.forEach((name, bytes) -> contents.put(name, bytes.toByteArray()));
        return contents;
    }
}
