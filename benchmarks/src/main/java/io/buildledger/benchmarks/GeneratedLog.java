package io.buildledger.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import io.buildledger.log.EventImport;
import io.buildledger.log.EventImport.Row;
import io.buildledger.viewing.ViewProjector;
import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What a {@link GeneratedFarm} writes, in an empty database, whose views were lost. */
final class GeneratedLog {

    private static final int ROWS_AT_ONCE = 1_000;

    private GeneratedLog() {}

    /**
     * @param events how many, and then some more until what is begun at the moment is whole
     * @return the index of the last
     */
    static long write(Database database, long seed, long events) {
        try (HikariDataSource dataSource = database.pool("generator", 1)) {
            EventImport log = new EventImport(dataSource);
            TransactionTemplate transaction =
                    new TransactionTemplate(new JdbcTransactionManager(dataSource));
            List<Row> rows = new ArrayList<>(ROWS_AT_ONCE);
            long[] index = new long[1];
            new GeneratedFarm(
                            seed,
                            (entry, author, cause, at) -> {
                                rows.add(log.row(++index[0], entry, author, cause, at));
                                if (rows.size() == ROWS_AT_ONCE) {
                                    transaction.executeWithoutResult(_ -> log.write(rows));
                                    rows.clear();
                                }
                            })
                    .write(events);
            transaction.executeWithoutResult(_ -> log.write(rows));
            // As if the views had been projected, and were lost.
            JdbcClient.create(dataSource)
                    .sql(
                            """
                            INSERT INTO token (processor_name, segment, token, token_type)
                            VALUES (:name, 0, :token, 'gap-aware-token')
                            """)
                    .param("name", ViewProjector.FOLLOWER)
                    .param("token", "{\"index\":%d,\"gaps\":[]}".formatted(index[0]))
                    .update();
            return index[0];
        }
    }
}
