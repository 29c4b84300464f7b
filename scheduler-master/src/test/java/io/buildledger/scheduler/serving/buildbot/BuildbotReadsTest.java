package io.buildledger.scheduler.serving.buildbot;

import static com.networknt.schema.SpecificationVersion.DRAFT_2020_12;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import io.buildledger.attaching.WorkerRoster;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.mastering.BuilderDescription;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.viewing.IndexWalks;
import io.buildledger.viewing.IndexWalks.Walk;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.UriComponentsBuilder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks what clients of Buildbot ask, and all that can be read of the program's own; each answer is
 * also compared with the description of it.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class BuildbotReadsTest {

    private static final long BUILDER_LINUX = 146251774745966L;

    private static final String FORCE =
            """
            schedulers:
              - force:
                  name: by hand
                  builder_names: [linux]
                  parameters:
                    - int: {name: jobs, default: 1, max: 8}
                    - choice: {name: kind, choices: [fast, slow]}
                    - nested: {name: more, fields: [string: {name: note}, bool: {name: clean}]}
            builders:
              - {name: linux, worker_names: [w1], factory: [shell: {command: make}]}
            workers: [name: w1]
            """;

    private static final String SCHEDULER =
            """
            INSERT INTO scheduler_status
                   (name, type, last_sequence, enabled, pending, firings, fires_at, renamed_to, master)
            VALUES ('main', 'single_branch', 0, TRUE, 0, 1, NULL, NULL, 'b1')
            """;

    private static final String LOCK =
            """
            INSERT INTO lock_ticket
                   (lock_name, ticket, mode, amount, max_count, held, builder, build_number, request_id, step, master)
            VALUES ('db', 1, 'EXCLUSIVE', 1, 1, TRUE, 'linux', 3, 4, 1, 'b1'),
                   ('db', 2, 'COUNTING', 1, 1, FALSE, 'a/b', NULL, NULL, NULL, NULL),
                   ('licence', 1, 'COUNTING', 1, 2, TRUE, 'linux', 3, 4, NULL, 'b1')
            """;

    private static final String ARTIFACTS =
            """
            INSERT INTO artifact_view
                   (builder, build_number, artifact, step, path, size, sha256, store, location, stored_at)
            VALUES ('linux', 1, 1, 1, 'a.zip', 1, '', 'disk', 'a', UTC_TIMESTAMP(6)),
                   ('linux', 1, 2, 1, 'b.zip', 1, '', 'disk', 'b', UTC_TIMESTAMP(6))
            """;

    private static ServedLog served;
    private static DescribedAnswers client;
    private static long builder;
    private static long firstBuild;
    private static long log;

    /**
     * Builder linux has had a build that failed, one that was good, and one that runs; "a/b" has
     * one that failed, and two requests that wait.
     */
    @BeforeAll
    static void begin() throws Exception {
        served = new ServedLog(ServedLog.file(FORCE).schedulers());
        Author b1 =
                served.registry.register(
                        new Registration(
                                "b1",
                                "builder",
                                "host",
                                1,
                                Duration.ofSeconds(30),
                                Map.of("linux", "aaa", "a/b", "bbb"),
                                new Descriptions(
                                        Map.of(
                                                "linux",
                                                new BuilderDescription(
                                                        List.of("fast"), "of the top", null, null)),
                                        Map.of()),
                                null));
        new WorkerRoster(served.test.log, served.test.dataSource)
                .list(
                        b1,
                        List.of(
                                new Listed("b1/b1-worker", false, false, 1),
                                new Listed("far", true, false, 1)));
        served.test.jdbc.sql(SCHEDULER).update();
        long change = served.story.change("A U Thor <author@example.org>", "abc123", "a change");
        served.story.fire(List.of(change), "abc123", "linux");
        Won won = served.story.claim(b1, "linux");
        served.story.start(b1, won);
        log = served.story.startStep(b1, won, 1, "make test");
        served.story.write(
                log,
                0,
                new Line(Source.HEADER, "make test"),
                new Line(Source.STDOUT, "fine"),
                new Line(Source.STDERR, "not so ", true),
                new Line(Source.STDERR, "fine"));
        served.story.finishStep(b1, won, 1, log, Results.FAILURE);
        served.story.complete(b1, won, Results.FAILURE, "failed make test");
        firstBuild = won.claim().requestId() * 1000 + 1;
        served.story.fire(List.of(), "abc123", "linux", "a/b");
        served.story.build(b1, "a/b", Results.FAILURE);
        served.story.build(b1, "linux", Results.SUCCESS);
        served.story.fire(List.of(), "def", "linux", "a/b");
        Won running = served.story.claim(b1, "linux");
        served.story.start(b1, running);
        served.story.startStep(b1, running, 1, "make test");
        served.story.fire(List.of(), "def", "a/b");
        served.project();
        served.test.jdbc.sql(LOCK).update();
        served.test.jdbc.sql(ARTIFACTS).update();
        client = new DescribedAnswers(served.url());
        builder =
                client.read("/builders?name=linux&field=builderid")
                        .at("/builders/0/builderid")
                        .asLong();
    }

    @AfterAll
    static void end() {
        served.close();
    }

    private static List<Long> numbers(JsonNode answer, String kind, String field) {
        return StreamSupport.stream(answer.path(kind).spliterator(), false)
                .map(it -> it.path(field).asLong())
                .toList();
    }

    private static List<Long> builds(String query) throws Exception {
        return numbers(client.read("/builds?" + query), "builds", "buildid");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/builders",
                "/builders/linux",
                "/builders/a%2Fb",
                "/builders/linux/builds",
                "/builders/linux/builds/1",
                "/builders/linux/builds/3?property=*",
                "/builders/linux/builds/1/steps",
                "/builders/linux/builds/1/steps/1",
                "/builders/linux/builds/1/steps/make%20test",
                "/builders/linux/builds/1/steps/1/logs",
                "/builders/linux/builds/1/steps/make%20test/logs/stdio",
                "/builders/linux/builds/1/steps/1/logs/stdio/contents",
                "/builders/linux/builds/1/properties",
                "/builders/linux/builds/1/changes",
                "/builders/linux/buildrequests",
                "/builders/linux/forceschedulers",
                "/builders/linux/masters",
                "/builds",
                "/builds?property=*&limit=2",
                "/buildrequests",
                "/buildrequests?complete=false",
                "/buildrequests?complete=false&claimed=true",
                "/buildrequests?property=*",
                "/buildrequests/1",
                "/buildrequests/1/builds",
                "/buildsets",
                "/buildsets?complete=false",
                "/buildsets/1",
                "/buildsets/1/properties",
                "/changes",
                "/changes/1",
                "/changes/1/builds?property=*",
                "/workers",
                "/workers/far",
                "/workers/b1%2Fb1-worker",
                "/masters",
                "/masters/b1",
                "/schedulers",
                "/schedulers/main",
                "/forceschedulers",
                "/forceschedulers/by%20hand"
            })
    void an_answer_has_all_fields_and_is_as_it_is_described(String path) throws Exception {
        JsonNode answer = client.read(path);

        assertThat(answer.properties().iterator().next().getValue()).as(path).isNotEmpty();
    }

    /** Of the program's own. */
    private static List<String> ownReads() throws Exception {
        String stamp =
                client.readOwn("/api/buildsets/1/sourcestamps").at("/sourceStamps/0/id").asString();
        return List.of(
                "/api/changes",
                "/api/changes?limit=1",
                "/api/changes/1/explain",
                "/api/requests",
                "/api/requests?limit=2",
                "/api/requests?unserved=true",
                "/api/requests/1/audit",
                "/api/requests/1/explain",
                "/api/requests/5/explain",
                "/api/builders",
                "/api/builders?tag=fast",
                "/api/buildsets/1/sourcestamps",
                "/api/sourcestamps/" + stamp,
                "/api/builds",
                "/api/builds/linux/1",
                "/api/builds/linux/3?hidden=true",
                "/api/builds/linux/1/artifacts",
                "/api/builds/linux/1/logs",
                "/api/builds/linux/1/logs/1/stdio",
                "/api/masters",
                "/api/masters/b1",
                "/api/workers",
                "/api/workers/far",
                "/api/locks",
                "/api/schedulers",
                "/api/schedulers/by%20hand/form",
                "/api/audit/claims?by=b1",
                "/api/audit/build/linux%2F1",
                "/api/audit/change/1",
                "/api/audit/builder/linux",
                "/api/audit/master/b1",
                "/api/state?event=10",
                "/api/state?event=0",
                "/api/openapi.json");
    }

    @Test
    void all_that_is_read_of_the_programs_own_is_as_it_is_described() throws Exception {
        List<String> paths = ownReads();

        for (String path : paths) {
            client.readOwn(path);
        }

        Set<String> asked = new HashSet<>();
        for (String path : paths) {
            asked.add(client.template(path.replaceFirst("\\?.*", "")));
        }
        assertThat(client.document().path("paths").propertyStream())
                .filteredOn(it -> it.getValue().has("get") && !it.getKey().startsWith("/api/v2"))
                .extracting(Map.Entry::getKey)
                .isSubsetOf(asked);
    }

    @Test
    void what_a_list_calls_its_next_is_sent_as_it_is() {
        List<String> paths = new ArrayList<>();
        JsonNode document = client.document();
        document.path("paths")
                .forEachEntry((path, operations) -> {
                    for (JsonNode parameter : operations.at("/get/parameters")) {
                        if (parameter.path("name").asString().equals("after")) {
                            paths.add(path);
                            assertThat(parameter.at("/schema/type").asString())
                                    .as(path)
                                    .isEqualTo("string");
                            String answer =
                                    operations
                                            .at(
                                                    "/get/responses/200/content/application~1json/schema/$ref")
                                            .asString();
                            assertThat(document.at(answer.substring(1)).at("/properties/next/type"))
                                    .as(path)
                                    .extracting(JsonNode::asString)
                                    .containsExactly("string", "null");
                        }
                    }
                });

        assertThat(paths).hasSizeGreaterThan(9);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/requests?, requests, 6",
        "/api/builds?, builds, 4",
        "/api/builders?, builders, 2",
        "/api/workers?, workers, 2",
        "/api/audit/claims?by=b1, claims, 4",
        "/api/builds/linux/1/artifacts?, artifacts, 2",
        "/api/locks?, locks, 2"
    })
    void a_list_is_read_to_its_end_by_its_next(String path, String list, int count)
            throws Exception {
        JsonNode all = client.readOwn(path).path(list);
        List<JsonNode> walked = new ArrayList<>();
        String after = "";
        for (int pages = 0; pages < count; pages++) {
            JsonNode page = client.readOwn(path + "&limit=1" + after);
            assertThat(page.path(list)).hasSize(1);
            walked.add(page.path(list).path(0));
            assertThat(page.path("next").isNull()).isEqualTo(pages == count - 1);
            after = "&after=" + URLEncoder.encode(page.path("next").asString(""), UTF_8);
        }

        assertThat(walked).hasSize(count).containsExactlyElementsOf(all);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/requests/99/audit",
                "/api/builds/linux/x",
                "/api/builds?after=linux%2F99",
                "/api/changes?limit=0",
                "/api/audit/lock/1",
                "/api/audit/claims",
                "/api/state?at=noon",
                "/api/sourcestamps/1"
            })
    void why_there_is_no_answer_is_told_as_it_is_described(String path) throws Exception {
        HttpResponse<String> response = client.get(path);

        assertThat(response.statusCode()).as(response.body()).isBetween(400, 404);
        assertThat(client.require("get", path, response).path("status").asInt())
                .isEqualTo(response.statusCode());
    }

    @Test
    void a_list_that_is_short_tells_how_many_there_are_without_its_limit() throws Exception {
        JsonNode answer = client.read("/builders?limit=1&order=-name");

        assertThat(answer.path("builders")).hasSize(1);
        assertThat(answer.at("/builders/0/name").asString()).isEqualTo("linux");
        assertThat(answer.at("/meta/total").asLong()).isEqualTo(2);
        assertThat(client.read("/builders?offset=1&order=-name").at("/builders/0/name").asString())
                .isEqualTo("a/b");
    }

    /** Of numbers in the place of builds, with what was read of them. */
    private static final class Counted {
        private final List<Integer> walked = new ArrayList<>();

        private String meta(int there, String query, Predicate<Long> also) {
            MockHttpServletRequest request = new MockHttpServletRequest();
            UriComponentsBuilder.fromUriString("?" + query)
                    .build()
                    .getQueryParams()
                    .forEach((name, values) ->
                            request.addParameter(name, values.toArray(String[]::new)));
            GrowingList<Long> list =
                    new GrowingList<>(
                            walk -> {
                                walked.add(walk.rows());
                                return LongStream.range(0, Math.min(there, walk.rows()))
                                        .boxed()
                                        .toList();
                            },
                            List.of("buildid"),
                            Set.of("buildid"),
                            false);
            GrowingList.Page<Long> page =
                    list.of(
                            Query.ofMany(Kind.BUILD, request),
                            GrowingList.MOST,
                            it -> new Row().with("results", it % 2),
                            also);
            Map<String, Object> meta = new TreeMap<>(page.meta());
            meta.put("told", page.items().size());
            return JsonMapper.shared().writeValueAsString(meta);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3 | | {'told':3,'total':3}",
                "3 | limit=2 | {'told':2}",
                "3 | limit=3 | {'told':3,'total':3}",
                "3 | limit=2&offset=2 | {'told':1,'total':3}",
                "6000 | | {'incomplete':true,'told':100}",
                "6000 | limit=100 | {'told':100}",
                "6000 | limit=2000 | {'incomplete':true,'told':1000}",
                "1000 | limit=2000 | {'told':1000,'total':1000}",
                "6000 | limit=10&results=1 | {'told':10}",
                "6000 | limit=10&results=2 | {'incomplete':true,'told':0}",
                "4000 | limit=10&results=2 | {'told':0,'total':0}"
            })
    void a_list_says_where_more_is_behind_it_than_was_asked_for(
            int there, @Nullable String query, String meta) {
        assertThat(new Counted().meta(there, query == null ? "" : query, _ -> true))
                .isEqualTo(meta.replace('\'', '"'));
    }

    @Test
    void what_bounds_a_page_does_not_make_it_read_a_long_list() {
        Counted one = new Counted();
        Counted two = new Counted();

        one.meta(6000, "limit=10", it -> it != 0);
        two.meta(6000, "limit=10", it -> it > 1);

        assertThat(one.walked).containsExactly(11);
        assertThat(two.walked).containsExactly(11, 210);
    }

    @Test
    void only_the_fields_that_are_named_are_told() throws Exception {
        JsonNode answer = client.read("/builders?field=name&field=builderid");

        assertThat(answer.at("/builders/0").propertyNames()).containsExactly("builderid", "name");
    }

    @Test
    void what_has_a_name_is_found_by_its_number_and_by_its_name() throws Exception {
        JsonNode byNumber = client.read("/builders/" + builder);

        assertThat(byNumber).isEqualTo(client.read("/builders/linux"));
        assertThat(byNumber.at("/builders/0/description").asString()).isEqualTo("of the top");
        assertThat(byNumber.at("/builders/0/tags/0").asString()).isEqualTo("fast");
        long master = byNumber.at("/builders/0/masterids/0").asLong();
        assertThat(client.read("/masters/" + master).at("/masters/0/name").asString())
                .isEqualTo("b1");
        JsonNode build = client.read("/builds/" + firstBuild).at("/builds/0");
        assertThat(build.path("builderid").asLong()).isEqualTo(builder);
        assertThat(build.path("masterid").asLong()).isEqualTo(master);
        assertThat(
                        client.read("/workers/" + build.path("workerid").asLong())
                                .at("/workers/0/name")
                                .asString())
                .isEqualTo("b1/b1-worker");
    }

    @Test
    void numbers_of_names_are_the_same_for_ever() {
        assertThat(Numbered.of(Numbered.Named.BUILDER, "linux")).isEqualTo(builder);
        assertThat(builder).isEqualTo(BUILDER_LINUX);
        assertThat(Numbered.of(Numbered.Named.WORKER, "linux")).isNotEqualTo(builder);
    }

    /** As badges ask. */
    @Test
    void the_newest_build_of_a_builder_comes_first_where_that_is_asked_for() throws Exception {
        JsonNode newest = client.read("/builders/linux/builds?limit=1&order=-number");
        JsonNode done =
                client.read("/builders/" + builder + "/builds?limit=1&order=-number&complete=true");

        assertThat(newest.path("builds")).hasSize(1);
        assertThat(newest.at("/builds/0/number").asLong()).isEqualTo(3);
        assertThat(newest.at("/builds/0/complete").asBoolean()).isFalse();
        assertThat(newest.at("/builds/0/results").isNull()).isTrue();
        assertThat(done.at("/builds/0/number").asLong()).isEqualTo(2);
        assertThat(done.at("/builds/0/results").asLong()).isZero();
        assertThat(done.at("/builds/0/state_string").asString()).isEqualTo("build successful");
        assertThat(done.at("/builds/0/complete_at").asLong())
                .isGreaterThanOrEqualTo(done.at("/builds/0/started_at").asLong());
    }

    /** As it is at the end of the words that Buildbot has for it. */
    @Test
    void what_became_of_builds_and_steps_is_told_in_words() throws Exception {
        JsonNode build = client.read("/builders/linux/builds/1").at("/builds/0");
        JsonNode step = client.read("/builders/linux/builds/1/steps/1").at("/steps/0");

        assertThat(build.path("state_string").asString()).isEqualTo("failed make test (failure)");
        assertThat(step.path("state_string").asString()).endsWith(" (failure)");
        assertThat(client.read("/builders/linux/builds/2").at("/builds/0/state_string").asString())
                .isEqualTo("build successful");
    }

    @Test
    void a_change_has_the_builds_of_all_that_was_asked_for_because_of_it() throws Exception {
        assertThat(numbers(client.read("/changes/1/builds"), "builds", "buildid"))
                .containsExactly(firstBuild);
        assertThat(client.read("/changes/1/builds?results=0").path("builds")).isEmpty();
        assertThat(
                        client.read("/changes/1/builds?property=revision&order=-buildid&limit=1")
                                .at("/builds/0/properties/revision/0")
                                .asString())
                .isEqualTo("abc123");
    }

    /** As scripts look for lines. */
    @Test
    void who_does_not_ask_for_json_gets_it_in_lines() throws Exception {
        String path = "/api/v2/builders/linux/builds?limit=1&order=-number&field=number";

        HttpResponse<String> lines = client.get(path, "Accept", "*/*");
        HttpResponse<String> line = client.get(path, "Accept", "text/plain, application/json");

        assertThat(lines.body().lines()).contains("      \"number\": 3", "  \"meta\": {}");
        assertThat(line.body()).isEqualTo("{\"builds\":[{\"number\":3}],\"meta\":{}}");
        for (HttpResponse<String> each : List.of(lines, line)) {
            assertThat(each.headers().firstValue("Content-Type")).hasValue("application/json");
            assertThat(each.headers().allValues("Vary")).contains("Accept");
        }
    }

    @Test
    void a_build_tells_the_properties_that_are_asked_for_with_who_set_them() throws Exception {
        JsonNode some =
                client.read("/builders/linux/builds/1?property=branch&property=buildername");
        JsonNode none = client.read("/builders/linux/builds/1");

        assertThat(some.at("/builds/0/properties").propertyNames())
                .containsExactly("branch", "buildername");
        assertThat(some.at("/builds/0/properties/branch").toString())
                .isEqualTo("[\"main\",\"Build\"]");
        assertThat(none.at("/builds/0/properties")).isEmpty();
        assertThat(
                        client.read("/builds/" + firstBuild + "/properties")
                                .at("/properties/0/revision/0")
                                .asString())
                .isEqualTo("abc123");
    }

    @Test
    void builds_are_filtered_by_what_they_are() throws Exception {
        assertThat(builds("complete=false")).hasSize(1);
        assertThat(builds("builderid=" + builder)).hasSize(3);
        assertThat(builds("builderid=" + builder + "&results=2")).containsExactly(firstBuild);
        assertThat(builds("builderid=" + builder + "&number__gt=1&number__le=2")).hasSize(1);
        assertThat(builds("results__eq=2")).hasSize(2);
        assertThat(builds("results__ne=2&complete=yes")).hasSize(1);
        assertThat(builds("state_string__contains=make")).containsExactly(firstBuild);
        assertThat(builds("buildid=" + firstBuild + "&buildid=1")).containsExactly(firstBuild);
        assertThat(builds("builderid=1")).isEmpty();
        assertThat(builds("started_at__gt=4000000000")).isEmpty();
        JsonNode first = client.read("/builds/" + firstBuild).at("/builds/0");
        assertThat(builds("workerid=" + first.path("workerid"))).hasSize(4);
        assertThat(builds("masterid=" + first.path("masterid") + "&order=-buildid&limit=2"))
                .hasSize(2);
        assertThat(builds("workerid=1")).isEmpty();
    }

    @Test
    void a_client_goes_on_where_it_was_by_the_order_of_the_claims() throws Exception {
        List<Long> all = builds("order=buildid");

        assertThat(all).hasSize(4).startsWith(firstBuild);
        assertThat(builds("")).isEqualTo(all);
        assertThat(builds("order=-buildid")).isEqualTo(all.reversed());
        assertThat(builds("order=-started_at&offset=1&limit=2"))
                .containsExactly(all.get(2), all.get(1));
        assertThat(builds("buildid__gt=" + all.get(1) + "&order=buildid"))
                .isEqualTo(all.subList(2, 4));
        assertThat(builds("buildid__lt=" + all.get(2) + "&order=-buildid&limit=1"))
                .containsExactly(all.get(1));
        assertThat(builds("buildid__ge=0")).isEqualTo(all);
        assertThat(
                        builds(
                                "buildid__le=%d&builderid=%d&order=-number"
                                        .formatted(all.getLast(), builder)))
                .startsWith(all.getLast())
                .hasSize(3);
        assertThat(builds("order=-buildrequestid&limit=1")).containsExactly(all.getLast());
    }

    /** As who releases asks of each builder, with two signs where one is enough. */
    @Test
    void the_build_that_ended_last_comes_first_where_that_is_asked_for() throws Exception {
        List<Long> all = builds("order=buildid");

        assertThat(
                        builds(
                                "complete__eq=true&&builderid__eq=%d&&order=-complete_at&&limit=1"
                                        .formatted(builder)))
                .containsExactly(all.get(2));
        assertThat(builds("order=-complete_at&complete=true"))
                .isEqualTo(all.subList(0, 3).reversed());
        assertThat(builds("order=-complete_at&results=2&limit=1")).containsExactly(all.get(1));
        assertThat(builds("order=complete_at").getFirst()).isEqualTo(all.get(3));
        assertThat(client.read("/builds?order=-complete_at").path("meta").has("incomplete"))
                .isFalse();
    }

    @Test
    void what_is_nearly_in_an_order_is_put_in_it_among_the_first_5000() {
        List<Walk> walked = new ArrayList<>();
        GrowingList<Long> list =
                new GrowingList<>(
                        walk -> {
                            walked.add(walk);
                            return LongStream.range(0, walk.rows())
                                    .mapToObj(it -> 6000 - it)
                                    .toList();
                        },
                        List.of("buildid"),
                        Set.of(),
                        Set.of("complete_at"),
                        false);
        MockHttpServletRequest request = new MockHttpServletRequest();
        request.addParameter("order", "-complete_at");
        request.addParameter("limit", "2");

        GrowingList.Page<Long> page =
                list.of(
                        Query.ofMany(Kind.BUILD, request),
                        GrowingList.MOST,
                        it -> new Row().with("complete_at", it == 1001 ? 9999L : it),
                        _ -> true);

        assertThat(page.items()).containsExactly(1001L, 6000L);
        assertThat(page.meta()).isEqualTo(Map.of("incomplete", true));
        assertThat(walked).containsExactly(new Walk(true, GrowingList.LOOKED_AT));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/builds?huh=1 | unrecognized query parameter 'huh'",
                "/builds?number__like=1 | unrecognized query parameter 'number__like'",
                "/builds/BUILD?order=number | unrecognized query parameter 'order'",
                "/changes?property=x | unrecognized query parameter 'property'",
                "/builds?order=results | buildid, started_at",
                "/builds?order=number | buildid, started_at",
                "/builders/linux/builds?order=results | number, buildid, started_at, complete_at",
                "/buildrequests?order=results | buildrequestid",
                "/builds?order=properties | order",
                "/builds?field=nothing | number, builderid",
                "/builds?number=x | number: 'x' is not a whole number",
                "/builds?complete=perhaps | neither true nor false",
                "/builds?limit=-1 | limit",
                "/builds?offset=100000 | offset: a page ends at 5000",
                "/builds?buildid__gt=999999999 | there is no build 999999999",
                "/builders?tags=x | __contains",
                "/builds?properties__contains=x | properties: only the log",
                "/buildrequests?waited_for=true | waited_for: only the log",
                "/buildrequests?buildsetid=1&order=waited_for | waited_for: only the log",
                "/buildsets?external_idstring=x | external_idstring: only the log",
                "/buildsets?parent_buildid__ne=1 | parent_buildid: only the log",
                "/changes?codebase=lib | codebase: only the log",
                "/changes?revision=abc123&category=x | category: only the log",
                "/changes?files__contains=README.md | files: only the log"
            })
    void what_is_not_served_is_a_400_that_says_what_is(String path, String what) throws Exception {
        assertThat(client.error(400, path.replace("BUILD", String.valueOf(firstBuild))))
                .contains(what);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nothing/here",
                "/builders/nobody",
                "/builders/1",
                "/builders/nobody/builds",
                "/builders/linux/builds/99",
                "/builders/linux/builds/x",
                "/builders/linux/builds/1/steps/9",
                "/builders/linux/builds/1/steps/1/logs/none",
                "/builds/99",
                "/builds/-1",
                "/builds/9223372036854775807",
                "/steps/99",
                "/logs/9999",
                "/logs/9999/raw",
                "/buildrequests/99",
                "/buildsets/99",
                "/sourcestamps/99",
                "/sourcestamps/99001",
                "/changes/99",
                "/changes/99/builds",
                "/workers/nobody",
                "/masters/99",
                "/schedulers/nobody",
                "/forceschedulers/nobody"
            })
    void what_is_not_there_is_a_404_with_an_error(String path) throws Exception {
        assertThat(client.error(404, path)).isNotBlank();
    }

    @Test
    void what_has_no_methods_cannot_be_called() throws Exception {
        HttpResponse<String> response = client.post("/api/v2/builders", "{}");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("error", "invalid HTTP method");
    }

    @Test
    void requests_are_filtered_by_what_became_of_them() throws Exception {
        JsonNode waiting = client.read("/buildrequests?claimed=false");
        JsonNode open = client.read("/buildrequests?complete=false&order=-buildrequestid");
        JsonNode held = client.read("/buildrequests?complete=false&claimed=true");

        assertThat(numbers(waiting, "buildrequests", "buildrequestid")).containsExactly(5L, 6L);
        assertThat(numbers(open, "buildrequests", "buildrequestid")).containsExactly(6L, 5L, 4L);
        assertThat(numbers(held, "buildrequests", "buildrequestid")).containsExactly(4L);
        assertThat(held.at("/buildrequests/0/claimed_by_masterid").isNull()).isFalse();
        assertThat(held.at("/buildrequests/0/claimed_at").isNull()).isFalse();
        assertThat(waiting.at("/buildrequests/0/claimed_by_masterid").isNull()).isTrue();
        assertThat(
                        numbers(
                                client.read("/builders/a%2Fb/buildrequests?claimed=false"),
                                "buildrequests",
                                "buildrequestid"))
                .containsExactly(5L, 6L);
        assertThat(
                        numbers(
                                client.read(
                                        "/builders/linux/buildrequests?complete=false&order=-buildrequestid"),
                                "buildrequests",
                                "buildrequestid"))
                .containsExactly(4L);
        assertThat(client.read("/buildrequests?buildsetid=2").path("buildrequests")).hasSize(2);
        assertThat(client.read("/buildrequests?results=2").path("buildrequests")).hasSize(2);
        assertThat(
                        client.read("/buildrequests?limit=1")
                                .at("/buildrequests/0/buildrequestid")
                                .asLong())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/buildrequests?order=-submitted_at&limit=2 | 6,5",
                "/buildrequests?claimed=false&order=-submitted_at | 6,5",
                "/buildrequests?claimed=false&order=-priority&order=-submitted_at | 6,5",
                "/buildrequests?claimed=false&order=priority&order=buildrequestid&limit=1 | 5",
                "/builders/a%2Fb/buildrequests?order=-submitted_at&buildrequestid__lt=6&limit=1 | 5",
                "/builders/a%2Fb/buildrequests?buildrequestid__gt=3 | 5,6",
                "/builders/a%2Fb/buildrequests?buildrequestid__gt=6 | ",
                "/builders/a%2Fb/buildrequests?buildrequestid__lt=1 | ",
                "/builders/a%2Fb/buildrequests?buildrequestid__lt=99 | 3,5,6",
                "/builders/a%2Fb/buildrequests?submitted_at__gt=1767268800 | ",
                "/builders/a%2Fb/buildrequests?submitted_at__le=1767268800 | 3,5,6"
            })
    void requests_are_in_the_order_in_which_they_were_submitted(
            String path, @Nullable String numbers) throws Exception {
        assertThat(numbers(client.read(path), "buildrequests", "buildrequestid"))
                .map(String::valueOf)
                .containsExactlyElementsOf(
                        numbers == null ? List.of() : List.of(numbers.split(",")));
    }

    @Test
    void buildsets_are_in_the_order_in_which_they_were_submitted() throws Exception {
        assertThat(numbers(client.read("/buildsets?order=-submitted_at"), "buildsets", "bsid"))
                .containsExactly(4L, 3L, 2L, 1L);
    }

    @Test
    void a_source_stamp_has_one_number_wherever_the_same_is_said() throws Exception {
        JsonNode first = client.read("/buildsets/1").at("/buildsets/0/sourcestamps/0");
        JsonNode second = client.read("/buildsets/2").at("/buildsets/0/sourcestamps/0");
        JsonNode third = client.read("/buildsets/3").at("/buildsets/0/sourcestamps/0");

        assertThat(second).isEqualTo(first);
        assertThat(third.path("ssid")).isNotEqualTo(first.path("ssid"));
        assertThat(
                        client.read("/sourcestamps/" + first.path("ssid").asLong())
                                .at("/sourcestamps/0"))
                .isEqualTo(first);
        JsonNode change = client.read("/changes/1").at("/changes/0/sourcestamp");
        assertThat(
                        client.read("/sourcestamps/" + change.path("ssid").asLong())
                                .at("/sourcestamps/0"))
                .isEqualTo(change);
    }

    @Test
    void a_change_tells_what_the_log_has_of_it() throws Exception {
        JsonNode change = client.read("/changes?revision=abc123").at("/changes/0");

        assertThat(change.path("files").toString()).isEqualTo("[\"README.md\"]");
        assertThat(change.path("author").asString()).contains("author@example.org");
        assertThat(change.path("when_timestamp").asLong()).isEqualTo(1767268800L);
        assertThat(client.read("/builds/" + firstBuild + "/changes").at("/changes/0"))
                .isEqualTo(change);
        assertThat(client.read("/changes?changeid__gt=1").path("changes")).isEmpty();
    }

    @Test
    void a_log_is_read_by_lines_and_as_text() throws Exception {
        JsonNode step = client.read("/builds/" + firstBuild + "/steps").at("/steps/0");
        JsonNode logs = client.read("/steps/" + step.path("stepid").asLong() + "/logs");
        JsonNode chunk = client.read("/logs/" + log + "/contents?offset=1&limit=1");
        HttpResponse<String> raw = client.get("/api/v2/logs/" + log + "/raw");
        HttpResponse<String> inline =
                client.get(
                        "/api/v2/builders/linux/builds/1/steps/make%20test/logs/stdio/raw_inline");

        assertThat(step.path("results").asLong()).isEqualTo(2);
        assertThat(logs.at("/logs/0/logid").asLong()).isEqualTo(log);
        assertThat(logs.at("/logs/0/num_lines").asLong()).isEqualTo(4);
        assertThat(logs.at("/logs/0/complete").asBoolean()).isTrue();
        assertThat(client.read("/logs/" + log))
                .isEqualTo(client.read("/builds/%d/steps/1/logs/stdio".formatted(firstBuild)));
        assertThat(chunk.at("/logchunks/0/firstline").asLong()).isEqualTo(1);
        assertThat(chunk.at("/logchunks/0/content").asString()).isEqualTo("ofine\n");
        assertThat(client.read("/logs/" + log + "/contents").at("/logchunks/0/content").asString())
                .startsWith("hmake test\nofine\n");
        assertThat(raw.body()).isEqualTo("make test\nfine\nnot so fine\n");
        assertThat(raw.headers().firstValue("Content-Disposition").orElseThrow())
                .contains("attachment", "stdio");
        assertThat(inline.body()).isEqualTo(raw.body());
        assertThat(inline.headers().firstValue("Content-Disposition")).isEmpty();
    }

    @Test
    void a_form_tells_its_fields() throws Exception {
        JsonNode form = client.read("/forceschedulers").at("/forceschedulers/0");

        assertThat(form.path("builder_names").toString()).isEqualTo("[\"linux\"]");
        List<String> names = new ArrayList<>();
        form.path("all_fields").forEach(it -> names.add(it.path("fullName").asString()));
        assertThat(names).contains("jobs", "kind", "more");
        assertThat(form.path("all_fields").toString()).contains("\"fullName\":\"more_note\"");
    }

    @Test
    void who_asks_again_is_told_that_nothing_has_changed() throws Exception {
        HttpResponse<String> first = client.get("/api/v2/builders");
        String etag = first.headers().firstValue("ETag").orElseThrow();

        HttpResponse<String> again = client.get("/api/v2/builders", "If-None-Match", etag);

        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(client.get("/api/v2/logs/" + log + "/raw").headers().firstValue("ETag"))
                .isEmpty();
    }

    @Test
    void who_asks_again_for_what_is_the_programs_own_is_told_so_as_well() throws Exception {
        for (String path : ownReads()) {
            // Their leases go on.
            if (!path.startsWith("/api/masters")) {
                String etag = client.get(path).headers().firstValue("ETag").orElse("none");

                assertThat(client.get(path, "If-None-Match", etag).statusCode())
                        .as(path)
                        .isEqualTo(304);
            }
        }
    }

    @Test
    void what_is_compressed_can_be_asked_for_again_as_well() throws Exception {
        HttpResponse<String> first =
                client.get("/api/v2/builds?property=*", "Accept-Encoding", "gzip");
        String etag = first.headers().firstValue("ETag").orElseThrow();

        HttpResponse<String> again =
                client.get(
                        "/api/v2/builds?property=*",
                        "Accept-Encoding",
                        "gzip",
                        "If-None-Match",
                        etag);

        assertThat(first.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(again.statusCode()).isEqualTo(304);
    }

    @Test
    void all_that_programs_can_ask_for_is_described_once() {
        Set<String> described = new HashSet<>();
        Set<String> ids = new HashSet<>();
        for (var path : client.document().path("paths").properties()) {
            for (var verb : path.getValue().properties()) {
                described.add(verb.getKey() + " " + path.getKey());
                assertThat(ids.add(verb.getValue().path("operationId").asString()))
                        .as(path.getKey())
                        .isTrue();
                Set<String> inPath = new HashSet<>();
                for (JsonNode parameter : verb.getValue().path("parameters")) {
                    if (parameter.path("in").asString().equals("path")) {
                        inPath.add("{" + parameter.path("name").asString() + "}");
                    }
                }
                assertThat(inPath)
                        .as(path.getKey())
                        .isEqualTo(
                                Arrays.stream(path.getKey().split("/"))
                                        .filter(it -> it.startsWith("{"))
                                        .collect(Collectors.toSet()));
            }
        }
        served.bean(RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .forEach((info, method) -> {
                    for (String path : info.getPatternValues()) {
                        if (path.startsWith("/api/") && !path.equals("/api/v2/**")) {
                            assertThat(info.getMethodsCondition().getMethods())
                                    .as("what %s answers", method)
                                    .isNotEmpty();
                            info.getMethodsCondition()
                                    .getMethods()
                                    .forEach(verb ->
                                            assertThat(described)
                                                    .contains(
                                                            verb.name().toLowerCase(Locale.ROOT)
                                                                    + " "
                                                                    + path));
                        }
                    }
                });
        assertThat(described)
                .contains("get /api/v2/builds", "post /api/requests/{id}/cancel", "get /api/state");
    }

    @Test
    void what_makes_clients_of_the_description_reads_it_without_complaint() {
        SwaggerParseResult read =
                new OpenAPIV3Parser().readContents(client.document().toString(), null, null);

        assertThat(read.getMessages()).isEmpty();
        assertThat(read.getOpenAPI().getPaths())
                .hasSameSizeAs(client.document().path("paths").propertyNames());
    }

    @Test
    void what_the_description_refers_to_is_there_and_is_a_schema() {
        JsonNode document = client.document();
        Schema schemas =
                SchemaRegistry.withDefaultDialect(DRAFT_2020_12)
                        .getSchema(SchemaLocation.of(DRAFT_2020_12.getDialectId()));
        document.path("components")
                .path("schemas")
                .propertyStream()
                .forEach(it -> {
                    assertThat(it.getKey()).matches("[A-Za-z]+");
                    assertThat(schemas.validate(it.getValue())).as(it.getKey()).isEmpty();
                });

        assertThat(document.findValuesAsString("$ref"))
                .hasSizeGreaterThan(100)
                .allSatisfy(it ->
                        assertThat(document.at(it.substring(1)).isMissingNode()).as(it).isFalse());
        document.path("paths")
                .propertyStream()
                .flatMap(path -> path.getValue().propertyStream())
                .map(it -> it.getValue().path("responses"))
                .forEach(responses ->
                        assertThat(responses.path("200").path("content"))
                                .as(responses.toString())
                                .allSatisfy(
                                        content -> assertThat(content.path("schema")).isNotEmpty())
                                .hasSize(1));
    }

    @Test
    void a_list_goes_along_an_index_and_no_further_than_it_is_asked_for() {
        IndexWalks walks = new IndexWalks(served.test.jdbc);

        assertThat(walks.builds(IndexWalks.Times.ALL, new Walk(true, 2))).hasSize(2);
        assertThat(walks.buildsOn("b1-worker", "b1", IndexWalks.Times.ALL, new Walk(false, 3)))
                .hasSize(3);
        assertThat(walks.buildsOn("b1-worker", null, IndexWalks.Times.ALL, new Walk(false, 3)))
                .hasSize(3);
    }
}
