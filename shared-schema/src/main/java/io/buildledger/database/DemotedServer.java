package io.buildledger.database;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Has the pools of a process throw all their connections away when a server says to one of them
 * that it may only be read any more: another has become the primary, and what these would read may
 * be old.
 */
final class DemotedServer implements SQLExceptionOverride {

    /** MySQL's error numbers: read-only by option or mode, or refused by the group's plug-in. */
    private static final Set<Integer> READ_ONLY = Set.of(1290, 1836, 3100, 3101);

    private final List<HikariDataSource> pools = new CopyOnWriteArrayList<>();

    void watch(HikariDataSource opened) {
        pools.add(opened);
    }

    @java.lang.Override
    public Override adjudicate(SQLException failure) {
        if (!READ_ONLY.contains(failure.getErrorCode())) {
            return Override.CONTINUE_EVICT;
        }
        pools.forEach(pool -> pool.getHikariPoolMXBean().softEvictConnections());
        return Override.MUST_EVICT;
    }
}
