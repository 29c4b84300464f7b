package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages of a real cluster, in a real browser. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PagesIT {

    private static final String SCHEDULERS =
            """
            schedulers:
              - force: {name: by-hand, button_name: Build it, builder_names: [linux], reason_required: true}
            """;
    private static final List<String> PAGES =
            List.of(
                    "/",
                    "/changes",
                    "/changes/1?why=true",
                    "/builders",
                    "/builders/linux",
                    "/builds/linux/1",
                    "/requests/1",
                    "/schedulers",
                    "/schedulers/by-hand",
                    "/masters",
                    "/workers",
                    "/workers/b1%2Flocal",
                    "/waterfall",
                    "/state",
                    "/audit/request/1",
                    "/audit/builder/linux",
                    "/search?q=l");

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
                      - shell: {name: wait, command: "until [ -e %s ]; do sleep 0.1; done; printf '\\\\033[32mgreen\\\\033[0m\\\\n'"}
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

    private void force(String reason) {
        browser.open("/schedulers/by-hand");
        browser.enter("#force", "reason", reason);
        browser.press("Build it");
        // The form leads there, unless no master has come to it yet.
        browser.openWhenThere("/requests/1");
    }

    @Test
    void a_build_is_forced_followed_and_seen_to_be_green_without_a_reload() throws Exception {
        force("to see it");
        browser.awaitText("started");
        browser.follow("build and log");
        browser.awaitText("running");

        Files.createFile(directory.resolve("go"));

        browser.awaitText("SUCCESS");
        browser.awaitText("green");
        assertThatNothingIsWrong();
    }

    @Test
    void a_form_that_lacks_something_says_so() {
        browser.open("/schedulers/by-hand");
        browser.press("Build it");

        assertThat(browser.text()).contains("'reason' is missing");
        assertThat(browser.complaints()).allMatch(it -> it.contains("400"));
    }

    @Test
    void a_master_is_drained_and_what_it_builds_cancelled() {
        force("for nothing");
        browser.awaitText("started");
        browser.open("/masters");
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
    void a_line_of_a_log_is_linked_to_and_what_is_looked_for_is_found() throws Exception {
        Files.createFile(directory.resolve("go"));
        force("to look for it");
        browser.awaitText("SUCCESS");

        browser.search("linux/1");
        assertThat(browser.path()).isEqualTo("/builds/linux/1");
        browser.awaitText("green");
        browser.open("/builds/linux/1#L1-stdio-1");
        browser.awaitElement("code.wanted");
        assertThatNothingIsWrong();
    }

    @Test
    void every_page_can_be_read_by_everybody() throws Exception {
        cluster.sendChange(
                Map.of(
                        "author",
                        "Ann <ann@example.org>",
                        "comments",
                        "Mend it",
                        "revision",
                        "abc"));
        Files.createFile(directory.resolve("go"));
        force("to show it");
        browser.awaitText("SUCCESS");
        browser.openWhenThere("/changes/1");

        SoftAssertions all = new SoftAssertions();
        for (Browser.Look look : Browser.Look.values()) {
            browser.look(look);
            for (String page : PAGES) {
                browser.open(page);
                all.assertThat(browser.barriers()).as("%s, %s", page, look).isEmpty();
            }
        }
        all.assertAll();
        assertThatNothingIsWrong();
    }
}
