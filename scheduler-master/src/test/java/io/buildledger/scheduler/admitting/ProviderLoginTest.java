package io.buildledger.scheduler.admitting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.scheduler.serving.ServedLog;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;

/** People log in at Spring's own provider of OpenID Connect, which a master knows nothing of. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProviderLoginTest {

    private static final String SESSION = "buildledger";
    private static final String BEGUN = SESSION + "-login";

    /** Goes on when a test says so. */
    static class Clock {
        private static volatile Duration later = Duration.ZERO;

        @Bean
        InstantSource clock() {
            return () -> Instant.now().plus(later);
        }
    }

    private final ServedLog served = new ServedLog(0, Clock.class);
    private final String master = served.url();
    private final Provider provider = new Provider(master);
    private Surfer ann;

    /** What the provider's form has, by which it knows that it was its own. */
    private String form = "";

    @TempDir private Path directory;

    @AfterAll
    void close() {
        provider.close();
        served.close();
    }

    @BeforeEach
    void configure() throws Exception {
        ann = new Surfer();
        Clock.later = Duration.ZERO;
        provider.lie = _ -> {};
        provider.forges = false;
        provider.tellsOfAnn = Map.of("groups", List.of("developers"));
        Files.writeString(directory.resolve("secret"), provider.secret() + "\n");
        list("carla");
        configure("label: the office");
    }

    @AfterEach
    void leave() {
        ann.close();
    }

    /** Has somebody alone log in with a password, which nobody tries here. */
    private void list(String name) throws Exception {
        Path users =
                Files.writeString(
                        directory.resolve("users"),
                        name + ":" + new BCryptPasswordEncoder(4).encode("any") + "\n");
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-------"));
    }

    private void configure(String more) {
        configure(provider.issuer(), more);
    }

    private void configure(String issuer, String more) {
        served.bean(Admission.class)
                .prepare(
                        ServedLog.file(
                                """
                                access:
                                  users_file: %s
                                  oidc: {issuer: %s, client_id: %s, client_secret_file: %s, %s}
                                  roles:
                                    - {name: readers, who: logged_in, may: [view]}
                                    - {name: writers, groups: [developers], may: [drain]}
                                """
                                        .formatted(
                                                directory.resolve("users"),
                                                issuer,
                                                Provider.CLIENT,
                                                directory.resolve("secret"),
                                                more)))
                .run();
    }

    /** Begins at the master, and ends where the provider asks who it is. */
    private void begin(Surfer somebody, String page) throws Exception {
        form =
                somebody.go(master + "/login/provider?next=" + Surfer.encoded(page))
                        .body()
                        .replaceFirst("(?s)^.*name=\"_csrf\"[^>]*value=\"([^\"]*)\".*$", "$1");
        assertThat(somebody.way.getLast().getPath()).isEqualTo("/login");
        assertThat(somebody.way.getLast().getPort())
                .isEqualTo(URI.create(provider.issuer()).getPort());
    }

    private Map<String, String> password(String id) {
        return Map.of("username", id, "password", Provider.PASSWORD, "_csrf", form);
    }

    /** From a page to which they are to come back. */
    private HttpResponse<String> logIn(Surfer somebody, String page, String id) throws Exception {
        begin(somebody, page);
        return somebody.send(somebody.way.getLast().toString(), password(id));
    }

    private HttpResponse<String> logIn() throws Exception {
        return logIn(ann, "/builders", "4711");
    }

    /** The address by which the provider sends somebody back to the master; they don't go there. */
    private String wayBack() throws Exception {
        begin(ann, "/");
        String asked =
                ann.sendOnly(ann.way.getLast().toString(), password("4711"))
                        .headers()
                        .firstValue("Location")
                        .orElseThrow();
        String back = ann.look(asked).headers().firstValue("Location").orElseThrow();
        assertThat(back).startsWith(master + "/login/oauth2/code/oidc?");
        return back;
    }

    @Test
    void somebody_is_led_to_the_provider_and_back_to_the_page_that_they_wanted() throws Exception {
        HttpResponse<String> asked = ann.go(master + "/builders?tag=nightly");
        assertThat(ann.way.getLast())
                .isEqualTo(URI.create(master + "/login?next=%2Fbuilders%3Ftag%3Dnightly"));
        assertThat(asked.body())
                .contains("Log in with the office")
                .contains("/login/provider?next=/builders?tag%3Dnightly");

        HttpResponse<String> shown = logIn(ann, "/builders?tag=nightly", "4711");

        assertThat(ann.way.getLast()).isEqualTo(URI.create(master + "/builders?tag=nightly"));
        assertThat(shown.statusCode()).isEqualTo(200);
        assertThat(shown.body()).contains(">ann<").contains("Log out");
    }

    @Test
    void groups_give_rights_and_the_log_has_the_name() throws Exception {
        served.registry.register(
                new Registration(
                        "b1", "builder", "host", 1, Duration.ofMinutes(1), Map.of(), null));
        logIn();

        HttpResponse<String> asked =
                ann.send(master + "/masters/b1/drain", Map.of("requestedBy", "somebody else"));

        assertThat(asked.statusCode()).isEqualTo(200);
        assertThat(served.test.log.read("master/b1").getLast().event().toString())
                .contains("MasterDrained")
                .contains("ann")
                .doesNotContain("somebody else");
    }

    @Test
    void groups_that_one_is_not_of_give_nothing() throws Exception {
        provider.tellsOfAnn = Map.of("groups", List.of("guests"));
        logIn();

        HttpResponse<String> asked = ann.send(master + "/masters/b1/drain", Map.of());

        assertThat(asked.statusCode()).isEqualTo(403);
        assertThat(asked.body()).contains("no role gives &#39;drain&#39; to ann");
    }

    @Test
    void a_session_begins_when_somebody_has_logged_in_and_is_none_when_they_leave()
            throws Exception {
        String back = wayBack();
        assertThat(ann.cookie(SESSION)).isEqualTo("none");
        ann.go(back);
        String first = ann.cookie(SESSION);
        assertThat(ann.cookie(BEGUN)).isEqualTo("none");
        ann.go(master + "/login/provider");
        String after = ann.cookie(SESSION);
        assertThat(after).isNotEqualTo(first);
        assertThat(ann.go(master + "/builders").statusCode()).isEqualTo(200);
        assertThat(ann.way).hasSize(1);

        ann.send(master + "/logout", Map.of());

        assertThat(ann.look(master + "/builders").statusCode()).isEqualTo(302);
        try (Surfer thief = new Surfer()) {
            thief.keep(master, SESSION, after);
            assertThat(thief.look(master + "/builders").statusCode()).isEqualTo(302);
        }
    }

    @Test
    void who_logs_out_can_log_out_at_the_provider_too() throws Exception {
        logIn();
        HttpResponse<String> out = ann.send(master + "/logout", Map.of());
        assertThat(out.statusCode()).isEqualTo(200);
        assertThat(out.headers().firstValue("Cache-Control")).contains("no-store");
        // Only here: the provider lets them in without a word.
        assertThat(ann.go(master + "/login/provider").body()).contains(">ann<");

        Matcher link =
                Pattern.compile("<a href=\"([^\"]*)\"[^>]*>Log out at the office, too</a>")
                        .matcher(ann.send(master + "/logout", Map.of()).body());
        assertThat(link.find()).isTrue();
        assertThat(link.group(1)).startsWith(provider.issuer() + "/connect/logout?id_token_hint=");
        ann.go(link.group(1));

        begin(ann, "/builders");
    }

    @Test
    void who_logs_out_after_the_provider_has_changed_is_not_led_to_either() throws Exception {
        logIn();
        configure("https://other.example.org", "label: another");

        assertThat(ann.send(master + "/logout", Map.of()).body())
                .contains("Log in with another")
                .doesNotContain("id_token_hint", "Log out at");
        assertThat(ann.way.getLast()).isEqualTo(URI.create(master + "/login"));
    }

    @Test
    void a_login_that_is_begun_is_in_a_cookie_that_nobody_can_read_and_the_master_has_none_of_it()
            throws Exception {
        HttpResponse<String> asked = ann.look(master + "/login/provider?next=/workers");
        assertThat(asked.headers().allValues("Set-Cookie")).isEmpty();
        assertThat(asked.headers().firstValue("Location"))
                .contains("/oauth2/authorization/oidc?next=%2Fworkers");

        HttpResponse<String> begun = ann.look(master + "/oauth2/authorization/oidc?next=/workers");

        assertThat(begun.headers().allValues("Set-Cookie"))
                .singleElement()
                .asString()
                .matches(
                        BEGUN
                                + "=[A-Za-z0-9_-]+\\.\\.[A-Za-z0-9_.-]+; Path=/; Max-Age=600; Expires=[^;]*; HttpOnly; SameSite=Lax")
                .hasSizeLessThan(2_500);
        assertThat(ann.cookie(BEGUN))
                .startsWith(
                        Base64.getUrlEncoder()
                                .withoutPadding()
                                .encodeToString(
                                        "{\"enc\":\"A256GCM\",\"alg\":\"dir\"}".getBytes(UTF_8)));
    }

    @Test
    void a_login_is_ended_by_the_browser_that_has_begun_it() throws Exception {
        String back = wayBack();
        String begun = ann.cookie(BEGUN);
        int dot = begun.lastIndexOf('.');
        int text = begun.lastIndexOf('.', dot - 1) + 1;
        List<String> others =
                List.of(
                        "none",
                        "a.b.c.d.e",
                        begun.substring(0, dot),
                        begun.substring(0, dot) + ".AAAAAAAAAAAAAAAAAAAAAA",
                        // Of the text, the first letter: the last may have bits that say nothing.
                        begun.substring(0, text)
                                + (begun.charAt(text) == 'A' ? 'B' : 'A')
                                + begun.substring(text + 1),
                        // "alg":"none"
                        "eyJhbGciOiJub25lIn0" + begun.substring(begun.indexOf('.')));
        for (String other : others) {
            try (Surfer thief = new Surfer()) {
                thief.keep(master, BEGUN, other);
                HttpResponse<String> refused = thief.go(back);
                assertThat(refused.statusCode()).as(other).isEqualTo(401);
                assertThat(refused.body()).as(other).contains("was not begun in this browser");
                assertThat(thief.cookie(SESSION)).isEqualTo("none");
            }
        }

        // Who is led there by others has still begun their own.
        assertThat(ann.go(back.replaceFirst("state=", "state=x")).statusCode()).isEqualTo(401);
        assertThat(ann.go(back).statusCode()).isEqualTo(200);
    }

    @Test
    void who_has_begun_too_long_ago_begins_once_more() throws Exception {
        String back = wayBack();
        Clock.later = BegunLogins.PATIENCE.plusSeconds(1);

        HttpResponse<String> late = ann.go(back);

        assertThat(late.statusCode()).isEqualTo(401);
        assertThat(late.body()).contains("or too long ago: log in once more");
    }

    @Test
    void the_cookie_of_a_session_is_for_this_site_alone_and_no_script_reads_it() throws Exception {
        HttpResponse<String> in = ann.look(wayBack());

        assertThat(in.headers().allValues("Set-Cookie"))
                .filteredOn(it -> it.startsWith(SESSION + "="))
                .singleElement()
                .asString()
                .matches(SESSION + "=[0-9A-F]{32}; Path=/; HttpOnly; SameSite=Lax");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/login",
                "/builders",
                "/api/masters",
                "/api/v2/builders",
                "/nowhere",
                "/buildledger.css"
            })
    void who_only_looks_has_no_session(String path) throws Exception {
        assertThat(ann.look(master + path).headers().allValues("Set-Cookie")).isEmpty();
    }

    @Test
    void the_provider_is_shown_that_who_asks_for_the_tokens_is_who_began() throws Exception {
        ann.go(master + "/login/provider");

        assertThat(
                        ann.way.stream()
                                .map(URI::toString)
                                .filter(it -> it.contains("/oauth2/authorize")))
                .singleElement()
                .asString()
                .contains("code_challenge_method=S256")
                .contains("nonce=")
                .contains("scope=openid%20profile");
    }

    @Test
    void who_has_no_name_there_is_told_what_is_missing() throws Exception {
        HttpResponse<String> refused = logIn(ann, "/builders", "4712");

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body())
                .contains("in the claim &#39;preferred_username&#39;")
                .contains("access.oidc.user_claim")
                // Where they wanted to go is not forgotten.
                .contains("/login/provider?next=/builders");
        assertThat(ann.look(master + "/builders").statusCode()).isEqualTo(302);
    }

    @Test
    void the_name_is_in_the_claim_that_the_file_says() throws Exception {
        configure("user_claim: sub");

        assertThat(logIn(ann, "/builders", "4712").body()).contains(">4712<");
    }

    static Stream<Arguments> unverified() {
        return Stream.of(
                Arguments.of(Map.of("email", "ann@example.org")),
                Arguments.of(Map.of("email", "ann@example.org", "email_verified", false)),
                Arguments.of(Map.of("email", "ann@example.org", "email_verified", "no")),
                Arguments.of(Map.of("email", "ann", "email_verified", false)));
    }

    @ParameterizedTest
    @MethodSource("unverified")
    void an_address_that_is_not_verified_is_nobodys_name(Map<String, Object> told)
            throws Exception {
        provider.tellsOfAnn = told;
        configure("user_claim: email");
        ListAppender<ILoggingEvent> logged = new ListAppender<>();

        HttpResponse<String> refused = whileLogged(logged, this::logIn);

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body())
                .contains("does not say that the address &#39;" + told.get("email") + "&#39;")
                .contains("email_verified");
        assertThat(logged.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .singleElement()
                .asString()
                .contains("somebody could not log in from ", told.get("email") + "' is yours");
        assertThat(ann.look(master + "/builders").statusCode()).isEqualTo(302);
    }

    @ParameterizedTest
    @MethodSource("verified")
    void an_address_that_is_verified_is_a_name_which_the_log_has_beside_the_providers_own(
            Object verified) throws Exception {
        provider.tellsOfAnn = Map.of("email", "ann@example.org", "email_verified", verified);
        configure("user_claim: email");
        ListAppender<ILoggingEvent> logged = new ListAppender<>();

        assertThat(whileLogged(logged, this::logIn).body()).contains(">ann@example.org<");

        assertThat(logged.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .singleElement()
                .asString()
                .startsWith("ann@example.org (4711 at the provider) has logged in from ");
    }

    static Stream<Object> verified() {
        return Stream.of(true, "true");
    }

    @Test
    void somebody_whom_the_file_of_users_has_does_not_come_from_the_provider() throws Exception {
        logIn();
        list("ann");
        assertThat(ann.look(master + "/builders").statusCode()).isEqualTo(302);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();

        HttpResponse<String> refused =
                whileLogged(logged, () -> ann.go(master + "/login/provider"));

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body())
                .contains("the provider calls you &#39;ann&#39;, who logs in with a password here")
                .contains("access.users_file");
        assertThat(logged.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .singleElement()
                .asString()
                .contains("the provider calls you 'ann'");
        assertThat(ann.look(master + "/builders").statusCode()).isEqualTo(302);
    }

    @Test
    void nobody_comes_from_the_provider_while_the_file_of_users_can_not_be_read() throws Exception {
        Files.writeString(directory.resolve("users"), "ann");

        HttpResponse<String> refused = logIn();

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).contains("its log tells why").doesNotContain("users:1");
    }

    private static <T> T whileLogged(ListAppender<ILoggingEvent> logged, Callable<T> what)
            throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(LoginEnd.class);
        logged.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(logged);
        try {
            return what.call();
        } finally {
            logger.detachAppender(logged);
            logger.setLevel(null);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?code=some&state=other",
                "?code=some",
                "?state=other",
                "?error=access_denied&state=other",
                ""
            })
    void what_was_not_begun_here_is_no_login(String answer) throws Exception {
        String back = master + "/login/oauth2/code/oidc" + answer;
        HttpResponse<String> unasked = ann.go(back);
        ann.look(master + "/login/provider");
        ann.look(master + "/oauth2/authorization/oidc");
        HttpResponse<String> forged = ann.go(back);

        for (HttpResponse<String> refused : List.of(unasked, forged)) {
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.body()).contains("log in once more");
        }
        assertThat(ann.look(master + "/builders").statusCode()).isEqualTo(302);
    }

    @Test
    void who_lets_nobody_in_at_the_provider_is_nobody() throws Exception {
        String back = wayBack().replaceFirst("code=[^&]*", "error=access_denied");

        HttpResponse<String> refused = ann.go(back);

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).contains("the provider has let nobody in");
    }

    @Test
    void a_code_is_good_for_one_login() throws Exception {
        String back = wayBack();
        assertThat(ann.go(back).statusCode()).isEqualTo(200);
        assertThat(ann.look(back).statusCode()).isEqualTo(401);

        try (Surfer thief = new Surfer()) {
            thief.go(master + "/login/provider");
            String state =
                    thief.way.stream()
                            .map(URI::getRawQuery)
                            .filter(it -> it != null && it.contains("&state="))
                            .findFirst()
                            .orElseThrow()
                            .replaceFirst("^.*&(state=[^&]*).*$", "$1");
            HttpResponse<String> refused = thief.go(back.replaceFirst("state=[^&]*", state));

            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.body()).contains("can&#39;t be relied on");
            assertThat(thief.look(master + "/builders").statusCode()).isEqualTo(302);
        }
    }

    static Stream<Arguments> lies() {
        return Stream.of(
                lie("for another client", it -> it.getClaims().audience(List.of("another"))),
                lie(
                        "of another provider",
                        it -> it.getClaims().issuer("https://other.example.org")),
                lie("of another login", it -> it.getClaims().claim("nonce", "another")),
                lie("of no login", it -> it.getClaims().claims(all -> all.remove("nonce"))),
                lie(
                        "of yesterday",
                        it ->
                                it.getClaims()
                                        .issuedAt(Instant.EPOCH)
                                        .expiresAt(Instant.EPOCH.plusSeconds(60))));
    }

    private static Arguments lie(String what, Consumer<JwtEncodingContext> lie) {
        return Arguments.of(what, lie);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void an_id_token_does_not_count_that_is(String what, Consumer<JwtEncodingContext> lie)
            throws Exception {
        provider.lie = lie;

        assertThatNobodyIsIn(logIn());
    }

    @Test
    void an_id_token_does_not_count_whose_signature_is_by_another_key() throws Exception {
        provider.forges = true;

        assertThatNobodyIsIn(logIn());
    }

    private void assertThatNobodyIsIn(HttpResponse<String> refused) throws Exception {
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).contains("can&#39;t be relied on").doesNotContain("jwt", "JWT");
        assertThat(ann.look(master + "/builders").statusCode()).isEqualTo(302);
    }

    @Test
    void a_provider_that_is_away_keeps_people_waiting_and_nothing_else() throws Exception {
        String back = wayBack();
        provider.awayFor(() -> {
            HttpResponse<String> late = ann.go(back);
            assertThat(late.statusCode()).isEqualTo(503);
            assertThat(late.body()).contains("does not answer: try again in a moment");

            // As a master is that has just started: it has not seen the provider yet.
            configure("label: never seen");
            for (String path :
                    List.of(
                            "/login/provider",
                            "/oauth2/authorization/oidc",
                            "/login/oauth2/code/oidc?code=a&state=b")) {
                HttpResponse<String> begun = ann.look(master + path);
                assertThat(begun.body()).as(path).contains("Buildledger");
                assertThat(begun.statusCode()).as(path).isIn(503, 401);
            }
            assertThat(ann.look(master + "/login/provider").body())
                    .contains("the provider by which people log in can&#39;t be asked now");
            assertThat(ann.go(master + "/login").body()).contains("Log in with never seen");
        });

        assertThat(logIn().body()).contains(">ann<");
    }

    @Test
    void a_secret_that_is_changed_counts_with_the_next_login() throws Exception {
        provider.change("another secret");
        HttpResponse<String> refused = logIn();
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).contains("ask who configures this cluster");

        Files.writeString(directory.resolve("secret"), provider.secret());

        // The provider still knows who it is, and does not ask again.
        assertThat(ann.go(master + "/login/provider").body()).contains(">ann<");
    }

    @Test
    void a_secret_that_is_gone_is_told_in_the_log() throws Exception {
        Files.delete(directory.resolve("secret"));

        assertThat(ann.go(master + "/login/provider").statusCode()).isEqualTo(503);
        assertThat(ann.go(master + "/oauth2/authorization/oidc").statusCode()).isEqualTo(503);
    }

    @Test
    void another_provider_has_its_own_name_and_keys() throws Exception {
        logIn();
        ann.send(master + "/logout", Map.of());

        configure(provider.issuer().replace("localhost", "127.0.0.1"), "label: moved");
        HttpResponse<String> shown = logIn(ann, "/workers", "4711");

        assertThat(shown.statusCode()).isEqualTo(200);
        assertThat(ann.way.getLast()).isEqualTo(URI.create(master + "/workers"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/oauth2/authorization/other", "/login/oauth2/code/other?code=a&state=b"})
    void there_is_no_other_provider(String path) throws Exception {
        HttpResponse<String> answer = ann.go(master + path);

        assertThat(answer.statusCode()).isIn(401, 404);
        assertThat(answer.body()).contains("Log in with the office");
    }
}
