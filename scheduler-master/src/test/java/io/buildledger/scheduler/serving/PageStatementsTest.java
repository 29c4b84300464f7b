package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.numbering.Numbers;
import io.buildledger.testing.GrownFarm;
import io.buildledger.testing.SentStatements;
import io.buildledger.testing.SentStatements.Statement;
import io.buildledger.testing.TestMasters;
import io.buildledger.viewing.Views;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.http.server.PathContainer;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.pattern.PathPattern;

/** What pages and the API ask the database, on a farm that has built for long. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PageStatementsTest {

    /** Tables that may be read whole, for they don't grow with what was ever built. */
    private static final Map<String, String> BOUNDED =
            Map.ofEntries(
                    Map.entry("master", "the masters that files name"),
                    Map.entry("master_builder", "the builders in the files of masters"),
                    Map.entry("master_worker", "the workers in the files of masters"),
                    Map.entry("worker", "the workers in the files of masters"),
                    Map.entry("scheduler_status", "the schedulers in the files of masters"),
                    Map.entry("token", "one row for each follower"),
                    Map.entry("claim", "what is built now: no more than the workers can"));

    /** Indexes that may be read whole, of tables that grow. */
    private static final Map<String, String> BOUNDED_INDEXES =
            Map.of(
                    "build_request_offer",
                    "what waits now is counted by it, with no look at a row; a count that is kept would be a row that all claims of a builder wait for");

    private static final GrownFarm FARM = new GrownFarm(300, 6_000, 3_000, 20, 3);

    private static final Pattern READ_TABLE =
            Pattern.compile("(?i)\\b(?:FROM|JOIN)\\s+`?(\\w+)`?(?:\\s+(?:AS\\s+)?(\\w+))?");

    private static final Set<String> NO_NAMES =
            Set.of("where", "join", "left", "on", "order", "group", "limit", "union", "force");

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static ServedLog served;
    private static List<String> addresses;

    /** One row of EXPLAIN. */
    private record Access(String table, String type, String key, long rows, String extra) {}

    @BeforeAll
    static void begin() throws Exception {
        served = ServedLog.recorded(new ServedSchedulers().fileWithSchedulers().schedulers());
        FARM.fill(served.test.jdbc);
        served.test.numbers.take(Numbers.CHANGE, FARM.changes());
        served.test.numbers.take(Numbers.BUILDSET, FARM.changes());
        served.test.numbers.take(Numbers.BUILD_REQUEST, 9_020);
        Author b1 = served.registry.register(TestMasters.builder("b1"));
        served.registry.register(TestMasters.scheduler("s"));
        long change = served.story.change("ann", "abcdef12", "Something");
        served.story.fire(List.of(change), "abcdef12", "linux", "docs");
        Won won = served.story.claim(b1, "linux");
        served.story.start(b1, won);
        long log = served.story.startStep(b1, won, 1, "test");
        served.story.finishStep(b1, won, 1, log, Results.FAILURE);
        served.story.complete(b1, won, Results.FAILURE, "test failed");
        served.story.fire(List.of(change), "abcdef12", "linux");
        served.story.project();
        fillMore();
        GrownFarm.analyze(served.test.jdbc);
        long request = won.claim().requestId();
        long waiting = request + 2;
        long buildset = FARM.changes() + 1L;
        String stamp = served.bean(Views.class).sourceStamps(buildset).getFirst().id();
        addresses =
                List.of(
                        "/",
                        "/sections/standing",
                        "/sections/masters",
                        "/sections/workers",
                        "/sections/requests",
                        "/sections/builds",
                        "/sections/changes",
                        "/sections/schedulers",
                        "/sections/state",
                        "/sections/grid?tag=tier%201",
                        "/sections/grid?before=500",
                        "/sections/builders?project=app",
                        "/workers",
                        "/workers/w1",
                        "/workers/w2/now",
                        "/workers/w1/pause",
                        "/workers/w1/unpause",
                        "/workers/w1/stop",
                        "/waiting",
                        "/waiting?skip=100",
                        "/sections/waiting",
                        "/waterfall",
                        "/waterfall?before=b1/3",
                        "/sections/waterfall?tag=tier%201",
                        "/revisions/abcdef",
                        "/feeds/builds.atom",
                        "/feeds/builds.atom?builder=b1",
                        "/masters",
                        "/masters/now",
                        "/masters/m1/drain",
                        "/masters/m1/undrain",
                        "/masters/m1/workers/w1",
                        "/builders",
                        "/builders?tag=tier%201",
                        "/builders?skip=100",
                        "/builders?state=red",
                        "/builders?state=running",
                        "/builders?state=waiting",
                        "/builders/b1",
                        "/builders/b1?before=10",
                        "/builders/b1/now",
                        "/builders/linux",
                        "/builds/linux/1",
                        "/builds/linux/1?hidden=true",
                        "/builds/b1/3",
                        "/builds/linux/1/status",
                        "/builds/linux/1/inputs",
                        "/builds/linux/1/lines/1/stdio",
                        "/builds/linux/1/lines/1/stdio?last=true",
                        "/builds/linux/1/search/1/stdio?q=x",
                        "/builds/linux/1/text/1/stdio",
                        "/builds/linux/1/text/1/stdio?download=true",
                        "/builds/linux/1/stop",
                        "/builds/linux/1/retry",
                        "/builds/linux/1/rebuild",
                        "/requests/" + request,
                        "/requests/" + waiting,
                        "/requests/" + waiting + "/timeline",
                        "/requests/" + waiting + "/cancel",
                        "/changes",
                        "/changes?before=500",
                        "/changes/" + change,
                        "/changes/" + change + "?why=true",
                        "/changes/" + change + "/why",
                        "/changes/" + change + "/now",
                        "/schedulers",
                        "/schedulers/main",
                        "/schedulers/force",
                        "/schedulers/main/now",
                        "/schedulers/main/enable",
                        "/schedulers/main/disable",
                        "/schedulers/main/force",
                        "/state",
                        "/state?event=5",
                        "/state?at=2999-01-01T00:00:00Z",
                        "/login",
                        "/search",
                        "/search?q=b1",
                        "/search?q=b",
                        "/search?q=17",
                        "/search?q=b1/3",
                        "/search?q=abcdef",
                        "/search?q=ann",
                        "/audit/request/" + request,
                        "/audit/change/" + change,
                        "/audit/build/linux%2F1",
                        "/audit/scheduler/main",
                        "/audit/builder/b1",
                        "/audit/master/m1",
                        "/audit/worker/w1",
                        "/audit/worker/m1%2Fw1",
                        "/audit/user/ann",
                        "/badges/b1.svg",
                        "/badges/b1.svg?branch=main",
                        "/badges/none.svg",
                        "/api/changes",
                        "/api/changes?after=500",
                        "/api/changes/" + change + "/explain",
                        "/api/requests",
                        "/api/requests?after=500",
                        "/api/requests?unserved=true",
                        "/api/requests?unserved=true&after=0,2026-01-01T00:00:00Z,1,docs",
                        "/api/requests/" + waiting + "/audit",
                        "/api/requests/" + waiting + "/explain",
                        "/api/builders",
                        "/api/builders?after=b1",
                        "/api/buildsets/" + buildset + "/sourcestamps",
                        "/api/sourcestamps/" + stamp,
                        "/api/sourcestamps/" + stamp + "?after=" + buildset,
                        "/api/builds",
                        "/api/builds?after=b1/3",
                        "/api/builds/linux/1",
                        "/api/builds/b1/3/artifacts",
                        "/api/builds/b1/3/artifacts?after=1",
                        "/api/builds/linux/1/logs",
                        "/api/builds/linux/1/logs/1/stdio",
                        "/api/masters",
                        "/api/masters?after=m1",
                        "/api/masters/m1",
                        "/api/workers",
                        "/api/workers?after=w1",
                        "/api/workers/w1",
                        "/api/locks",
                        "/api/locks?after=a",
                        "/api/schedulers",
                        "/api/schedulers/force/form",
                        "/api/audit/builder/b1",
                        "/api/audit/claims?by=b1",
                        "/api/audit/claims?by=b1&after=linux/1",
                        "/api/state?event=5",
                        "/api/openapi.json");
    }

    /** As long as the views: the log itself, the logs of steps, and artifacts. */
    private static void fillMore() {
        for (String insertion :
                List.of(
                        """
                        INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
                        SELECT CONCAT('change/', request_view.request_id, worker.name), 0, one.type, one.revision,
                               one.payload, one.metadata
                          FROM request_view
                               CROSS JOIN (SELECT type, revision, payload, metadata FROM event
                                            WHERE type = 'change-received' LIMIT 1) AS one
                               CROSS JOIN (SELECT name FROM worker WHERE name IN ('w1', 'w2', 'w3')) AS worker
                        """,
                        """
                        INSERT INTO step_log (builder, build_number, step, name, complete)
                        SELECT builder, build_number, 1, 'stdio', TRUE FROM build_view WHERE builder LIKE 'b%'
                        """,
                        """
                        INSERT INTO step_log_chunk (log_id, first_line, line_count, content)
                        SELECT log_id, 0, 1, '' FROM step_log WHERE builder LIKE 'b%'
                        """,
                        """
                        INSERT INTO artifact_view (builder, build_number, artifact, step, path, size, sha256, store,
                                                   location, stored_at)
                        SELECT builder, build_number, 1, 1, 'a.zip', 1, '', 'disk', 'a', claimed_at FROM build_view
                        """)) {
            served.test.jdbc.sql(insertion).update();
        }
    }

    @AfterAll
    static void end() {
        served.close();
    }

    private static String get(String address) throws Exception {
        HttpResponse<String> answer =
                HTTP.send(
                        HttpRequest.newBuilder(URI.create(served.url() + address)).build(),
                        BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(address + ": " + answer.body()).isIn(200, 302);
        return answer.body();
    }

    @Test
    void none_reads_a_table_whole_that_grows() throws Exception {
        Set<String> tables =
                served.test
                        .jdbc
                        .sql(
                                "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
                        .query(String.class)
                        .set();
        List<String> scans = new ArrayList<>();
        Set<String> explained = new HashSet<>();
        for (String address : addresses) {
            for (Statement sent : SentStatements.during(() -> get(address))) {
                String sql = sent.sql();
                if (sql.stripLeading()
                                .toUpperCase(Locale.ROOT)
                                .matches("(?s)(\\(*SELECT|WITH)\\b.*")
                        && explained.add(sql)) {
                    scansOf(sql, tables).forEach(scan -> scans.add(address + ": " + scan));
                }
            }
        }

        assertThat(explained).hasSizeGreaterThan(addresses.size());
        assertThat(scans).isEmpty();
    }

    private static List<String> scansOf(String sql, Set<String> tables) {
        List<Access> plan =
                new JdbcTemplate(served.test.dataSource)
                        .query(
                                "EXPLAIN FORMAT = TRADITIONAL " + sql,
                                (row, _) ->
                                        new Access(
                                                text(row, "table"),
                                                text(row, "type"),
                                                text(row, "key"),
                                                row.getLong("rows"),
                                                text(row, "Extra")));
        return plan.stream()
                .filter(access -> isScan(access) && mayGrow(access, sql, tables))
                .map(access -> "%s of %s".formatted(access, sql))
                .toList();
    }

    private static String text(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNullElse(row.getString(column), "");
    }

    /** An index in whose order a few rows are taken is not read whole. */
    private static boolean isScan(Access access) {
        return access.type().equals("ALL")
                || (access.type().equals("index")
                        && access.rows() > Views.MOST
                        && !BOUNDED_INDEXES.containsKey(access.key()));
    }

    /** What a statement makes by itself, such as {@code <derived2>}, is as long as what it read. */
    private static boolean mayGrow(Access access, String sql, Set<String> tables) {
        if (access.table().startsWith("<")) {
            return false;
        }
        Set<String> called = new HashSet<>();
        Matcher matcher = READ_TABLE.matcher(sql);
        while (matcher.find()) {
            String table = matcher.group(1);
            String alias = matcher.group(2);
            boolean isCalled = alias != null && !NO_NAMES.contains(alias.toLowerCase(Locale.ROOT));
            if (tables.contains(table) && access.table().equals(isCalled ? alias : table)) {
                called.add(table);
            }
        }
        return called.isEmpty() || !BOUNDED.keySet().containsAll(called);
    }

    @Test
    void a_statement_that_reads_a_table_whole_is_found() {
        Set<String> tables = Set.of("build_view", "change_view", "master");

        assertThat(scansOf("SELECT * FROM build_view v WHERE v.summary = 'x'", tables)).hasSize(1);
        assertThat(scansOf("SELECT COUNT(*) FROM change_view", tables)).hasSize(1);
        assertThat(scansOf("SELECT * FROM change_view ORDER BY author LIMIT 5", tables)).hasSize(1);
        assertThat(scansOf("SELECT * FROM change_view ORDER BY change_id DESC LIMIT 5", tables))
                .isEmpty();
        assertThat(scansOf("SELECT * FROM master", tables)).isEmpty();
    }

    @Test
    void every_page_and_every_read_of_the_api_is_asked_for() {
        assertThat(patterns())
                .hasSizeGreaterThan(60)
                .allSatisfy(pattern ->
                        assertThat(addresses)
                                .as("an address of " + pattern)
                                .anyMatch(address ->
                                        pattern.matches(
                                                PathContainer.parsePath(
                                                        address.replaceFirst("\\?.*", "")))));
    }

    private static List<PathPattern> patterns() {
        return served
                .bean(RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .entrySet()
                .stream()
                .filter(it -> isAskedFor(it.getKey(), it.getValue()) && isRead(it.getKey()))
                .map(it -> it.getKey().getPathPatternsCondition())
                .filter(Objects::nonNull)
                .flatMap(it -> it.getPatterns().stream())
                // It asks a provider, and nothing of the database.
                .filter(it -> !it.getPatternString().equals("/login/provider"))
                .toList();
    }

    private static boolean isRead(RequestMappingInfo mapping) {
        Collection<RequestMethod> methods = mapping.getMethodsCondition().getMethods();
        return methods.isEmpty() || methods.contains(RequestMethod.GET);
    }

    /** {@code IndexWalksTest} is about what Buildbot's reads ask. */
    private static boolean isAskedFor(RequestMappingInfo mapping, HandlerMethod method) {
        Class<?> type = method.getBeanType();
        return type.getPackage().equals(ServingConfiguration.class.getPackage())
                && (type == BadgeController.class
                        || mapping.getPatternValues().stream()
                                .anyMatch(it -> it.startsWith("/api/"))
                        || (AnnotatedElementUtils.hasAnnotation(type, Controller.class)
                                && !AnnotatedElementUtils.hasAnnotation(
                                        type, RestController.class)));
    }
}
