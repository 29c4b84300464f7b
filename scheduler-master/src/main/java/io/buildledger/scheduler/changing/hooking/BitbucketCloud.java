package io.buildledger.scheduler.changing.hooking;

import io.buildledger.scheduler.changing.hooking.Delivery.Pull;
import io.buildledger.scheduler.changing.hooking.Delivery.Pushed;
import io.buildledger.scheduler.changing.hooking.Delivery.Repository;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Bitbucket Cloud. Of one push to a branch it tells the newest five commits. */
final class BitbucketCloud implements Dialect {

    private static final List<String> PULL_PROPERTIES =
            List.of(
                    "id",
                    "title",
                    "source.branch.name",
                    "source.commit.hash",
                    "source.repository.full_name",
                    "destination.branch.name",
                    "destination.commit.hash",
                    "destination.repository.full_name");

    @Override
    public List<Proof> proofs() {
        return List.of(
                new Proof.Signature("X-Hub-Signature", "sha256="),
                new Proof.Signature("X-Hub-Signature-256", "sha256="));
    }

    @Override
    public String eventHeader() {
        return "X-Event-Key";
    }

    @Override
    public void read(String event, Payload payload, Delivery delivery) {
        switch (event) {
            case "repo:push" -> push(payload, delivery);
            case "pullrequest:created", "pullrequest:updated" -> pull(payload, delivery);
            default -> delivery.ignoreEvent("tells of no new commits");
        }
    }

    private static Repository repository(Payload payload) {
        Payload repository = payload.at("repository");
        return new Repository(
                repository.at("links", "html", "href").text(), repository.at("full_name").text());
    }

    private static void push(Payload payload, Delivery delivery) {
        Repository repository = repository(payload);
        String pusher = actor(payload.at("actor"));
        for (Payload change : payload.at("push", "changes").elements()) {
            boolean isDeleted = change.at("new").isAbsent();
            Payload ref = change.at(isDeleted ? "old" : "new");
            String name = ref.at("name").text();
            Map<String, String> properties = change.texts("bitbucket.", List.of("truncated"));
            delivery.add(
                    repository,
                    new Pushed(
                            switch (ref.at("type").text()) {
                                case "branch" -> "refs/heads/" + name;
                                case "tag" -> "refs/tags/" + name;
                                // Of Mercurial, which is gone.
                                default -> ref.at("type").text() + " " + name;
                            },
                            change.at("old").isAbsent(),
                            isDeleted ? null : commit(ref.at("target"), properties),
                            change.at("commits").elements().stream()
                                    .map(commit -> commit(commit, properties))
                                    .toList(),
                            pusher));
        }
    }

    private static Commit commit(Payload commit, Map<String, String> properties) {
        return new Commit(
                Commit.revision(commit.at("hash")),
                commit.at("author", "raw").textOrNull(),
                Commit.message(commit.at("message")),
                List.of(),
                commit.at("links", "html", "href").textOrNull(),
                commit.at("date").time(),
                properties);
    }

    private static @Nullable String actor(Payload actor) {
        String name = actor.at("display_name").textOrNull();
        String nickname = actor.at("nickname").textOrNull();
        return name == null ? nickname : name;
    }

    private static void pull(Payload payload, Delivery delivery) {
        Payload pull = payload.at("pullrequest");
        String url = pull.at("links", "html", "href").textOrNull();
        Map<String, String> properties = new LinkedHashMap<>();
        if (url != null) {
            properties.put("pullrequesturl", url);
        }
        properties.put("basename", pull.at("destination", "branch", "name").text());
        properties.putAll(pull.texts("bitbucket.", PULL_PROPERTIES));
        delivery.add(
                repository(payload),
                new Pull(
                        "refs/pull-requests/%d/from".formatted(pull.at("id").number()),
                        Commit.revision(pull.at("source", "commit", "hash")),
                        actor(payload.at("actor")),
                        PullText.of(pull.at("title"), pull.at("description")),
                        url,
                        pull.at("updated_on").time(),
                        null,
                        properties));
    }
}
