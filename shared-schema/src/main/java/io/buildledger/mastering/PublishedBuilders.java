package io.buildledger.mastering;

import io.buildledger.database.UtcColumn;
import io.buildledger.domain.mastering.Fingerprints;
import io.buildledger.domain.mastering.PublishedFingerprint;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which builders the masters have, what they build for them, and what they tell people of them. A
 * master's rows stay when its life ends; those of masters that don't live count for nothing.
 */
public final class PublishedBuilders {

    // The group costs a walk along the primary key; few builders come out of it, as a rule none.
    private static final String DIVERGING =
            """
            SELECT b.builder, b.master, b.fingerprint, b.since, m.drain
              FROM (SELECT of_living.builder
                      FROM master_builder of_living JOIN master ON master.name = of_living.master
                     WHERE master.state = 'live'
                     GROUP BY of_living.builder
                    HAVING MIN(of_living.fingerprint) <> MAX(of_living.fingerprint)) AS diverging
                   JOIN master_builder b ON b.builder = diverging.builder
                   JOIN master m ON m.name = b.master
             WHERE m.state = 'live' AND b.fingerprint IS NOT NULL
             ORDER BY b.builder, b.master
            """;

    private static final String OF_BUILDER =
            """
            SELECT b.builder, b.master, b.fingerprint, b.since, m.drain
              FROM master_builder b JOIN master m ON m.name = b.master
             WHERE b.builder = :builder AND m.state = 'live' AND b.fingerprint IS NOT NULL
            """;

    private static final String NAMES =
            """
            SELECT DISTINCT b.builder
              FROM master_builder b JOIN master m ON m.name = b.master
             WHERE m.state = 'live' AND b.builder > :after
               AND (:tag IS NULL OR JSON_CONTAINS(b.tags, JSON_QUOTE(:tag)))
               AND (:project IS NULL OR b.project = :project)
             ORDER BY b.builder
             LIMIT :limit
            """;

    private static final String OF_NAMES =
            """
            SELECT b.builder, b.master, b.fingerprint, b.since, b.published_at, b.tags, b.description, b.policy, b.project,
                   b.project_description, b.project_url, m.drain
              FROM master_builder b JOIN master m ON m.name = b.master
             WHERE b.builder IN (:builders) AND m.state = 'live'
             ORDER BY b.builder, b.published_at DESC, b.master
            """;

    private record Row(
            String builder, @Nullable PublishedFingerprint published, ToldOfBuilder told) {}

    private final JdbcClient jdbc;

    public PublishedBuilders(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The builders for which living masters build different things, by name. */
    public Map<String, Fingerprints> diverging() {
        Map<String, List<PublishedFingerprint>> published = new TreeMap<>();
        jdbc.sql(DIVERGING)
                .query(row -> {
                    published
                            .computeIfAbsent(row.getString("builder"), _ -> new ArrayList<>())
                            .add(Objects.requireNonNull(fingerprint(row)));
                });
        Map<String, Fingerprints> diverging = new TreeMap<>();
        published.forEach((builder, of) -> diverging.put(builder, new Fingerprints(of)));
        return diverging;
    }

    /** What living masters build for a builder; none for one that no master has. */
    public Fingerprints fingerprints(String builder) {
        return new Fingerprints(
                jdbc.sql(OF_BUILDER)
                        .param("builder", builder)
                        .query((row, _) -> Objects.requireNonNull(fingerprint(row)))
                        .list());
    }

    /**
     * The builders that living masters have, by name.
     *
     * @param tag that they have, or null for any
     * @param project that they are of, or null for any
     */
    public List<PublishedBuilder> builders(
            @Nullable String tag, @Nullable String project, int limit) {
        return builders(tag, project, "", limit);
    }

    /**
     * Some of them.
     *
     * @param after the name after which to go on; empty for the first
     */
    public List<PublishedBuilder> builders(
            @Nullable String tag, @Nullable String project, String after, int limit) {
        return ofNames(names(tag, project, after, limit));
    }

    /** The names of the builders that living masters have, in their order. */
    public List<String> names(int limit) {
        return names(null, null, limit);
    }

    /**
     * The names of some of them, in their order.
     *
     * @param tag that they have, or null for any
     * @param project that they are of, or null for any
     */
    public List<String> names(@Nullable String tag, @Nullable String project, int limit) {
        return names(tag, project, "", limit);
    }

    private List<String> names(
            @Nullable String tag, @Nullable String project, String after, int limit) {
        return jdbc.sql(NAMES)
                .param("after", after)
                .param("tag", tag)
                .param("project", project)
                .param("limit", limit)
                .query(String.class)
                .list();
    }

    /** One of those that living masters have. */
    public Optional<PublishedBuilder> builder(String name) {
        return ofNames(List.of(name)).stream().findFirst();
    }

    /** Those of some names that living masters have, in their order. */
    public List<PublishedBuilder> ofNames(List<String> names) {
        if (names.isEmpty()) {
            return List.of();
        }
        Map<String, List<Row>> rows = new LinkedHashMap<>();
        jdbc.sql(OF_NAMES)
                .param("builders", names)
                .query(row -> {
                    rows.computeIfAbsent(row.getString("builder"), _ -> new ArrayList<>())
                            .add(
                                    new Row(
                                            row.getString("builder"),
                                            fingerprint(row),
                                            ToldOfBuilder.of(row)));
                });
        return rows.values().stream().map(PublishedBuilders::builder).toList();
    }

    private static PublishedBuilder builder(List<Row> rows) {
        Row last = rows.getFirst();
        return new PublishedBuilder(
                last.builder(),
                last.told().listOfTags(),
                last.told().description(),
                last.told().policy(),
                last.told().toProject(),
                new Fingerprints(
                        rows.stream().map(Row::published).filter(Objects::nonNull).toList()));
    }

    private static @Nullable PublishedFingerprint fingerprint(ResultSet row) throws SQLException {
        String fingerprint = row.getString("fingerprint");
        return fingerprint == null
                ? null
                : new PublishedFingerprint(
                        row.getString("master"),
                        fingerprint,
                        UtcColumn.read(row, "since"),
                        row.getString("drain") == null);
    }
}
