package io.buildledger.scheduler.changing;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The numbers of the changes that have been taken, by their identities. */
final class KnownChanges {

    private static final String FIND =
            """
            SELECT identity, change_id
              FROM change_identity
             WHERE identity IN (:identities)
            """;

    private static final String ADD =
            "INSERT INTO change_identity (identity, change_id) VALUES (:identity, :change)";

    private static final int MOST_AT_ONCE = 1_000;

    private final JdbcClient jdbc;
    private final NamedParameterJdbcTemplate batches;

    KnownChanges(NamedParameterJdbcTemplate jdbc) {
        this.jdbc = JdbcClient.create(jdbc);
        this.batches = jdbc;
    }

    /** The changes among these that have a number. */
    Map<ChangeIdentity, Long> find(Collection<ChangeIdentity> identities) {
        Map<ChangeIdentity, Long> known = new HashMap<>();
        List<byte[]> asked = identities.stream().map(ChangeIdentity::bytes).toList();
        for (int from = 0; from < asked.size(); from += MOST_AT_ONCE) {
            jdbc.sql(FIND)
                    .param(
                            "identities",
                            asked.subList(from, Math.min(asked.size(), from + MOST_AT_ONCE)))
                    .query(row -> {
                        known.put(
                                ChangeIdentity.stored(row.getBytes("identity")),
                                row.getLong("change_id"));
                    });
        }
        return known;
    }

    /**
     * Adds to the transaction that runs; in the order of the identities, so that two masters that
     * add some of the same wait for each other but not in a circle.
     *
     * @throws org.springframework.dao.DuplicateKeyException if another master has added one first
     */
    void add(SortedMap<ChangeIdentity, Long> changes) {
        if (changes.isEmpty()) {
            return;
        }
        batches.batchUpdate(
                ADD,
                changes.entrySet().stream()
                        .map(change ->
                                new MapSqlParameterSource()
                                        .addValue("identity", change.getKey().bytes())
                                        .addValue("change", change.getValue()))
                        .toArray(SqlParameterSource[]::new));
    }
}
