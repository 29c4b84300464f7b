package io.buildledger.scheduler.changing.hooking;

import io.buildledger.scheduler.changing.hooking.Delivery.Pull;
import io.buildledger.scheduler.changing.hooking.Delivery.Pushed;
import io.buildledger.scheduler.changing.hooking.Delivery.Repository;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Bitbucket Server from version 5.4 on, and Bitbucket Data Center. */
final class BitbucketServer implements Dialect {

    private static final List<String> PULL_PROPERTIES =
            List.of(
                    "id",
                    "title",
                    "draft",
                    "fromRef.id",
                    "fromRef.displayId",
                    "fromRef.latestCommit",
                    "fromRef.repository.slug",
                    "fromRef.repository.project.key",
                    "toRef.id",
                    "toRef.displayId",
                    "toRef.latestCommit",
                    "toRef.repository.slug",
                    "toRef.repository.project.key");

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
            case "repo:refs_changed" -> push(payload, delivery);
            case "pr:opened", "pr:from_ref_updated" -> pull(payload, delivery);
            case "diagnostics:ping" -> delivery.ignoreEvent("this hook works");
            default -> delivery.ignoreEvent("tells of no new commits");
        }
    }

    /** The address for cloning; the deliveries of most versions don't have it. */
    private static Repository repository(Payload repository, String url) {
        String key = repository.at("project", "key").text();
        String slug = repository.at("slug").text();
        return new Repository(
                "%s/scm/%s/%s.git".formatted(url, key.toLowerCase(Locale.ROOT), slug),
                key + "/" + slug);
    }

    private static String pages(Payload repository, String url) {
        return "%s/projects/%s/repos/%s"
                .formatted(
                        url, repository.at("project", "key").text(), repository.at("slug").text());
    }

    private static void push(Payload payload, Delivery delivery) {
        Payload place = payload.at("repository");
        Repository repository = repository(place, delivery.forgeUrl());
        String pages = pages(place, delivery.forgeUrl());
        Payload changes = payload.at("changes");
        if (changes.isAbsent()) {
            throw changes.isNot("a list");
        }
        // Newer versions tell the commits, without saying of which of several changes they are.
        boolean tellsCommits = changes.elements().size() == 1;
        List<Commit> commits =
                tellsCommits
                        ? payload.at("commits").elements().stream()
                                .map(commit -> commit(commit, pages))
                                .toList()
                        : List.of();
        for (Payload change : changes.elements()) {
            Payload ref = change.at("ref", "id");
            String type = change.at("type").text();
            delivery.add(
                    repository,
                    new Pushed(
                            (ref.isAbsent() ? change.at("refId") : ref).text(),
                            type.equals("ADD"),
                            type.equals("DELETE") ? null : head(payload, change, commits, pages),
                            commits,
                            user(payload.at("actor"))));
        }
    }

    private static @Nullable Commit head(
            Payload payload, Payload change, List<Commit> commits, String pages) {
        String hash = Commit.revisionOrNull(change.at("toHash"));
        if (hash == null) {
            return null;
        }
        Payload told = payload.at("toCommit");
        if (!told.isAbsent() && hash.equals(told.at("id").textOrNull())) {
            return commit(told, pages);
        }
        return commits.stream()
                .filter(commit -> commit.revision().equals(hash))
                .findFirst()
                .orElseGet(() -> Commit.bare(hash, pages + "/commits/" + hash));
    }

    private static Commit commit(Payload commit, String pages) {
        String revision = Commit.revision(commit.at("id"));
        return new Commit(
                revision,
                Commit.person(commit.at("author", "name"), commit.at("author", "emailAddress")),
                Commit.message(commit.at("message")),
                List.of(),
                pages + "/commits/" + revision,
                commit.at("authorTimestamp").timeOfMillis(),
                Map.of());
    }

    private static @Nullable String user(Payload user) {
        Payload displayName = user.at("displayName");
        return Commit.person(
                displayName.textOrNull() == null ? user.at("name") : displayName,
                user.at("emailAddress"));
    }

    private static void pull(Payload payload, Delivery delivery) {
        Payload pull = payload.at("pullRequest");
        long number = pull.at("id").number();
        Payload to = pull.at("toRef", "repository");
        String url = "%s/pull-requests/%d".formatted(pages(to, delivery.forgeUrl()), number);
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("pullrequesturl", url);
        properties.put("basename", pull.at("toRef", "displayId").text());
        properties.putAll(pull.texts("bitbucket.", PULL_PROPERTIES));
        delivery.add(
                repository(to, delivery.forgeUrl()),
                new Pull(
                        "refs/pull-requests/%d/%s"
                                .formatted(number, delivery.wantsMerged() ? "merge" : "from"),
                        Commit.revision(pull.at("fromRef", "latestCommit")),
                        user(payload.at("actor")),
                        PullText.of(pull.at("title"), pull.at("description")),
                        url,
                        pull.at("updatedDate").timeOfMillis(),
                        null,
                        properties));
    }
}
