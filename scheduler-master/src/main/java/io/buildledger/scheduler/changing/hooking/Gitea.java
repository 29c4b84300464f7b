package io.buildledger.scheduler.changing.hooking;

import io.buildledger.scheduler.changing.hooking.Delivery.Pull;
import io.buildledger.scheduler.changing.hooking.Delivery.Pushed;
import io.buildledger.scheduler.changing.hooking.Delivery.Repository;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gitea, and Forgejo, which sends Gitea's headers too. */
final class Gitea implements Dialect {

    private static final Set<String> WITH_NEW_COMMITS =
            Set.of("opened", "reopened", "synchronized", "synchronize");

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
        return List.of(
                new Proof.Signature("X-Gitea-Signature", ""),
                new Proof.Signature("X-Forgejo-Signature", ""),
                new Proof.Signature("X-Hub-Signature-256", "sha256="));
    }

    @Override
    public String eventHeader() {
        return "X-Gitea-Event";
    }

    @Override
    public void read(String event, Payload payload, Delivery delivery) {
        switch (event) {
            case "push" -> push(payload, delivery);
            case "create" -> create(payload, delivery);
            case "delete" -> delete(payload, delivery);
            case "pull_request", "pull_request_sync" -> pull(payload, delivery);
            default -> delivery.ignoreEvent("tells of no commits");
        }
    }

    private static Repository repository(Payload payload) {
        String address = payload.at("repository", "clone_url").textOrNull();
        return new Repository(
                address == null ? payload.at("repository", "html_url").text() : address,
                payload.at("repository", "full_name").text());
    }

    private static void push(Payload payload, Delivery delivery) {
        Map<String, String> properties =
                new LinkedHashMap<>(payload.texts("gitea.", List.of("total_commits")));
        List<Commit> commits =
                payload.at("commits").elements().stream()
                        .map(commit -> Commit.of(commit, properties))
                        .toList();
        delivery.add(
                repository(payload),
                new Pushed(
                        payload.at("ref").text(),
                        Commit.revisionOrNull(payload.at("before")) == null,
                        head(payload, commits),
                        commits,
                        user(payload.at("pusher"))));
    }

    private static @Nullable Commit head(Payload payload, List<Commit> commits) {
        String after = Commit.revisionOrNull(payload.at("after"));
        if (after == null) {
            return null;
        }
        for (Commit commit : commits) {
            if (commit.revision().equals(after)) {
                return commit;
            }
        }
        Payload head = payload.at("head_commit");
        if (head.isAbsent()) {
            return Commit.bare(after, payload.at("compare_url").textOrNull());
        }
        // Of a tag with a message of its own, this is the commit that it marks.
        return Commit.of(head, Map.of());
    }

    private static @Nullable String user(Payload user) {
        String login = user.at("login").textOrNull();
        Payload fullName = user.at("full_name");
        return Commit.person(
                fullName.textOrNull() == null && login != null ? user.at("login") : fullName,
                user.at("email"));
    }

    /** A branch that was created comes with a push of it; a tag of a release may not. */
    private static void create(Payload payload, Delivery delivery) {
        if (!payload.at("ref_type").text().equals("tag")) {
            delivery.ignoreEvent("the push event tells the same");
            return;
        }
        String name = payload.at("ref").text();
        delivery.add(
                repository(payload),
                new Pushed(
                        name.startsWith("refs/tags/") ? name : "refs/tags/" + name,
                        true,
                        Commit.bare(Commit.revision(payload.at("sha")), null),
                        List.of(),
                        user(payload.at("sender"))));
    }

    private static void delete(Payload payload, Delivery delivery) {
        delivery.ignore(
                "%s %s".formatted(payload.at("ref_type").text(), payload.at("ref").text()),
                "was deleted");
    }

    private static void pull(Payload payload, Delivery delivery) {
        String action = payload.at("action").text();
        Payload pull = payload.at("pull_request");
        String ref = "refs/pull/%d/head".formatted(payload.at("number").number());
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
        properties.putAll(pull.texts("gitea.", PULL_PROPERTIES));
        delivery.add(
                repository(payload),
                new Pull(
                        ref,
                        Commit.revision(pull.at("head", "sha")),
                        payload.at("sender", "login").text(),
                        PullText.of(pull.at("title"), pull.at("body")),
                        url,
                        pull.at("updated_at").time(),
                        null,
                        properties));
    }
}
