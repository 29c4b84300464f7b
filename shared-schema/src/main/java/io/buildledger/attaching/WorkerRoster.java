package io.buildledger.attaching;

import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.OwnLife;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Which workers the masters have in their files. */
public final class WorkerRoster {

    /**
     * A worker of a master's file.
     *
     * @param name in the whole cluster
     * @param attaches whether it is one that attaches
     * @param isLatent whether it is one that masters start and stop
     * @param maxBuilds how many builds at once
     */
    public record Listed(String name, boolean attaches, boolean isLatent, int maxBuilds) {}

    private static final String FORGET = "DELETE FROM master_worker WHERE master = :master";

    private static final String LIST =
            """
            INSERT INTO master_worker (worker, master, attaches, latent, max_builds)
            VALUES (:worker, :master, :attaches, :latent, :maxBuilds)
            """;

    private static final String HAS =
            "SELECT COUNT(*) FROM (SELECT 1 FROM master_worker WHERE worker = :worker LIMIT 1) AS found";

    private static final String ATTACHES =
            "SELECT COALESCE(MAX(attaches), FALSE) FROM master_worker WHERE worker = :worker";

    // Whoever was shut down on purpose, or was told of, is not looked for, and neither is whom
    // masters start and stop.
    private static final String ABSENT =
            """
            SELECT listed.worker
              FROM master_worker AS listed
                   LEFT JOIN worker ON worker.name = listed.worker
                   LEFT JOIN master ON master.name = worker.master AND master.epoch = worker.epoch
                                   AND master.state = 'live' AND worker.detached_at IS NULL
             WHERE listed.master = :master AND listed.attaches AND NOT listed.latent AND master.name IS NULL
               AND worker.missing_since IS NULL AND COALESCE(worker.shut_down, FALSE) = FALSE
            """;

    private final EventLog log;
    private final JdbcClient jdbc;
    private final NamedParameterJdbcTemplate batches;

    public WorkerRoster(EventLog log, DataSource dataSource) {
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
        this.batches = new NamedParameterJdbcTemplate(dataSource);
    }

    /** Says which workers a master has from now on; nothing, if its life is over. */
    public void list(Author author, Collection<Listed> workers) {
        log.inTransaction(() -> {
            if (OwnLife.isOver(jdbc, author)) {
                return;
            }
            jdbc.sql(FORGET).param("master", author.master()).update();
            batches.batchUpdate(
                    LIST,
                    workers.stream()
                            .map(it ->
                                    new MapSqlParameterSource("worker", it.name())
                                            .addValue("master", author.master())
                                            .addValue("attaches", it.attaches())
                                            .addValue("latent", it.isLatent())
                                            .addValue("maxBuilds", it.maxBuilds()))
                            .toArray(SqlParameterSource[]::new));
        });
    }

    /** Whether any master has the worker in its file. */
    public boolean has(String worker) {
        return jdbc.sql(HAS).param("worker", worker).query(Integer.class).single() > 0;
    }

    /** Whether a master has a worker of this name in its file that attaches. */
    boolean attaches(String worker) {
        return jdbc.sql(ATTACHES).param("worker", worker).query(Boolean.class).single();
    }

    /**
     * Of the workers that attach and that a master has in its file, those that no living master has
     * and that nobody has told of yet.
     */
    public Set<String> absent(Author author) {
        return new HashSet<>(
                jdbc.sql(ABSENT).param("master", author.master()).query(String.class).list());
    }
}
