package io.buildledger.database;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Has a pool throw all its connections away when a server says that it may only be read any more:
 * another has become the primary, and what these would read may be old.
 */
final class DemotedServer implements SQLExceptionOverride {

    /** MySQL's error numbers: read-only by option or mode, or refused by the group's plug-in. */
    private static final Set<Integer> READ_ONLY = Set.of(1290, 1836, 3100, 3101);

    private volatile @Nullable HikariDataSource pool;

    void watch(HikariDataSource opened) {
        pool = opened;
    }

    @java.lang.Override
    public Override adjudicate(SQLException failure) {
        if (!READ_ONLY.contains(failure.getErrorCode())) {
            return Override.CONTINUE_EVICT;
        }
        HikariDataSource opened = pool;
        if (opened != null) {
            opened.getHikariPoolMXBean().softEvictConnections();
        }
        return Override.MUST_EVICT;
    }
}
