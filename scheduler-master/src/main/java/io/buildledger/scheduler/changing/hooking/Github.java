package io.buildledger.scheduler.changing.hooking;

import io.buildledger.scheduler.changing.hooking.Delivery.Pull;
import io.buildledger.scheduler.changing.hooking.Delivery.Pushed;
import io.buildledger.scheduler.changing.hooking.Delivery.Repository;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** GitHub, and GitHub Enterprise Server. */
final class Github implements Dialect {

    private static final Set<String> WITH_NEW_COMMITS = Set.of("opened", "reopened", "synchronize");

    private static final List<String> PULL_PROPERTIES =
            List.of(
                    "number",
                    "title",
                    "draft",
                    "base.ref",
                    "base.sha",
                    "base.repo.full_name",
                    "head.ref",
                    "head.sha",
                    "head.repo.full_name",
                    "head.repo.clone_url");

    @Override
    public List<Proof> proofs() {
        return List.of(new Proof.Signature("X-Hub-Signature-256", "sha256="));
    }

    @Override
    public String eventHeader() {
        return "X-GitHub-Event";
    }

    @Override
    public void read(String event, Payload payload, Delivery delivery) {
        switch (event) {
            case "push" -> push(payload, delivery);
            case "pull_request" -> pull(payload, delivery);
            case "ping" -> delivery.ignoreEvent("this hook works");
            case "create", "delete" -> delivery.ignoreEvent("the push event tells the same");
            default -> delivery.ignoreEvent("tells of no commits");
        }
    }

    private static Repository repository(Payload payload) {
        return new Repository(
                payload.at("repository", "html_url").text(),
                payload.at("repository", "full_name").text());
    }

    private static void push(Payload payload, Delivery delivery) {
        delivery.add(
                repository(payload),
                new Pushed(
                        payload.at("ref").text(),
                        payload.at("created").isTrue(),
                        payload.at("deleted").isTrue() ? null : head(payload),
                        payload.at("commits").elements().stream().map(Github::commit).toList(),
                        pusher(payload)));
    }

    private static @Nullable Commit head(Payload payload) {
        Payload head = payload.at("head_commit");
        if (!head.isAbsent()) {
            return commit(head);
        }
        String after = Commit.revisionOrNull(payload.at("after"));
        return after == null ? null : Commit.bare(after, payload.at("compare").textOrNull());
    }

    private static Commit commit(Payload commit) {
        Payload distinct = commit.at("distinct");
        return Commit.of(
                commit,
                distinct.isAbsent()
                        ? Map.of()
                        : Map.of("github_distinct", String.valueOf(distinct.isTrue())));
    }

    private static @Nullable String pusher(Payload payload) {
        String pusher = Commit.person(payload.at("pusher", "name"), payload.at("pusher", "email"));
        return pusher == null ? payload.at("sender", "login").textOrNull() : pusher;
    }

    private static void pull(Payload payload, Delivery delivery) {
        String action = payload.at("action").text();
        Payload pull = payload.at("pull_request");
        String ref =
                "refs/pull/%d/%s"
                        .formatted(
                                payload.at("number").number(),
                                delivery.wantsMerged() ? "merge" : "head");
        if (!WITH_NEW_COMMITS.contains(action)) {
            delivery.ignore(ref, "'%s' brings no new commits".formatted(action));
            return;
        }
        String url = pull.at("html_url").textOrNull();
        Map<String, String> properties = new LinkedHashMap<>();
        if (url != null) {
            properties.put("pullrequesturl", url);
        }
        properties.put("basename", pull.at("base", "ref").text());
        properties.putAll(pull.texts("github.", PULL_PROPERTIES));
        Instant updated = pull.at("updated_at").time();
        delivery.add(
                repository(payload),
                new Pull(
                        ref,
                        Commit.revision(pull.at("head", "sha")),
                        payload.at("sender", "login").text(),
                        PullText.of(pull.at("title"), pull.at("body")),
                        url,
                        updated == null ? pull.at("created_at").time() : updated,
                        null,
                        properties));
    }
}
