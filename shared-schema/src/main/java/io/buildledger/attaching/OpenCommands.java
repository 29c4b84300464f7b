package io.buildledger.attaching;

import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.building.BuildEvent.CommandStarted;
import io.buildledger.log.Entry;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.log.Rows;
import java.util.Collection;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The commands that may be running on attached workers, as the log tells. */
public final class OpenCommands {

    // A build has one command at a time: the next one means that the last one has ended.
    private static final String OPEN =
            """
            INSERT INTO open_command (builder, build_number, worker, command_id)
            VALUES (:builder, :build, :worker, :command)
                ON DUPLICATE KEY UPDATE worker = VALUES(worker), command_id = VALUES(command_id)
            """;

    private static final String CLOSE =
            "DELETE FROM open_command WHERE builder = :builder AND build_number = :build";

    private static final String ON_WORKER =
            "SELECT command_id FROM open_command WHERE worker = :worker ORDER BY command_id";

    private static final String FORGET =
            "DELETE FROM open_command WHERE worker = :worker AND command_id IN (:commands)";

    private final JdbcClient jdbc;
    private final NamedParameterJdbcTemplate batches;

    // One object each, so that those of a transaction are written together.
    private final Rows<CommandStarted> opened = this::open;
    private final Rows<BuildEvent> closed = this::close;

    public OpenCommands(DataSource dataSource) {
        this.jdbc = JdbcClient.create(dataSource);
        this.batches = new NamedParameterJdbcTemplate(dataSource);
    }

    /** What is to be submitted before a worker is told of a command. */
    public Submission<?> opening(Entry entry, CommandStarted started) {
        return new Submission<>(List.of(entry), opened, started);
    }

    /** What is to be submitted with an event of a build whose last command has ended. */
    public Submission<?> closing(Entry entry, BuildEvent event) {
        return new Submission<>(List.of(entry), closed, event);
    }

    private void open(List<CommandStarted> commands) {
        batches.batchUpdate(
                OPEN,
                commands.stream()
                        .map(it ->
                                new MapSqlParameterSource("builder", it.builder())
                                        .addValue("build", it.buildNumber())
                                        .addValue("worker", it.worker())
                                        .addValue("command", it.commandId()))
                        .toArray(SqlParameterSource[]::new));
    }

    private void close(List<BuildEvent> events) {
        batches.batchUpdate(
                CLOSE,
                events.stream()
                        .map(it ->
                                new MapSqlParameterSource("builder", it.builder())
                                        .addValue("build", it.buildNumber()))
                        .toArray(SqlParameterSource[]::new));
    }

    /** The ids of the commands that may be running on a worker. */
    public List<String> on(String worker) {
        return jdbc.sql(ON_WORKER).param("worker", worker).query(String.class).list();
    }

    /** The worker was told to end these. */
    public void forget(String worker, Collection<String> commandIds) {
        if (!commandIds.isEmpty()) {
            jdbc.sql(FORGET).param("worker", worker).param("commands", commandIds).update();
        }
    }
}
