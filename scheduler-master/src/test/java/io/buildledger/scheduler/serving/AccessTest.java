package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.log.Author;
import io.buildledger.scheduler.admitting.Admission;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

/** What people and programs may over HTTP, by what they show and by the roles of the file. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class AccessTest {

    private static final Author B1 = new Author("b1", 1);

    private static final String FARM =
            """
            schedulers:
              - force: {name: force, builder_names: [linux, mac]}
              - single_branch: {name: main, change_filter: {branch: main}, builder_names: [linux]}
            projects: [name: app]
            builders:
              - {name: linux, worker_names: [w1], project: app, factory: [shell: {command: make}]}
              - {name: mac, worker_names: [w1], factory: [shell: {command: make}]}
            workers: [name: w1]
            """;

    private static final String ELSEWHERE = "192.0.2.1";
    private static final String LOOPBACK = "127.0.0.0/8";

    private static ServedLog served;

    @TempDir private static Path directory;

    private final CookieManager cookies = new CookieManager();
    private final HttpClient http = HttpClient.newBuilder().cookieHandler(cookies).build();

    @BeforeAll
    static void begin() {
        served = new ServedLog(ServedLog.file(FARM).schedulers());
    }

    @AfterAll
    static void end() {
        served.close();
    }

    @BeforeEach
    void restrict() throws Exception {
        write("users", hashed("ann", "secret"), hashed("carla", "secret"));
        write("tokens");
        restrictTo(ELSEWHERE);
    }

    private static void restrictTo(String proxies) {
        served.bean(Admission.class)
                .prepare(
                        ServedLog.file(
                                FARM
                                        + """
                                        access:
                                          users_file: %s
                                          tokens_file: %s
                                          proxy: {user_header: X-User, groups_header: X-Groups, addresses: [%s]}
                                          session: 1h
                                          groups: {crew: [carla]}
                                          roles:
                                            - {name: readers, who: logged_in, may: [view]}
                                            - {name: appers, users: [ann], may: [stop, force, cancel], projects: [app]}
                                            - {name: crew, groups: [crew], may: [drain, enable, pause, suppose]}
                                        """
                                                .formatted(
                                                        directory.resolve("users"),
                                                        directory.resolve("tokens"),
                                                        proxies)))
                .run();
    }

    private static void write(String file, String... lines) throws Exception {
        Path written = Files.write(directory.resolve(file), List.of(lines));
        Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rw-------"));
    }

    /** As {@code htpasswd -B} does, with fewer rounds than anybody should. */
    private static String hashed(String name, String password) {
        return name + ":" + new BCryptPasswordEncoder(4).encode(password);
    }

    private static String token(String shown, String user, String acts, String expires) {
        return String.join(":", "of " + shown, DigestUtils.sha256Hex(shown), user, acts, expires);
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(served.url() + path)), headers);
    }

    private HttpResponse<String> post(String path, Map<String, String> form, String... headers)
            throws Exception {
        StringBuilder body = new StringBuilder();
        form.forEach((name, value) ->
                body.append(name)
                        .append('=')
                        .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                        .append('&'));
        return send(
                HttpRequest.newBuilder(URI.create(served.url() + path))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(body.toString())),
                headers);
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String... headers)
            throws Exception {
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    /** As a browser sends it from a page of this master. */
    private String[] fromOwnPage() {
        return new String[] {"Origin", served.url(), "Sec-Fetch-Site", "same-origin"};
    }

    private HttpResponse<String> logIn(String name, String password, String... headers)
            throws Exception {
        return post(
                "/login",
                Map.of("name", name, "password", password, "next", "/builders"),
                Stream.concat(Stream.of(fromOwnPage()), Stream.of(headers)).toArray(String[]::new));
    }

    private static long running(String builder) {
        long change = served.story.change("a", "abc", "c");
        served.story.fire(List.of(change), "abc", builder);
        Won won = served.story.claim(B1, builder);
        served.story.start(B1, won);
        served.project();
        return won.claim().buildNumber();
    }

    @Test
    void who_has_to_log_in_is_led_back_to_where_they_came_from() throws Exception {
        HttpResponse<String> away = get("/builders?tag=a b".replace(" ", "%20"));
        assertThat(away.statusCode()).isEqualTo(302);
        String login = away.headers().firstValue("Location").orElseThrow();
        assertThat(login).isEqualTo("/login?next=%2Fbuilders%3Ftag%3Da%2520b");
        assertThat(get(login).body())
                .contains("name=\"password\"")
                .contains("value=\"/builders?tag=a%20b\"");

        HttpResponse<String> in = logIn("ann", "secret");

        assertThat(in.statusCode()).as(in.body()).isEqualTo(302);
        assertThat(in.headers().firstValue("Location")).contains("/builders");
        assertThat(get("/builders").body()).contains("data-may=\"view force stop cancel\"");
        assertThat(post("/logout", Map.of(), fromOwnPage()).statusCode()).isEqualTo(302);
        assertThat(get("/builders").statusCode()).isEqualTo(302);
    }

    @Test
    void an_unknown_name_and_a_wrong_password_are_told_alike() throws Exception {
        HttpResponse<String> wrong = logIn("ann", "guess");
        HttpResponse<String> unknown = logIn("nobody", "secret");

        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.body()).contains("there is no such name with this password");
        assertThat(unknown.statusCode()).isEqualTo(401);
        assertThat(unknown.body()).isEqualTo(wrong.body());
        assertThat(get("/builders").statusCode()).isEqualTo(302);
    }

    @Test
    void a_password_in_an_address_logs_nobody_in() throws Exception {
        for (String address :
                List.of("/login?name=ann&password=secret", "/login?n%61me=ann&p%61ssword=secret")) {
            HttpResponse<String> refused = post(address, Map.of(), fromOwnPage());
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("are taken from the form that is sent");
        }
        HttpResponse<String> half =
                post("/login?password=secret", Map.of("name", "ann"), fromOwnPage());
        assertThat(half.statusCode()).isEqualTo(400);
        assertThat(get("/builders").statusCode()).isEqualTo(302);
    }

    @Test
    void after_too_many_wrong_passwords_the_right_one_is_not_looked_at() throws Exception {
        write("users", hashed("eve", "secret"));
        for (int i = 0; i < 10; i++) {
            assertThat(logIn("eve", "guess" + i).statusCode()).isEqualTo(401);
        }

        HttpResponse<String> late = logIn("eve", "secret");

        assertThat(late.statusCode()).isEqualTo(429);
        assertThat(late.headers().firstValue("Retry-After")).contains("900");
        assertThat(late.body()).contains("too many passwords were wrong");

        // Behind a proxy that the file knows, each is where they are.
        restrictTo(LOOPBACK);
        assertThat(logIn("eve", "secret", "X-Forwarded-For", "192.0.2.7").statusCode())
                .isEqualTo(302);
    }

    @Test
    void a_role_for_some_builders_is_for_no_others() throws Exception {
        long linux = running("linux");
        long mac = running("mac");
        assertThat(logIn("ann", "secret").statusCode()).isEqualTo(302);

        HttpResponse<String> stopped =
                post(
                        "/builds/linux/" + linux + "/stop",
                        Map.of("requestedBy", "somebody else"),
                        fromOwnPage());
        HttpResponse<String> refused =
                post("/builds/mac/" + mac + "/stop", Map.of(), fromOwnPage());
        HttpResponse<String> both = post("/api/schedulers/force/force", Map.of(), fromOwnPage());
        HttpResponse<String> one =
                post(
                        "/api/schedulers/force/force",
                        Map.of("builder_names", "linux"),
                        fromOwnPage());
        HttpResponse<String> notGiven =
                post("/api/schedulers/main/disable", Map.of(), fromOwnPage());

        assertThat(stopped.statusCode()).as(stopped.body()).isEqualTo(302);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("no role gives &#39;stop&#39; of mac to ann");
        assertThat(both.statusCode()).isEqualTo(403);
        assertThat(both.body()).contains("linux, mac");
        assertThat(one.statusCode()).as(one.body()).isIn(200, 202);
        assertThat(notGiven.statusCode()).isEqualTo(403);
        served.project();
        assertThat(get("/audit/build/linux%2F" + linux).body())
                .contains("ann")
                .doesNotContain("somebody else");
    }

    @Test
    void what_is_not_there_is_nobodys_and_a_priority_is_a_right_of_its_own() throws Exception {
        assertThat(logIn("ann", "secret").statusCode()).isEqualTo(302);

        HttpResponse<String> unknown = post("/api/requests/999999/cancel", Map.of(), fromOwnPage());
        HttpResponse<String> pushed =
                post(
                        "/api/schedulers/force/force",
                        Map.of("builder_names", "linux", "priority", "9"),
                        fromOwnPage());

        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("there is no request 999999");
        assertThat(pushed.statusCode()).isEqualTo(403);
        assertThat(pushed.body()).contains("no role gives 'priority' of linux to ann");
    }

    @Test
    void the_configuration_knows_groups_too() throws Exception {
        assertThat(logIn("carla", "secret").statusCode()).isEqualTo(302);

        assertThat(post("/api/masters/b9/drain", Map.of(), fromOwnPage()).statusCode())
                .isEqualTo(404);
        assertThat(post("/api/masters/b9/reload", Map.of(), fromOwnPage()).statusCode())
                .isEqualTo(403);
    }

    @Test
    void a_session_ends_when_its_user_is_taken_out_or_has_another_password() throws Exception {
        assertThat(logIn("ann", "secret").statusCode()).isEqualTo(302);
        assertThat(get("/builders").statusCode()).isEqualTo(200);

        write("users", hashed("ann", "other"));

        // A page that is open puts into itself whatever its scripts are sent.
        assertThat(get("/sections/builders", "HX-Request", "true").statusCode()).isEqualTo(401);
        assertThat(get("/live", "Sec-Fetch-Dest", "empty").statusCode()).isEqualTo(401);
        assertThat(get("/builders").statusCode()).isEqualTo(302);
    }

    @Test
    void a_file_that_can_not_be_used_is_told_in_the_log_alone() throws Exception {
        write("users", "ann");

        HttpResponse<String> answer = logIn("ann", "secret");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("its log tells why").doesNotContain("users:1");
    }

    @Test
    void a_session_needs_that_a_command_comes_from_an_own_page() throws Exception {
        assertThat(logIn("carla", "secret").statusCode()).isEqualTo(302);

        assertThat(post("/api/masters/b9/drain", Map.of()).statusCode()).isEqualTo(403);
        assertThat(
                        post(
                                        "/api/masters/b9/drain",
                                        Map.of(),
                                        "Origin",
                                        served.url(),
                                        "Sec-Fetch-Site",
                                        "cross-site")
                                .statusCode())
                .isEqualTo(403);
        assertThat(
                        post(
                                        "/login",
                                        Map.of("name", "ann", "password", "secret"),
                                        "Origin",
                                        "http://evil.example.org")
                                .statusCode())
                .isEqualTo(403);
    }

    @Test
    void a_token_gives_what_both_it_and_its_user_may() throws Exception {
        write(
                "tokens",
                token("views", "ann", "view", "2999-01-01T00:00:00Z"),
                token("stops", "ann", "view,stop,drain", "2999-01-01T00:00:00Z"),
                token("over", "ann", "view", "2020-01-01T00:00:00Z"));
        long linux = running("linux");
        String stop = "/api/builds/linux/" + linux + "/stop";

        assertThat(get("/api/builds", "Authorization", "Bearer views").statusCode()).isEqualTo(200);
        assertThat(post(stop, Map.of(), "Authorization", "Bearer views").body())
                .contains("no role gives 'stop' of linux to ann by this token");
        assertThat(
                        post("/api/masters/b9/drain", Map.of(), "Authorization", "Bearer stops")
                                .statusCode())
                .isEqualTo(403);
        assertThat(post(stop, Map.of(), "Authorization", "Bearer stops").statusCode())
                .isEqualTo(200);
        HttpResponse<String> over = get("/api/builds", "Authorization", "Bearer over");
        assertThat(over.statusCode()).isEqualTo(401);
        assertThat(over.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertThat(over.body()).contains("there is no such token, or it has expired");
        assertThat(cookies.getCookieStore().getCookies()).isEmpty();
    }

    @Test
    void who_may_ask_what_if_may_look_as_well_and_one_is_answered_at_a_time() throws Exception {
        write(
                "tokens",
                token("supposes", "carla", "suppose,view", "2999-01-01T00:00:00Z"),
                token("blind", "carla", "suppose", "2999-01-01T00:00:00Z"),
                token("views", "ann", "view", "2999-01-01T00:00:00Z"));
        Map<String, String> question =
                Map.of(
                        "configuration",
                        "db_user: x",
                        "since",
                        "30d",
                        "until",
                        "2000-01-01T00:00:00Z");

        assertThat(post("/api/what-if", question, "Authorization", "Bearer views").body())
                .contains("no role gives 'suppose' to ann");
        assertThat(post("/api/what-if", question, "Authorization", "Bearer blind").body())
                .contains("no role gives 'view' to carla by this token");
        assertThat(post("/api/what-if", question, "Authorization", "Bearer supposes").body())
                .contains("configuration:1:1: db_url is missing");

        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        Thread other =
                Thread.startVirtualThread(() ->
                        assertThatThrownBy(() ->
                                        served.bean(Suppositions.class)
                                                .ask(() -> {
                                                    begun.countDown();
                                                    mayEnd.await();
                                                    throw new NotThereException("nothing");
                                                }))
                                .isInstanceOf(NotThereException.class));
        try {
            begun.await();
            HttpResponse<String> second =
                    post("/api/what-if", question, "Authorization", "Bearer supposes");
            assertThat(second.statusCode()).isEqualTo(503);
            assertThat(second.headers().firstValue("Retry-After")).contains("30");
            assertThat(second.body()).contains("another what-if is being answered");
        } finally {
            mayEnd.countDown();
            other.join();
        }
    }

    @Test
    void a_proxy_is_believed_by_its_address_alone() throws Exception {
        String[] told = {"X-User", "pete", "X-Groups", "staff, crew"};

        assertThat(get("/api/builds", told).statusCode()).isEqualTo(401);

        restrictTo(LOOPBACK);
        assertThat(get("/api/builds", told).statusCode()).isEqualTo(200);
        assertThat(post("/api/masters/b9/drain", Map.of(), told).statusCode()).isEqualTo(404);
        assertThat(
                        post(
                                        "/api/masters/b9/drain",
                                        Map.of(),
                                        "X-User",
                                        "pete",
                                        "X-Groups",
                                        "staff")
                                .statusCode())
                .isEqualTo(403);
        assertThat(get("/api/builds").statusCode()).isEqualTo(401);
        assertThat(get("/api/builds", "X-User", "pete", "X-User", "carla").body())
                .contains("X-User: is there twice");
        assertThat(get("/api/builds", "X-User", "p".repeat(101)).body())
                .contains("X-User: is not a name of 1 to 100 characters");
    }

    @Test
    void nobody_keeps_for_others_what_some_may_not_see() throws Exception {
        write("tokens", token("views", "ann", "view", "2999-01-01T00:00:00Z"));

        HttpResponse<String> api = get("/api/builds", "Authorization", "Bearer views");
        HttpResponse<String> page = get("/builders", "Authorization", "Bearer views");
        HttpResponse<String> disguised = get("/builders;x.css", "Authorization", "Bearer views");
        HttpResponse<String> badge = get("/badges/linux.svg", "Authorization", "Bearer views");

        assertThat(disguised.headers().firstValue("Cache-Control")).contains("private, no-cache");
        assertThat(badge.headers().firstValue("Cache-Control")).contains("max-age=30, private");
        assertThat(get("/buildledger.css").headers().firstValue("Cache-Control"))
                .contains("max-age=600, public");
        assertThat(api.headers().firstValue("Cache-Control")).contains("private, no-cache");
        assertThat(page.headers().firstValue("Cache-Control")).contains("private, no-cache");
    }

    @Test
    void a_feed_calls_the_master_as_its_file_does() throws Exception {
        served.bean(Admission.class)
                .prepare(ServedLog.file(FARM + "web: {url: 'https://ci.example.org/'}\n"))
                .run();

        assertThat(get("/feeds/builds.atom").body())
                .contains("https://ci.example.org/feeds/builds.atom")
                .doesNotContain("127.0.0.1");
    }

    @Test
    void what_was_sent_to_another_name_is_refused() throws Exception {
        RawHttp raw = new RawHttp(served.url());

        RawHttp.Answer page = raw.sendTo("evil.example.org", "GET", "/api/builds");
        RawHttp.Answer own = raw.sendTo("localhost:1", "GET", "/login");

        assertThat(page.status()).isEqualTo(421);
        assertThat(page.body()).contains("evil.example.org").contains("host_names");
        assertThat(own.status()).isEqualTo(200);
    }
}
