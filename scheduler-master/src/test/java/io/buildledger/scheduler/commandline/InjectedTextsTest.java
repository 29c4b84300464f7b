package io.buildledger.scheduler.commandline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.artifacts.ArtifactPath;
import io.buildledger.artifacts.KeptArtifact;
import io.buildledger.attaching.OpenCommands;
import io.buildledger.attaching.WorkerCommands;
import io.buildledger.attaching.WorkerRegister;
import io.buildledger.attaching.WorkerRoster;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.mastering.BuilderDescription;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.domain.mastering.ProjectDescription;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.numbering.Numbers;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.testing.TestStory;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.util.HtmlUtils;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every text that a committer, a worker or whoever asks can choose tries to be more than a text.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class InjectedTextsTest {

    private static final String MARKUP =
            "<xss-marker> \" xss-attribute=\"1\" ' xss-attribute='1' --><img src=x onerror=xss>";
    private static final String FORGED = "2026-01-01 00:00:00.000 ERROR forged";
    private static final String INJECTED =
            MARKUP
                    + "\u001b]8;;https://evil.example.org\u001b\\link\u001b]8;;\u001b\\ \u001b]0;title\u0007"
                    + "\u001b[2J\u001b[1;1H\u009b31m\u009d0;t\u009c\b\u007f\u0000 \u202eabc\u202c\u2066d\u2069\r\n"
                    + FORGED;
    private static final String SCRIPT = "javascript:alert(1)//" + INJECTED;

    /** A file may name them so. */
    private static final String BUILDER = "a/b " + MARKUP;

    private static final String SCHEDULER = "s " + MARKUP;

    private static final Pattern LINK =
            Pattern.compile("\\b(href|src|action|formaction|hx-get)=\"([^\"]*)\"");

    /** What a terminal obeys, and what shows a text in another order than it has. */
    private static final Pattern OBEYED =
            Pattern.compile("[\\p{Cc}&&[^\\n]]|[\\x{202A}-\\x{202E}\\x{2066}-\\x{2069}]");

    private static final int MOST_PAGES = 150;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static ServedLog served;
    private static long change;

    @BeforeAll
    static void begin() throws Exception {
        served = new ServedLog(List.of());
        Author b1 =
                served.registry.register(
                        new Registration(
                                "b1",
                                "builder",
                                "host",
                                1,
                                Duration.ofMinutes(5),
                                Map.of(BUILDER, "aaa"),
                                new Descriptions(
                                        Map.of(
                                                BUILDER,
                                                new BuilderDescription(
                                                        List.of(MARKUP), MARKUP, MARKUP, MARKUP)),
                                        Map.of(MARKUP, new ProjectDescription(MARKUP, SCRIPT))),
                                null));
        change = served.test.numbers.take(Numbers.CHANGE, 1);
        append(Streams.change(change), 0, received());
        order();
        build(b1);
        for (String asked : List.of("cancelled", "hurried")) {
            long request = served.test.count("SELECT MIN(request_id) FROM build_request_queue");
            if (asked.equals("cancelled")) {
                served.test.commands.cancel(b1, request, INJECTED, INJECTED);
            } else {
                served.test.commands.changePriority(b1, request, 7, INJECTED);
            }
        }
        worker(b1);
        served.test
                .jdbc
                .sql(
                        """
                        INSERT INTO scheduler_status
                               (name, type, last_sequence, enabled, pending, firings, fires_at, renamed_to, master)
                        VALUES (:name, 'single_branch', 0, TRUE, 0, 1, NULL, NULL, 'b1')
                        """)
                .param("name", SCHEDULER)
                .update();
        served.registry.drain(b1, "b1", false, INJECTED);
        served.project();
    }

    @AfterAll
    static void end() {
        served.close();
    }

    private static void append(String stream, long sequence, Object event) {
        served.test.log.inTransaction(() ->
                served.test.log.append(
                        TestStory.SCHEDULER, null, List.of(new Entry(stream, sequence, event))));
    }

    private static ChangeReceived received() {
        return new ChangeReceived(
                change,
                SCRIPT,
                INJECTED,
                INJECTED,
                INJECTED,
                "",
                INJECTED,
                INJECTED,
                INJECTED,
                List.of(INJECTED, "../../" + MARKUP),
                SCRIPT,
                TestStory.NOON,
                Map.of(INJECTED, INJECTED),
                INJECTED);
    }

    private static void order() {
        String stream = Streams.scheduler(SCHEDULER);
        append(
                stream,
                0,
                new ChangeTaken(
                        SCHEDULER, change, SCRIPT, INJECTED, INJECTED, INJECTED, "", null, null));
        Entry fired = new Entry(stream, 1, new SchedulerFired(SCHEDULER, 1, List.of(change), null));
        served.test.log.inTransaction(() -> {
            served.test.log.append(TestStory.SCHEDULER, null, List.of(fired));
            served.test.buildsets.submit(
                    TestStory.SCHEDULER,
                    fired.id(),
                    new BuildsetOrder(
                            SCHEDULER,
                            1,
                            INJECTED,
                            List.of(
                                    new SourceStamp(
                                            SCRIPT,
                                            INJECTED,
                                            INJECTED,
                                            INJECTED,
                                            "",
                                            new SourceStamp.Patch(
                                                    INJECTED, 1, INJECTED, INJECTED, INJECTED))),
                            List.of(change),
                            Map.of(INJECTED, new Property(INJECTED, INJECTED)),
                            List.of(BUILDER, "linux", "mac"),
                            0,
                            null,
                            false,
                            null,
                            INJECTED,
                            null),
                    TestStory.NOON);
        });
    }

    private static void build(Author b1) throws Exception {
        Won won = served.story.claim(b1, BUILDER);
        served.story.start(b1, won);
        long log = served.story.startStep(b1, won, 1, INJECTED);
        String line = INJECTED.replace("\n", "");
        served.story.write(
                log,
                0,
                new Line(Source.HEADER, line),
                new Line(Source.STDOUT, line),
                new Line(Source.STDERR, "\u001b[31m" + line));
        served.story.store(
                b1,
                won,
                1,
                1,
                new KeptArtifact(
                        ArtifactPath.of("x/<xss-marker>\" xss-attribute=\"1.html"),
                        3,
                        "ab".repeat(32),
                        "database",
                        "1"));
        served.story.finishStep(b1, won, 1, log, Results.FAILURE);
        served.story.complete(b1, won, Results.FAILURE, INJECTED);
    }

    private static void worker(Author b1) {
        new WorkerRoster(served.test.log, served.test.dataSource)
                .list(b1, List.of(new Listed("w1", true, false, 1)));
        new WorkerRegister(
                        served.test.log,
                        served.test.dataSource,
                        new OpenCommands(served.test.dataSource))
                .attach(b1, "w1", INJECTED, INJECTED);
        new WorkerCommands(served.test.log, served.test.dataSource)
                .pause(b1, "w1", INJECTED, INJECTED);
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(served.url() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    /** Goes wherever a link leads. */
    @Test
    void no_page_holds_markup_a_script_or_a_control_character_of_somebody_elses() throws Exception {
        Deque<String> ahead =
                new ArrayDeque<>(
                        List.of(
                                "/",
                                "/changes/" + change + "?why=true",
                                "/waiting",
                                "/waterfall",
                                "/state?event=20",
                                "/search?q=" + encoded(INJECTED),
                                "/search?q=a",
                                "/revisions/" + encoded(MARKUP),
                                "/audit/user/" + encoded(INJECTED),
                                "/audit/nothing/" + encoded(MARKUP),
                                "/builders?tag=" + encoded(MARKUP),
                                "/changes?project=" + encoded(MARKUP)));
        Set<String> seen = new LinkedHashSet<>(ahead);
        List<String> faults = new ArrayList<>();
        int pages = 0;
        while (!ahead.isEmpty() && pages < MOST_PAGES) {
            String path = ahead.removeFirst();
            HttpResponse<String> response = get(path);
            String type = response.headers().firstValue("Content-Type").orElse("");
            String body = response.body();
            if (response.statusCode() >= 500) {
                faults.add(response.statusCode() + ": " + path);
            }
            if (type.startsWith("text/html") || type.contains("xml")) {
                pages++;
                addFaults(path, body, type.startsWith("text/html"), faults);
                Matcher links = LINK.matcher(body);
                while (links.find()) {
                    String link = HtmlUtils.htmlUnescape(links.group(2));
                    if (link.strip().toLowerCase(Locale.ROOT).startsWith("javascript:")) {
                        faults.add("a link that is a script: " + path);
                    }
                    boolean isLeft = link.startsWith("/") && !link.startsWith("//");
                    if (isLeft && links.group(1).matches("href|src|hx-get")) {
                        String next = link.replaceFirst("#.*", "");
                        if (seen.add(next)) {
                            ahead.add(next);
                        }
                    }
                }
            }
        }
        assertThat(faults).isEmpty();
        assertThat(seen)
                .anyMatch(it -> it.startsWith("/builds/"))
                .anyMatch(it -> it.startsWith("/audit/change/"))
                .anyMatch(it -> it.startsWith("/workers/w1"));
    }

    private static void addFaults(String path, String body, boolean isHtml, List<String> faults) {
        for (String injected : List.of("<xss-marker", "\" xss-attribute", "' xss-attribute")) {
            // Of XML a text may hold quotes.
            if (body.contains(injected) && (isHtml || injected.startsWith("<"))) {
                faults.add("'%s' is in %s".formatted(injected, path));
            }
        }
        body.replaceAll("[\\r\\t]", " ")
                .codePoints()
                .filter(it -> OBEYED.matcher(Character.toString(it)).matches())
                .findFirst()
                .ifPresent(it -> faults.add("U+%04X is in %s".formatted(it, path)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/changes",
                "/api/requests",
                "/api/builds",
                "/api/workers",
                "/api/builds/BUILDER/1",
                "/api/audit/change/1",
                "/api/state?event=20",
                "/api/v2/changes",
                "/api/v2/builds?property=*",
                "/api/v2/workers",
                "/badges/BUILDER.svg?label=INJECTED",
                "/feeds/builds.atom"
            })
    void what_is_for_programs_is_taken_for_no_page(String path) throws Exception {
        HttpResponse<String> response =
                get(
                        path.replace("BUILDER", encoded(BUILDER))
                                .replace("INJECTED", encoded(INJECTED)));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type").orElse("")).doesNotContain("html");
        assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(response.body()).doesNotContain("\u001b", "\u0000");
        if (!path.startsWith("/api")) {
            assertThat(response.body()).doesNotContain("<xss-marker");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "changes",
                "requests",
                "builds",
                "builders",
                "workers",
                "schedulers",
                "masters",
                "audit change 1",
                "audit build BUILDER/1",
                "audit worker w1",
                "explain change 1"
            })
    void no_command_has_a_terminal_obey_what_somebody_else_wrote(String command) {
        for (String more : List.of("", " --json")) {
            List<String> args = new ArrayList<>(List.of((command + more).split(" ", -1)));
            args.replaceAll(it -> it.replace("BUILDER", BUILDER));
            args.addAll(List.of("--master", served.url()));
            RunCommand.Answer answer = RunCommand.run(args.toArray(String[]::new));

            assertThat(answer.status()).as(answer.err()).isZero();
            for (String printed : List.of(answer.out(), answer.err())) {
                assertThat(
                                OBEYED.matcher(printed)
                                        .results()
                                        .map(it -> "U+%04X".formatted((int) it.group().charAt(0))))
                        .as(command + more)
                        .isEmpty();
                assertThat(printed.lines()).noneMatch(it -> it.startsWith(FORGED));
            }
            if (!more.isEmpty()) {
                assertThat(new JsonMapper().readTree(answer.out()).isObject()).isTrue();
            }
        }
    }
}
