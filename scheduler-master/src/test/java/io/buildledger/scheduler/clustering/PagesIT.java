package io.buildledger.scheduler.clustering;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

/** The pages of a real cluster, in a real browser. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PagesIT {

    private static final String SCHEDULERS =
            """
            schedulers:
              - any_branch: {name: all, builder_names: [mac, windows, docs]}
              - force: {name: by-hand, button_name: Build it, builder_names: [linux], reason_required: true}
            """;
    private static final String ACCESS =
            """
            access:
              users_file: users
              roles:
                - {name: readers, who: everyone, may: [view]}
                - {name: developers, users: [ann], may: [force, stop]}
                - {name: friends of mac, users: [joe], may: [force], builders: [mac]}
            """;
    private static final List<String> PAGES =
            List.of(
                    "/",
                    "/changes",
                    "/changes/1?why=true",
                    "/builders",
                    "/builders/linux",
                    "/builds/linux/1",
                    "/builds/linux/1/search/1/stdio?q=green",
                    "/requests/REQUEST",
                    "/schedulers",
                    "/schedulers/by-hand",
                    "/masters",
                    "/workers",
                    "/workers/b1%2Flocal",
                    "/waiting",
                    "/waterfall",
                    "/state",
                    "/audit/request/REQUEST",
                    "/audit/builder/linux",
                    "/search?q=l");

    /** What it looked like, for who wants to see it. */
    private static final Path PICTURES = Path.of("target", "pictures");

    private static final String REQUESTS =
            "SELECT COUNT(*) FROM event WHERE type = 'build-requested'";

    private static final String STARTED =
            "SELECT MIN(global_index) FROM event WHERE type = 'build-started'";

    @TempDir private Path directory;

    private Cluster cluster;
    private Browser browser;

    @BeforeEach
    void open() {
        String builders =
                """
                builders:
                  - name: linux
                    worker_names: [local]
                    factory:
                      - shell: {name: wait, command: "echo line-$((40+2)); until [ -e %1$s ]; do sleep 0.1; done; cat %1$s; printf '\\\\033[32mgreen\\\\033[0m\\\\n'"}
                  - {name: mac, worker_names: [local], factory: [shell: {name: test, command: "true"}]}
                  - {name: windows, worker_names: [local], factory: [shell: {name: test, command: "false"}]}
                  - {name: docs, worker_names: [local], factory: [shell: {name: check, command: "true"}]}
                """
                        .formatted(directory.resolve("go"));
        cluster = new Cluster("", SCHEDULERS, builders);
        cluster.start("s", "b1");
        browser = new Browser("http://127.0.0.1:" + cluster.port);
    }

    @AfterEach
    void close() {
        try {
            browser.close();
        } finally {
            cluster.close();
        }
    }

    private void assertThatNothingIsWrong() {
        assertThat(browser.complaints()).isEmpty();
    }

    /** The id of the request. */
    private long force(String reason) throws SQLException {
        long before = cluster.count(REQUESTS);
        browser.open("/schedulers/by-hand");
        browser.enter("#force", "reason", reason);
        browser.press("Build it");
        cluster.awaitCount(before + 1, REQUESTS);
        // The form leads there, unless no master has come to it yet.
        browser.openWhenThere("/requests/" + (before + 1));
        return before + 1;
    }

    @Test
    void a_build_is_forced_followed_and_seen_to_be_green_without_a_reload() throws Exception {
        browser.open("/schedulers/by-hand");
        browser.press("Build it");
        assertThat(browser.text()).contains("'reason' is missing");
        assertThat(browser.complaints()).allMatch(it -> it.contains("400"));

        force("to see it");
        browser.awaitText("started");
        browser.follow("build and log");
        browser.awaitText("running");
        browser.awaitText("line-42");

        Files.createFile(directory.resolve("go"));

        browser.awaitText("SUCCESS");
        browser.awaitText("green");

        browser.open("/state");
        browser.slide("event", 0);
        browser.awaitText("No master had registered.");
        long started = cluster.count(STARTED);
        browser.slide("event", started);
        browser.awaitText("running");
        assertThat(browser.path()).isEqualTo("/state?event=" + started);
        assertThat(browser.text()).contains("linux/1", "b1, epoch 1");
        assertThatNothingIsWrong();
    }

    @Test
    void a_master_is_drained_and_what_it_builds_cancelled() throws Exception {
        force("for nothing");
        browser.awaitText("started");
        browser.open("/masters");
        browser.unfold("Drain it");
        browser.press("Drain");
        browser.awaitText("draining");
        browser.awaitText("ends when the build that it has is over");

        browser.open("/requests/1");
        browser.unfold("Cancel it");
        browser.press("Cancel");

        browser.awaitText("CANCELLED");
        browser.open("/masters");
        browser.awaitText("stopped");
        assertThatNothingIsWrong();
    }

    @Test
    void lines_are_linked_to_what_is_looked_for_is_found_and_times_are_the_readers()
            throws Exception {
        Path go = directory.resolve("go.new");
        Files.write(go, IntStream.rangeClosed(1, 30_000).mapToObj(it -> "line " + it).toList());
        Files.move(go, directory.resolve("go"), ATOMIC_MOVE);
        force("to look for it");
        browser.awaitText("SUCCESS");

        browser.search("linux/1");
        assertThat(browser.path()).isEqualTo("/builds/linux/1");
        browser.awaitText("line 1\n");
        assertThat(browser.text()).doesNotContain("line 15010", "line 30000");
        browser.open("/builds/linux/1#L1-stdio-15000");
        browser.awaitElement("code.wanted");
        assertThat(browser.text()).contains("line 15010").doesNotContain("line 1\n", "line 30000");
        browser.open("/builds/linux/1#L1-stdio-30000");
        browser.awaitElement("code.wanted");
        browser.awaitText("line 30000");

        browser.live("Asia/Kolkata");
        browser.open("/audit/request/1");
        browser.awaitText("Recorded (GMT+5:30)");
        browser.open("/state");
        browser.askFor("at", "2020-01-01T12:00:00");
        assertThat(browser.path()).isEqualTo("/state?at=2020-01-01T06%3A30%3A00.000Z");
        assertThat(browser.text()).contains("Before the first event");

        browser.keepAllConnections();
        browser.open("/changes");
        cluster.sendChange(
                Map.of("author", "ann", "branch", "main", "revision", "1", "comments", "Late"));
        browser.awaitText("Late");
        assertThat(browser.hasListened()).isFalse();
        assertThatNothingIsWrong();
    }

    @Test
    void every_page_can_be_read_by_everybody() throws Exception {
        for (String comments :
                List.of("Count the nodes", "Mend the count", "Say what is counted")) {
            cluster.sendChange(
                    Map.of(
                            "author",
                            "Ann <ann@example.org>",
                            "branch",
                            "main",
                            "comments",
                            comments,
                            "files",
                            "[\"src/count.c\", \"README.md\"]",
                            "revision",
                            Integer.toHexString(comments.hashCode())));
        }
        cluster.awaitEvents(9, "build-request-completed");
        Path go = Files.createFile(directory.resolve("go"));
        long shown = force("to show it");
        browser.awaitText("SUCCESS");
        Files.delete(go);
        force("to show what runs");
        browser.awaitText("started");

        SoftAssertions all = new SoftAssertions();
        for (Browser.Look look : Browser.Look.values()) {
            browser.look(look);
            for (String page : PAGES) {
                browser.open(page.replace("REQUEST", "" + shown));
                all.assertThat(browser.barriers()).as("%s, %s", page, look).isEmpty();
                browser.photograph(PICTURES.resolve(nameOf(page, look)));
            }
        }
        all.assertAll();
        assertThatNothingIsWrong();
    }

    @Test
    void people_log_in_do_what_they_may_and_are_told_of_what_they_may_not() throws Exception {
        String hash = new BCryptPasswordEncoder(4).encode("open sesame");
        Path users =
                Files.writeString(
                        cluster.directory.resolve("users"), "ann:%1$s\njoe:%1$s\n".formatted(hash));
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-------"));
        cluster.changeFile(file -> file + ACCESS);
        cluster.hangUp("s");
        await("the master to go by the file")
                .until(() -> {
                    browser.open("/schedulers/by-hand");
                    return browser.header().contains("Log in");
                });
        assertThat(browser.text()).contains("by-hand").doesNotContain("Build it", "Disable");

        browser.follow("Log in");
        photographEach("login");
        logIn("ann", "sesame");
        assertThat(browser.text()).contains("there is no such name with this password");
        assertThat(browser.complaints()).allMatch(it -> it.contains("401"));
        logIn("ann", "open sesame");
        assertThat(browser.path()).isEqualTo("/schedulers/by-hand");
        assertThat(browser.header()).contains("ann").contains("Log out");
        assertThat(browser.text()).contains("Build it").doesNotContain("Disable", "Your name");
        photographEach("logged-in");
        long request = force("because she may");
        browser.awaitText("started");
        assertThat(browser.text()).doesNotContain("Cancel it");
        browser.follow("build and log");
        browser.awaitText("Stop it");
        browser.open("/audit/request/" + request);
        assertThat(browser.text()).contains("forced ann");
        assertThatNothingIsWrong();

        browser.press("Log out");
        assertThat(browser.path()).isEqualTo("/login");
        logIn("joe", "open sesame");
        assertThat(browser.path()).isEqualTo("/");
        browser.open("/schedulers/by-hand");
        browser.enter("#force", "reason", "because he may with mac");
        browser.press("Build it");
        assertThat(browser.text()).contains("no role gives 'force' of linux to joe");
        assertThat(browser.complaints()).allMatch(it -> it.contains("403"));
        photographEach("refused");
        assertThat(cluster.count(REQUESTS)).isEqualTo(request);
        assertThatNothingIsWrong();
    }

    private void logIn(String name, String password) {
        browser.enter("main", "name", name);
        browser.enter("main", "password", password);
        browser.press("Log in");
    }

    /** The page that is shown, in each look. */
    private void photographEach(String name) throws Exception {
        for (Browser.Look look : Browser.Look.values()) {
            browser.look(look);
            assertThat(browser.barriers()).as("%s, %s", name, look).isEmpty();
            browser.photograph(PICTURES.resolve(fileOf(name, look)));
        }
        browser.look(Browser.Look.LIGHT);
    }

    private static String nameOf(String page, Browser.Look look) {
        String name = page.equals("/") ? "home" : page.substring(1).replaceAll("[^A-Za-z]+", "-");
        return fileOf(name, look);
    }

    private static String fileOf(String name, Browser.Look look) {
        return "%s.%s.png".formatted(name, look.name().toLowerCase(Locale.ROOT));
    }
}
