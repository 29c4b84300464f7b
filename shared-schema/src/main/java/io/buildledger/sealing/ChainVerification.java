package io.buildledger.sealing;

import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.log.WholeLog;
import io.buildledger.replaying.ReplayProgress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log of a cluster, which may be at work, and holds it against its chain, and the chain
 * against checkpoints. It writes nothing, holds no lock, and keeps in memory the events of one
 * block.
 */
public final class ChainVerification {

    private static final String HEAD = "SELECT COALESCE(MAX(global_index), 0) FROM event";

    private static final int ROWS_OF_A_STEP = 10_000;

    private final ReplayProgress progress;
    private long read;

    private ChainVerification(ReplayProgress progress) {
        this.progress = progress;
    }

    /**
     * @param checkpoints that the chain must go through
     * @param isNewerOnly reads what was sealed after the last of them only: the events before it
     *     are taken to be what they were
     * @param progress is told of the index that was read last
     * @throws io.buildledger.database.UnusableDatabaseException if the database can't be reached or
     *     read, or has another schema than this program's
     */
    public static ChainVerdict of(
            Database database,
            List<Checkpoint> checkpoints,
            boolean isNewerOnly,
            ReplayProgress progress) {
        Checkpoint from =
                isNewerOnly
                        ? checkpoints.stream()
                                .max(Comparator.comparingLong(Checkpoint::block))
                                .orElseThrow()
                        : null;
        try (ReadingConnection rows = database.openToRead()) {
            return new ChainVerification(progress)
                    .verify(rows, new ChainTable(database.askingRarely()), checkpoints, from);
        }
    }

    /**
     * Where the chain of a cluster is now; empty if nothing is sealed yet.
     *
     * @throws io.buildledger.database.UnusableDatabaseException as {@link #of}
     */
    public static Optional<Checkpoint> checkpoint(Database database) {
        try (ReadingConnection connection = database.openToRead()) {
            ChainTable chain = new ChainTable(connection.jdbc());
            return checkpoint(chain, chain.newest().orElse(-1L));
        }
    }

    private static Optional<Checkpoint> checkpoint(ChainTable chain, long number) {
        return chain.read(number, number, 1).stream()
                .findFirst()
                .map(block ->
                        Checkpoint.of(chain.log().orElseThrow(), block, chain.eventsUpTo(number)));
    }

    private ChainVerdict verify(
            ReadingConnection rows,
            ChainTable chain,
            List<Checkpoint> checkpoints,
            @Nullable Checkpoint from) {
        // Before the end of the log is read: what is sealed by now is in it.
        long newest = chain.newest().orElse(-1L);
        long head = rows.jdbc().sql(HEAD).query(Long.class).single();
        Optional<Hash> log = chain.log();
        ChainCheck check =
                new ChainCheck(
                        log.orElse(null),
                        new Blocks(chain, from == null ? 0 : from.block(), newest),
                        checkpoints,
                        from,
                        newest);
        read(new WholeLog(rows), from == null ? Long.MIN_VALUE : from.lastIndex(), head, check);
        check.end(head);
        Optional<Checkpoint> now = checkpoint(chain, newest);
        return new ChainVerdict(
                log.map(Hash::hex).orElse(null),
                check.blocks(),
                check.events(),
                now.map(Checkpoint::lastIndex).orElse(0L),
                check.unsealed(),
                check.unsealedSince(),
                check.passed(),
                check.findings().isEmpty() ? now.orElse(null) : null,
                check.findings().size() + check.beyond(),
                check.findings());
    }

    private void read(WholeLog log, long after, long head, ChainCheck check) {
        progress.at(Math.max(after, 0), head);
        log.readRows(
                after,
                head,
                row -> {
                    check.next(row);
                    if (++read % ROWS_OF_A_STEP == 0) {
                        progress.at(row.index(), head);
                    }
                });
        progress.at(head, head);
    }
}
