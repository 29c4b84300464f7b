package io.buildledger.viewing;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What builders have come to last, for those who show it elsewhere. */
public final class LastResults {

    /**
     * Of so many builds of a builder one of the branch is looked for: farms build many branches.
     */
    static final int FARTHEST = 500;

    private static final List<String> RESULTS =
            List.of("SUCCESS", "WARNINGS", "FAILURE", "EXCEPTION");

    private static final String LAST =
            """
            SELECT results
              FROM build_view
             WHERE builder = :builder AND results IN (:results)
               AND build_number > (SELECT MAX(n.build_number) FROM build_view n WHERE n.builder = :builder) - :farthest
             ORDER BY build_number DESC
             LIMIT 1
            """;

    private static final String LAST_OF_BRANCH =
            """
            SELECT v.results
              FROM (SELECT build_number, request_id, results
                      FROM build_view
                     WHERE builder = :builder
                     ORDER BY build_number DESC
                     LIMIT :farthest) AS v
                   JOIN request_view r ON r.request_id = v.request_id
                   JOIN buildset_view s ON s.buildset_id = r.buildset_id
             WHERE s.branch = :branch AND v.results IN (:results)
             ORDER BY v.build_number DESC
             LIMIT 1
            """;

    private final JdbcClient jdbc;

    public LastResults(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * The results of the last build that came to some: what was cancelled, skipped or is to be
     * tried again says nothing of what was built.
     *
     * <p>A builder that has come to nothing in so many builds has no result, as it is not red.
     *
     * @param branch null for any; of another one builds that are long ago are not found
     */
    public Optional<String> of(String builder, @Nullable String branch) {
        return branch == null
                ? jdbc.sql(LAST)
                        .param("builder", builder)
                        .param("results", RESULTS)
                        .param("farthest", BuilderStandings.FARTHEST)
                        .query(String.class)
                        .optional()
                : jdbc.sql(LAST_OF_BRANCH)
                        .param("builder", builder)
                        .param("branch", branch)
                        .param("results", RESULTS)
                        .param("farthest", FARTHEST)
                        .query(String.class)
                        .optional();
    }
}
