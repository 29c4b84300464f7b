package io.buildledger.verifying;

import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.log.WholeLog;
import io.buildledger.replaying.ClusterState;
import io.buildledger.replaying.KeptStates;
import io.buildledger.replaying.ReplayedTable.Bucket;
import io.buildledger.replaying.Snapshots;
import io.buildledger.replaying.StateDifference;
import io.buildledger.replaying.StateTable;
import io.buildledger.replaying.ViewReplay;
import io.buildledger.sealing.ChainCheck;
import io.buildledger.sealing.ChainFinding;
import io.buildledger.sealing.ChainFinding.Place;
import io.buildledger.viewing.ViewTable;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Reads the log of a cluster, which may be at work, and proves from the events alone that its
 * promises were kept and that the tables say what the log says. It writes nothing, holds no lock,
 * and keeps in memory what is open in the log, not what has ended.
 *
 * <p>The tables of one moment are compared with the events that were in the log then. What it can't
 * know from events is whether a scheduler passed over a change that its filter would have let pass.
 */
public final class Verification {

    private long events;
    private long viewsBehind;

    private Verification() {}

    /**
     * @throws io.buildledger.database.UnusableDatabaseException if the database can't be reached or
     *     read, or has another schema than this program's
     */
    public static Verdict of(Database database) throws InterruptedException {
        return new Verification().verify(database);
    }

    private Verdict verify(Database database) throws InterruptedException {
        Findings findings = new Findings();
        long newestBlock;
        Snapshot snapshot;
        try (ReadingConnection connection = database.openToRead()) {
            // Before the end of the log is read: what is sealed by now is in it.
            newestBlock = ChainCheck.newestBlock(connection);
            snapshot = Snapshot.take(connection);
            new StreamOrder(connection, findings).check();
        }
        Set<Bucket> different;
        long unsealed;
        JdbcClient beside = database.askingRarely();
        try (ReadingConnection connection = database.connectToRead()) {
            ChainCheck chain = ChainCheck.ofAll(beside, newestBlock);
            different = judge(new WholeLog(connection), beside, snapshot, chain, findings);
            unsealed = chain.unsealed();
            findings.complete(new WholeLog(connection), snapshot.moment().head());
            new ViewRowDifferences(connection, findings).tell(different);
        }
        return new Verdict(
                snapshot.moment().at(),
                snapshot.moment().head(),
                events,
                viewsBehind,
                unsealed,
                findings.lateSteps(),
                findings.droppedBuilds(),
                findings.unknownEvents(),
                findings.checks(),
                findings.differences(),
                findings.violations());
    }

    private Set<Bucket> judge(
            WholeLog log, JdbcClient kept, Snapshot snapshot, ChainCheck chain, Findings findings)
            throws InterruptedException {
        History history = new History(findings);
        ClusterState state = new ClusterState();
        KeptStates states = new KeptStates(kept, state, (_, _) -> {}, _ -> {});
        ReplayedSums replayed = new ReplayedSums();
        ViewReplay replay = new ViewReplay(EnumSet.allOf(ViewTable.class), replayed);
        log.read(
                snapshot.moment().head(),
                chain::next,
                event -> {
                    if (snapshot.moment().has(event.index())) {
                        events++;
                        states.before(event.index());
                        boolean isSound = history.next(event);
                        if (isSound) {
                            state.next(event.recorded());
                        } else {
                            state.notUnderstood(event.recorded());
                        }
                        if (!snapshot.viewsPosition().covers(event.index())) {
                            viewsBehind++;
                        } else if (isSound) {
                            replay.next(event.recorded());
                        }
                    }
                });
        history.end();
        states.end(snapshot.moment().settled());
        findings.lookedAt(Check.SNAPSHOTS, states.lookedAt());
        states.differences()
                .forEach(what ->
                        findings.difference(Check.SNAPSHOTS, Snapshots.TABLE, what, List.of()));
        compare(state, snapshot.tables(), findings);
        chain.end(snapshot.moment().head());
        tell(chain, findings);
        findings.lookedAt(Check.VIEWS, snapshot.views().rows());
        replay.end();
        return replayed.differencesFrom(snapshot.views());
    }

    private static void compare(ClusterState state, StateTable.Rows rows, Findings findings) {
        for (StateTable table : StateTable.values()) {
            Check check = Check.of(table);
            findings.lookedAt(check, table.count(state));
            for (StateDifference difference : table.differences(state, rows)) {
                findings.difference(check, table.tableName(), difference.what(), List.of())
                        .withLastOf(difference.streams());
            }
        }
    }

    private static void tell(ChainCheck chain, Findings findings) {
        findings.lookedAt(Check.CHAIN, chain.blocks());
        for (ChainFinding finding : chain.findings()) {
            Findings.Found found = findings.violation(Check.CHAIN, finding.what());
            Place event = finding.event();
            if (event != null) {
                found.withPlace(event.stream(), event.sequence());
            }
        }
        findings.violations(Check.CHAIN, chain.beyond());
    }
}
