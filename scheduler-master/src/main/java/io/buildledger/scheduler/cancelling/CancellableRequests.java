package io.buildledger.scheduler.cancelling;

import io.buildledger.database.UtcColumn;
import io.buildledger.domain.cancelling.Branch;
import io.buildledger.domain.cancelling.OldBuildCanceller.Newer;
import io.buildledger.domain.cancelling.OldBuildCanceller.Watched;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** The requests that one old_build_canceller watches over. Whoever reads for it writes them. */
final class CancellableRequests {

    static final String ADD =
            """
            INSERT INTO cancellable_request (canceller, request_id, branch_key, builder, newest_change, asked_at)
            VALUES (:canceller, :request, :branch, :builder, :newestChange, :askedAt)
            """;

    static final String FIND =
            """
            SELECT request_id, builder, branch_key, newest_change, asked_at
              FROM cancellable_request FORCE INDEX (cancellable_request_branch)
             WHERE canceller = :canceller AND builder IN (:builders) AND branch_key IN (:branches)
            """;

    // The join looks each key up; for a list of keys MySQL scans a short table.
    static final String REMOVE =
            """
            DELETE cancellable_request
              FROM JSON_TABLE(:requests, '$[*]' COLUMNS (id BIGINT PATH '$')) AS ended
                   STRAIGHT_JOIN cancellable_request
                   ON cancellable_request.canceller = :canceller AND cancellable_request.request_id = ended.id
            """;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final String canceller;
    private final JdbcClient jdbc;
    private final NamedParameterJdbcTemplate batches;

    CancellableRequests(String canceller, DataSource dataSource) {
        this.canceller = canceller;
        this.jdbc = JdbcClient.create(dataSource);
        this.batches = new NamedParameterJdbcTemplate(dataSource);
    }

    void add(Collection<Watched> watched) {
        if (!watched.isEmpty()) {
            batches.batchUpdate(
                    ADD,
                    watched.stream()
                            .map(it ->
                                    new MapSqlParameterSource("canceller", canceller)
                                            .addValue("request", it.requestId())
                                            .addValue("branch", key(it.branch()))
                                            .addValue("builder", it.builder())
                                            .addValue("newestChange", it.newestChange())
                                            .addValue("askedAt", UtcColumn.of(it.askedAt())))
                            .toArray(SqlParameterSource[]::new));
        }
    }

    /** Those of the same builders and the same branches, and some more. */
    List<Watched> find(Collection<Newer> newer) {
        if (newer.isEmpty()) {
            return List.of();
        }
        Map<ByteBuffer, Branch> branches = new HashMap<>();
        newer.forEach(it -> branches.put(ByteBuffer.wrap(key(it.branch())), it.branch()));
        return jdbc.sql(FIND)
                .param("canceller", canceller)
                .param("builders", newer.stream().map(Newer::builder).collect(Collectors.toSet()))
                .param("branches", branches.keySet().stream().map(ByteBuffer::array).toList())
                .query((row, _) -> watched(row, branches))
                .list();
    }

    private static Watched watched(ResultSet row, Map<ByteBuffer, Branch> branches)
            throws SQLException {
        return new Watched(
                row.getLong("request_id"),
                row.getString("builder"),
                Objects.requireNonNull(branches.get(ByteBuffer.wrap(row.getBytes("branch_key")))),
                row.getObject("newest_change", Long.class),
                UtcColumn.read(row, "asked_at"));
    }

    void remove(Collection<Long> requestIds) {
        if (!requestIds.isEmpty()) {
            // Numbers in brackets, as JSON has them too.
            jdbc.sql(REMOVE)
                    .param("canceller", canceller)
                    .param("requests", requestIds.stream().sorted().toList().toString())
                    .update();
        }
    }

    private static byte[] key(Branch branch) {
        return DigestUtils.sha256(
                JSON.writeValueAsBytes(
                        List.of(
                                branch.codebase(),
                                branch.project(),
                                branch.repository(),
                                branch.name())));
    }
}
