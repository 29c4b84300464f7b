package io.buildledger.scheduler.changing.hooking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.changing.hooking.Payloads.Sent;
import io.buildledger.scheduler.changing.hooking.Sender.Answer;
import io.buildledger.scheduler.serving.ServedLog;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ForgeHookTest {

    private static final String ONE = "2222222222222222222222222222222222222222";
    private static final String TWO = "3333333333333333333333333333333333333333";
    private static final String NONE = "0000000000000000000000000000000000000000";

    private final ServedLog served = new ServedLog(0, HookedMaster.WithForges.class);
    private final Sender sender = new Sender(served.url());

    @AfterEach
    void close() {
        sender.close();
        served.close();
    }

    private ChangeReceived change(long id) {
        return (ChangeReceived) served.test.log.read(Streams.change(id)).getFirst().event();
    }

    private List<ChangeReceived> changes() {
        long changes =
                served.test.count("SELECT COUNT(*) FROM event WHERE type = 'change-received'");
        return LongStream.rangeClosed(1, changes).mapToObj(this::change).toList();
    }

    private void takenAs(Answer answer, String changeIds, String known) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.ids("changeIds")).isEqualTo(changeIds);
        assertThat(answer.ids("known")).isEqualTo(known);
    }

    private String ignored(Answer answer) {
        takenAs(answer, "[]", "[]");
        assertThat(changes()).isEmpty();
        return answer.json().path("ignored").path(0).asString();
    }

    @Test
    void github_tells_each_commit_of_a_push() throws Exception {
        takenAs(sender.deliver("github", "push", Payloads.GITHUB_PUSH), "[1,2]", "[]");

        assertThat(change(1))
                .isEqualTo(
                        new ChangeReceived(
                                1,
                                "https://github.com/o/r",
                                "main",
                                ONE,
                                "o/r",
                                "",
                                null,
                                "Ann <ann@example.org>",
                                "one\n\nmore",
                                List.of("a", "m", "n", "r"),
                                "https://github.com/o/r/commit/2222222",
                                Instant.parse("2026-01-01T08:00:00Z"),
                                Map.of("event", "push", "github_distinct", "true"),
                                "github"));
        assertThat(change(2).revision()).isEqualTo(TWO);
        assertThat(change(2).author()).isEqualTo("Bob");
        assertThat(change(2).properties()).containsEntry("github_distinct", "false");
    }

    @ParameterizedTest
    @CsvSource({
        "gitlab,          Push Hook,         https://gitlab.example.org/g/r.git,               g/r",
        "gitea,           push,              https://gitea.example.org/o/r.git,                ours",
        "bitbucketcloud,  repo:push,         https://bitbucket.org/o/r,                        o/r",
        "bitbucketserver, repo:refs_changed, https://bitbucket.example.org/scm/prj/r.git,      PRJ/r",
    })
    void the_others_tell_the_same_oldest_first_whatever_their_order(
            String forge, String event, String repository, String project) throws Exception {
        String json =
                Payloads.made().values().stream()
                        .filter(sent -> sent.forge().equals(forge) && sent.event().equals(event))
                        .map(Sent::json)
                        .findFirst()
                        .orElseThrow();

        takenAs(sender.deliver(forge, event, json), "[1,2]", "[]");

        assertThat(changes())
                .extracting(
                        ChangeReceived::revision,
                        ChangeReceived::author,
                        ChangeReceived::comments,
                        ChangeReceived::when)
                .containsExactly(
                        tuple(
                                ONE,
                                "Ann <ann@example.org>",
                                "one",
                                Instant.parse("2026-01-01T08:00:00Z")),
                        tuple(
                                TWO,
                                "Bob <bob@example.org>",
                                "two",
                                Instant.parse("2026-01-01T11:00:00Z")));
        assertThat(changes())
                .allSatisfy(change -> {
                    assertThat(change.branch()).isEqualTo("main");
                    assertThat(change.repository()).isEqualTo(repository);
                    assertThat(change.project()).isEqualTo(project);
                    assertThat(change.codebase()).isEqualTo(forge.equals("gitea") ? "theirs" : "");
                    assertThat(change.category()).isNull();
                    assertThat(change.revlink()).startsWith("https://");
                    assertThat(change.properties()).containsEntry("event", event);
                    assertThat(change.source()).isEqualTo(forge);
                });
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "github pull,  refs/pull/7/head,             github.number=7 github.base.ref=main github.head.repo.full_name=fork/r github.draft=false",
                "gitlab merge, refs/merge-requests/5/head,   gitlab.iid=5 source_branch=feature target_project_id=1 target_git_ssh_url=git@gitlab.example.org:g/r.git",
                "gitea pull,   refs/pull/7/head,             gitea.number=7 gitea.head.ref=feature",
                "cloud pull,   refs/pull-requests/3/from,    bitbucket.id=3 bitbucket.source.branch.name=feature",
                "server pull,  refs/pull-requests/9/from,    bitbucket.id=9 bitbucket.fromRef.repository.project.key=~PAT",
            })
    void a_pull_request_is_a_change_of_its_own_ref(String name, String branch, String properties)
            throws Exception {
        Sent sent = Payloads.made(name);

        takenAs(sender.deliver(sent.forge(), sent.event(), sent.json()), "[1]", "[]");

        assertThat(change(1).branch()).isEqualTo(branch);
        assertThat(change(1).category()).isEqualTo("pull");
        assertThat(change(1).revision()).startsWith("444444444444");
        assertThat(change(1).comments()).startsWith("A title");
        assertThat(change(1).author()).isNotBlank();
        assertThat(change(1).when()).isBetween("2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z");
        assertThat(change(1).revlink()).startsWith("https://");
        assertThat(change(1).properties()).containsKey("pullrequesturl");
        for (String property : properties.split(" ", -1)) {
            String[] parts = property.split("=", 2);
            assertThat(change(1).properties()).containsEntry(parts[0], parts[1]);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "github,  push,                 refs/heads/main, refs/tags/v1/x,   refs/tags/v1/x",
        "gitlab,  Tag Push Hook,        refs/heads/main, refs/tags/v1/x,   refs/tags/v1/x",
        "gitea,   push,                 refs/heads/main, refs/tags/v1/x,   refs/tags/v1/x",
        "bitbucketserver, repo:refs_changed, refs/heads/main, refs/tags/v1/x, refs/tags/v1/x",
    })
    void a_tag_is_one_change_of_the_category_tag(
            String forge, String event, String branch, String tag, String ref) throws Exception {
        String json =
                Payloads.made().values().stream()
                        .filter(sent -> sent.forge().equals(forge))
                        .map(Sent::json)
                        .findFirst()
                        .orElseThrow()
                        .replace(branch, tag);

        takenAs(sender.deliver(forge, event, json), "[1]", "[]");

        assertThat(change(1).branch()).isEqualTo(ref);
        assertThat(change(1).category()).isEqualTo("tag");
        assertThat(change(1).revision()).isEqualTo(TWO);
        assertThat(change(1).comments()).isEqualTo("two");
    }

    @Test
    void a_tag_of_gitea_is_known_when_its_push_comes_too() throws Exception {
        String create =
                """
                {"ref": "v1", "ref_type": "tag", "sha": "%s",
                 "repository": {"clone_url": "https://gitea.example.org/o/r.git", "full_name": "o/r"},
                 "sender": {"login": "pat"}}
                """
                        .formatted(TWO);

        takenAs(sender.deliver("gitea", "create", create), "[1]", "[]");
        takenAs(
                sender.deliver(
                        "gitea",
                        "push",
                        Payloads.GITEA_PUSH.replace("refs/heads/main", "refs/tags/v1")),
                "[]",
                "[1]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"github", "gitlab", "gitea", "bitbucketcloud", "bitbucketserver"})
    void a_branch_that_is_new_is_one_change_of_its_head(String forge) throws Exception {
        Sent sent =
                Payloads.made().values().stream()
                        .filter(one -> one.forge().equals(forge))
                        .findFirst()
                        .orElseThrow();
        String json =
                sent.json()
                        .replace("\"created\": false", "\"created\": true")
                        .replace(
                                "\"old\": {\"type\": \"branch\", \"name\": \"main\"}",
                                "\"old\": null")
                        .replace("\"UPDATE\"", "\"ADD\"")
                        .replace("1111111111111111111111111111111111111111", NONE);

        takenAs(sender.deliver(forge, sent.event(), json), "[1]", "[]");

        assertThat(change(1).revision()).isEqualTo(TWO);
        assertThat(change(1).branch()).isEqualTo("main");
    }

    @Test
    void a_push_of_which_no_commit_is_told_is_a_change_of_the_new_head() throws Exception {
        String json =
                """
                {"ref": "refs/heads/main", "before": "%s", "after": "%s", "checkout_sha": null,
                 "user_name": "Pat", "user_email": "pat@example.org", "commits": [],
                 "project": {"git_http_url": "https://gitlab.example.org/g/r.git", "path_with_namespace": "g/r"}}
                """
                        .formatted(ONE, TWO);

        takenAs(sender.deliver("gitlab", "Push Hook", json), "[1]", "[]");

        assertThat(change(1).revision()).isEqualTo(TWO);
        assertThat(change(1).author()).isEqualTo("Pat <pat@example.org>");
        assertThat(change(1).when()).isEqualTo(HookedMaster.NOW);
    }

    @Test
    void of_a_push_that_is_cut_short_the_head_is_taken_all_the_same() throws Exception {
        String json =
                Payloads.GITHUB_PUSH.replaceFirst(
                        "(?s)\"commits\": \\[.*?\"head_commit\"",
                        """
                        "commits": [{"id": "%s", "message": "one", "author": {"name": "Ann"}}],
                        "head_commit\"\
                        """
                                .formatted(ONE));

        takenAs(sender.deliver("github", "push", json), "[1,2]", "[]");

        assertThat(changes()).extracting(ChangeReceived::revision).containsExactly(ONE, TWO);
    }

    @Test
    void bitbucket_says_of_which_push_it_told_not_all_and_of_which_branch_that_it_is_gone()
            throws Exception {
        Answer answer = sender.deliver("bitbucketcloud", "repo:push", Payloads.CLOUD_PUSH);

        takenAs(answer, "[1,2]", "[]");
        assertThat(answer.ids("ignored")).isEqualTo("[\"refs/heads/gone: was deleted\"]");
        assertThat(change(1).properties()).containsEntry("bitbucket.truncated", "true");
    }

    @Test
    void a_hook_that_is_delivered_again_makes_nothing_new() throws Exception {
        sender.deliver("github", "push", Payloads.GITHUB_PUSH);

        takenAs(sender.deliver("github", "push", Payloads.GITHUB_PUSH), "[]", "[1,2]");
        takenAs(
                sender.deliver(
                        "github",
                        "push",
                        Payloads.GITHUB_PUSH.replace(
                                "https://github.com/o/r\"", "https://GitHub.com/o/r.git\"")),
                "[]",
                "[1,2]");
        assertThat(changes()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    github | ping | {"zen": "Half measures are as bad as nothing at all."} | event ping: this hook works
                    github | workflow_run | {} | event workflow_run: tells of no commits
                    github | create | {} | event create: the push event tells the same
                    github | delete | {} | event delete: the push event tells the same
                    github | push | {"ref": "refs/heads/x", "deleted": true, "head_commit": null, "commits": [], "repository": {"html_url": "h", "full_name": "o/r"}} | refs/heads/x: was deleted
                    github | push | {"ref": "refs/heads/x", "after": "0000000000000000000000000000000000000000", "repository": {"html_url": "h", "full_name": "o/r"}} | refs/heads/x: was deleted
                    github | push | {"ref": "refs/notes/x", "repository": {"html_url": "h", "full_name": "o/r"}} | refs/notes/x: is neither a branch nor a tag
                    github | pull_request | {"action": "labeled", "number": 7} | refs/pull/7/head: 'labeled' brings no new commits
                    github | pull_request | {"action": "closed", "number": 7} | refs/pull/7/head: 'closed' brings no new commits
                    gitlab | Note Hook | {} | event Note Hook: tells of no new commits
                    gitlab | System Hook | {"event_name": "project_create"} | event System Hook: tells of no new commits
                    gitlab | Push Hook | {"ref": "refs/heads/x", "after": "0000000000000000000000000000000000000000", "checkout_sha": null, "project": {"git_http_url": "h", "path_with_namespace": "o/r"}} | refs/heads/x: was deleted
                    gitlab | Tag Push Hook | {"ref": "refs/tags/x", "after": "0000000000000000000000000000000000000000", "project": {"git_http_url": "h", "path_with_namespace": "o/r"}} | refs/tags/x: was deleted
                    gitlab | Merge Request Hook | {"object_attributes": {"iid": 5, "action": "update"}} | refs/merge-requests/5/head: 'update' brings no new commits
                    gitlab | Merge Request Hook | {"object_attributes": {"iid": 5, "action": "merge"}} | refs/merge-requests/5/head: 'merge' brings no new commits
                    gitea | delete | {"ref": "x", "ref_type": "branch"} | branch x: was deleted
                    gitea | create | {"ref": "x", "ref_type": "branch"} | event create: the push event tells the same
                    gitea | pull_request | {"action": "closed", "number": 7} | refs/pull/7/head: 'closed' brings no new commits
                    gitea | release | {} | event release: tells of no commits
                    bitbucketcloud | pullrequest:fulfilled | {} | event pullrequest:fulfilled: tells of no new commits
                    bitbucketserver | diagnostics:ping | {"test": true} | event diagnostics:ping: this hook works
                    bitbucketserver | pr:merged | {} | event pr:merged: tells of no new commits
                    bitbucketserver | repo:refs_changed | {"repository": {"slug": "r", "project": {"key": "P"}}, "changes": [{"refId": "refs/heads/x", "type": "DELETE", "toHash": "0000000000000000000000000000000000000000"}]} | refs/heads/x: was deleted
                    """)
    void what_brings_nothing_to_build_is_answered_with_the_reason(
            String forge, String event, String json, String reason) throws Exception {
        assertThat(ignored(sender.deliver(forge, event, json))).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "github push, two, refs/heads/main: its newest commit says [skip ci]",
        "gitlab push, two, refs/heads/main: its newest commit says [skip ci]",
        "gitlab merge, newest, refs/merge-requests/5/head: its newest commit says [skip ci]",
        "gitea push, two, refs/heads/main: its newest commit says [skip ci]",
        "cloud push, two, refs/heads/main: its newest commit says [skip ci]",
        "server push, two, refs/heads/main: its newest commit says [skip ci]",
    })
    void a_push_whose_newest_commit_says_so_is_not_built(String name, String message, String reason)
            throws Exception {
        Sent sent = Payloads.made(name);

        assertThat(
                        ignored(
                                sender.deliver(
                                        sent.forge(),
                                        sent.event(),
                                        sent.json()
                                                .replace(
                                                        "\"" + message + "\"",
                                                        "\"docs [skip ci]\""))))
                .isEqualTo(reason);
    }

    @Test
    void an_older_commit_that_says_so_is_built_with_the_others() throws Exception {
        takenAs(
                sender.deliver(
                        "github",
                        "push",
                        Payloads.GITHUB_PUSH.replace("\"one\\n", "\"[ci skip]\\n")),
                "[1,2]",
                "[]");
    }

    @Test
    void github_may_send_a_form() throws Exception {
        byte[] body =
                ("payload=" + URLEncoder.encode(Payloads.GITHUB_PUSH, StandardCharsets.UTF_8))
                        .getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = Sender.headers("github", "push", body);
        headers.put("Content-Type", "application/x-www-form-urlencoded");

        takenAs(sender.post("github", headers, body), "[1,2]", "[]");
    }

    @Test
    void a_change_is_of_the_codebase_that_the_configuration_says() throws Exception {
        sender.deliver(
                "gitlab",
                "Push Hook",
                Payloads.GITLAB_PUSH.replace(
                        "gitlab.example.org/g/r", "gitlab.com/gitlab-org/hello-world"));

        assertThat(change(1).codebase()).isEqualTo("hello");
    }

    @Test
    void what_forges_have_really_sent_is_taken() throws Exception {
        Map<String, Sent> real = Payloads.real();
        List<String> nothing = new ArrayList<>();
        for (Map.Entry<String, Sent> file : real.entrySet()) {
            Sent sent = file.getValue();
            Answer answer = sender.deliver(sent.forge(), sent.event(), sent.json());
            assertThat(answer.status()).as(file.getKey() + ": " + answer.body()).isEqualTo(200);
            if (answer.json().path("changeIds").isEmpty()
                    && answer.json().path("known").isEmpty()) {
                nothing.add(file.getKey());
            }
        }
        assertThat(nothing)
                .isEqualTo(real.isEmpty() ? List.of() : List.of("github/branch_delete.json"));
        assertThat(changes())
                .allSatisfy(change -> {
                    assertThat(change.author()).isNotBlank();
                    assertThat(change.revision()).matches("[0-9a-f]{12,40}");
                    assertThat(change.repository()).startsWith("http");
                });
        if (!real.isEmpty()) {
            assertThat(changes())
                    .extracting(ChangeReceived::repository, ChangeReceived::branch)
                    .contains(
                            tuple("https://github.com/Codertocat/Hello-World", "master"),
                            tuple(
                                    "https://github.com/bradrydzewski/drone-test-go",
                                    "refs/pull/1/head"),
                            tuple(
                                    "https://github.com/bradrydzewski/drone-test-go",
                                    "refs/tags/v0.0.1"),
                            tuple(
                                    "https://gitlab.com/gitlab-org/hello-world.git",
                                    "refs/merge-requests/1/head"),
                            tuple("https://bitbucket.org/brydzewski/foo", "refs/tags/feature/x"),
                            tuple(
                                    "https://bitbucket.example.org/scm/prj/my-repo.git",
                                    "refs/pull-requests/2/from"),
                            tuple(
                                    "http://try.gitea.io/gogits/hello-world.git",
                                    "refs/tags/v1.0.0"));
            assertThat(changes())
                    .filteredOn(change -> change.codebase().equals("drone"))
                    .isNotEmpty();
        }
    }

    @Test
    void many_deliveries_at_a_time_are_each_answered_when_their_changes_are_in_the_log()
            throws Exception {
        int deliveries = 200;
        List<Future<Long>> millis = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            for (int i = 0; i < deliveries; i++) {
                String json =
                        Payloads.GITHUB_PUSH
                                .replace("22222222", "%08x".formatted(i))
                                .replace("33333333", "%08x".formatted(i + deliveries));
                millis.add(
                        threads.submit(() -> {
                            long from = System.nanoTime();
                            Answer answer = sender.deliver("github", "push", json);
                            assertThat(answer.status()).isEqualTo(200);
                            for (var id : answer.json().path("changeIds")) {
                                assertThat(change(id.asLong())).isNotNull();
                            }
                            return Duration.ofNanos(System.nanoTime() - from).toMillis();
                        }));
            }
        }

        long[] sorted = new long[deliveries];
        for (int i = 0; i < deliveries; i++) {
            sorted[i] = millis.get(i).get();
        }
        Arrays.sort(sorted);
        assertThat(changes()).hasSize(2 * deliveries);
        // Sixteen at a time, on whatever machine; the limit is only there to see them wait in line.
        assertThat(sorted[deliveries / 2]).isLessThan(5_000);
    }
}
