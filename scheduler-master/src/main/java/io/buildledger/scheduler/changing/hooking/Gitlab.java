package io.buildledger.scheduler.changing.hooking;

import io.buildledger.scheduler.changing.hooking.Delivery.Pull;
import io.buildledger.scheduler.changing.hooking.Delivery.Pushed;
import io.buildledger.scheduler.changing.hooking.Delivery.Repository;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** GitLab: the hooks of projects and groups, and the system hooks of an instance. */
final class Gitlab implements Dialect {

    @Override
    public List<Proof> proofs() {
        return List.of(new Proof.Token("X-Gitlab-Token"));
    }

    @Override
    public String eventHeader() {
        return "X-Gitlab-Event";
    }

    @Override
    public void read(String event, Payload payload, Delivery delivery) {
        switch (event.equals("System Hook") ? systemEvent(payload) : event) {
            case "Push Hook", "push", "Tag Push Hook", "tag_push" -> push(payload, delivery);
            case "Merge Request Hook", "merge_request" -> merge(payload, delivery);
            default -> delivery.ignoreEvent("tells of no new commits");
        }
    }

    private static String systemEvent(Payload payload) {
        Payload kind = payload.at("object_kind");
        return (kind.isAbsent() ? payload.at("event_name") : kind).text();
    }

    private static Repository repository(Payload project) {
        return new Repository(
                project.at("git_http_url").text(), project.at("path_with_namespace").text());
    }

    private static void push(Payload payload, Delivery delivery) {
        Map<String, String> properties = payload.texts("gitlab.", List.of("total_commits_count"));
        List<Commit> commits =
                payload.at("commits").elements().stream()
                        .map(commit -> Commit.of(commit, properties))
                        .toList();
        delivery.add(
                repository(payload.at("project")),
                new Pushed(
                        payload.at("ref").text(),
                        Commit.revisionOrNull(payload.at("before")) == null,
                        head(payload, commits),
                        commits,
                        Commit.person(payload.at("user_name"), payload.at("user_email"))));
    }

    private static @Nullable Commit head(Payload payload, List<Commit> commits) {
        String after = Commit.revisionOrNull(payload.at("after"));
        if (after == null) {
            return null;
        }
        // Of a tag with a message of its own, this is the commit that it marks.
        String marked = Commit.revisionOrNull(payload.at("checkout_sha"));
        String head = marked == null ? after : marked;
        return commits.stream()
                .filter(commit -> commit.revision().equals(head))
                .findFirst()
                .orElseGet(() -> Commit.bare(head, null));
    }

    private static void merge(Payload payload, Delivery delivery) {
        Payload merge = payload.at("object_attributes");
        String ref =
                "refs/merge-requests/%d/%s"
                        .formatted(
                                merge.at("iid").number(),
                                delivery.wantsMerged() ? "merge" : "head");
        String action = merge.at("action").textOrNull();
        boolean hasNewCommits =
                "open".equals(action)
                        || "reopen".equals(action)
                        || ("update".equals(action) && !merge.at("oldrev").isAbsent());
        if (!hasNewCommits) {
            delivery.ignore(ref, "'%s' brings no new commits".formatted(action));
            return;
        }
        Payload commit = merge.at("last_commit");
        String url = merge.at("url").textOrNull();
        delivery.add(
                repository(merge.at("target")),
                new Pull(
                        ref,
                        Commit.revision(commit.at("id")),
                        author(payload, commit),
                        PullText.of(merge.at("title"), merge.at("description")),
                        url,
                        commit.at("timestamp").time(),
                        Commit.message(commit.at("message")),
                        properties(merge, url)));
    }

    private static @Nullable String author(Payload payload, Payload commit) {
        String author = Commit.person(commit.at("author", "name"), commit.at("author", "email"));
        return author == null ? payload.at("user", "name").textOrNull() : author;
    }

    private static Map<String, String> properties(Payload merge, @Nullable String url) {
        Map<String, String> properties = new LinkedHashMap<>();
        if (url != null) {
            properties.put("pullrequesturl", url);
        }
        properties.putAll(
                merge.texts(
                        "",
                        List.of(
                                "source_branch",
                                "source_project_id",
                                "target_branch",
                                "target_project_id")));
        for (String side : List.of("source", "target")) {
            Payload project = merge.at(side);
            put(properties, side + "_repository", project.at("git_http_url").textOrNull());
            put(properties, side + "_git_ssh_url", project.at("git_ssh_url").textOrNull());
        }
        properties.putAll(merge.texts("gitlab.", List.of("iid", "title", "draft")));
        return properties;
    }

    private static void put(Map<String, String> properties, String name, @Nullable String value) {
        if (value != null) {
            properties.put(name, value);
        }
    }
}
