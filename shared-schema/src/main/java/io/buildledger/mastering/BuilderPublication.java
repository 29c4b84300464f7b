package io.buildledger.mastering;

import io.buildledger.database.UtcColumn;
import io.buildledger.domain.mastering.Descriptions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What a master says of its builders; {@link PublishedBuilders} reads it. */
final class BuilderPublication {

    private static final String FORMER =
            """
            SELECT builder, fingerprint, since, tags, description, policy, project, project_description, project_url
              FROM master_builder
             WHERE master = :master
            """;

    private static final String FORGET = "DELETE FROM master_builder WHERE master = :master";

    private static final String PUBLISH =
            """
            INSERT INTO master_builder (builder, master, fingerprint, since, published_at,
                                        tags, description, policy, project, project_description, project_url)
            VALUES (:builder, :master, :fingerprint, COALESCE(:since, UTC_TIMESTAMP(6)), UTC_TIMESTAMP(6),
                    :tags, :description, :policy, :project, :projectDescription, :projectUrl)
            """;

    private record Former(
            @Nullable String fingerprint, @Nullable Instant since, ToldOfBuilder told) {}

    private final JdbcClient jdbc;
    private final NamedParameterJdbcTemplate batches;

    BuilderPublication(DataSource dataSource) {
        this.jdbc = JdbcClient.create(dataSource);
        this.batches = new NamedParameterJdbcTemplate(dataSource);
    }

    /**
     * Replaces all that a master has said, in the transaction of the event that says so.
     *
     * @return whether people are told something else of its builders than before
     */
    boolean publish(String master, Map<String, String> fingerprints, Descriptions descriptions) {
        Map<String, Former> former = former(master);
        jdbc.sql(FORGET).param("master", master).update();
        Map<String, ToldOfBuilder> toldBefore = new HashMap<>();
        former.forEach((builder, row) -> {
            if (!row.told().isNothing()) {
                toldBefore.put(builder, row.told());
            }
        });
        Map<String, ToldOfBuilder> toldNow = new HashMap<>();
        List<SqlParameterSource> rows = new ArrayList<>();
        // In one order, so that two masters that start at once don't wait for each other.
        new TreeMap<>(fingerprints)
                .forEach((builder, fingerprint) -> {
                    Former before = former.get(builder);
                    ToldOfBuilder told = ToldOfBuilder.of(builder, descriptions);
                    if (!told.isNothing()) {
                        toldNow.put(builder, told);
                    }
                    rows.add(
                            new MapSqlParameterSource("builder", builder)
                                    .addValue("master", master)
                                    .addValue("fingerprint", fingerprint)
                                    .addValue(
                                            "since",
                                            before == null
                                                            || before.since() == null
                                                            || !fingerprint.equals(
                                                                    before.fingerprint())
                                                    ? null
                                                    : UtcColumn.of(before.since()))
                                    .addValue("tags", told.tags())
                                    .addValue("description", told.description())
                                    .addValue("policy", told.policy())
                                    .addValue("project", told.project())
                                    .addValue("projectDescription", told.projectDescription())
                                    .addValue("projectUrl", told.projectUrl()));
                });
        batches.batchUpdate(PUBLISH, rows.toArray(SqlParameterSource[]::new));
        return !toldBefore.equals(toldNow);
    }

    private Map<String, Former> former(String master) {
        Map<String, Former> former = new HashMap<>();
        jdbc.sql(FORMER)
                .param("master", master)
                .query(row -> {
                    former.put(
                            row.getString("builder"),
                            new Former(
                                    row.getString("fingerprint"),
                                    UtcColumn.readOrNull(row, "since"),
                                    ToldOfBuilder.of(row)));
                });
        return former;
    }
}
