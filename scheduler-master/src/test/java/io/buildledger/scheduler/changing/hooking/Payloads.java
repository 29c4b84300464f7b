package io.buildledger.scheduler.changing.hooking;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Deliveries of the forges: small ones made up here, and those that forges have really sent. */
final class Payloads {

    private Payloads() {}

    static final String GITHUB_PUSH =
            """
            {"ref": "refs/heads/main", "created": false, "deleted": false,
             "before": "1111111111111111111111111111111111111111",
             "after": "3333333333333333333333333333333333333333",
             "commits": [
               {"id": "2222222222222222222222222222222222222222", "distinct": true, "message": "one\\n\\nmore",
                "timestamp": "2026-01-01T10:00:00+02:00", "url": "https://github.com/o/r/commit/2222222",
                "author": {"name": "Ann", "email": "ann@example.org"},
                "added": ["a"], "modified": ["m", "n"], "removed": ["r"]},
               {"id": "3333333333333333333333333333333333333333", "distinct": false, "message": "two",
                "timestamp": "2026-01-01T11:00:00Z", "url": "https://github.com/o/r/commit/3333333",
                "author": {"name": "Bob", "email": null}, "added": [], "modified": ["m"]}],
             "head_commit": {"id": "3333333333333333333333333333333333333333", "message": "two",
                "timestamp": "2026-01-01T11:00:00Z", "author": {"name": "Bob"}},
             "repository": {"html_url": "https://github.com/o/r", "full_name": "o/r"},
             "pusher": {"name": "Pat"}}
            """;

    static final String GITHUB_PULL =
            """
            {"action": "opened", "number": 7,
             "pull_request": {"number": 7, "title": "A title", "body": "A body", "draft": false,
               "html_url": "https://github.com/o/r/pull/7",
               "created_at": "2026-01-01T10:00:00Z", "updated_at": "2026-01-01T11:00:00Z",
               "head": {"ref": "feature", "sha": "4444444444444444444444444444444444444444",
                        "repo": {"full_name": "fork/r", "clone_url": "https://github.com/fork/r.git"}},
               "base": {"ref": "main", "sha": "1111111111111111111111111111111111111111",
                        "repo": {"full_name": "o/r"}}},
             "repository": {"html_url": "https://github.com/o/r", "full_name": "o/r"},
             "sender": {"login": "ann"}}
            """;

    static final String GITLAB_PUSH =
            """
            {"object_kind": "push", "ref": "refs/heads/main",
             "before": "1111111111111111111111111111111111111111",
             "after": "3333333333333333333333333333333333333333",
             "checkout_sha": "3333333333333333333333333333333333333333",
             "user_name": "Pat", "user_email": "pat@example.org", "total_commits_count": 2,
             "project": {"git_http_url": "https://gitlab.example.org/g/r.git", "path_with_namespace": "g/r"},
             "commits": [
               {"id": "2222222222222222222222222222222222222222", "message": "one",
                "timestamp": "2026-01-01T10:00:00+02:00", "url": "https://gitlab.example.org/g/r/-/commit/2222222",
                "author": {"name": "Ann", "email": "ann@example.org"},
                "added": ["a"], "modified": [], "removed": []},
               {"id": "3333333333333333333333333333333333333333", "message": "two",
                "timestamp": "2026-01-01T11:00:00Z", "url": "https://gitlab.example.org/g/r/-/commit/3333333",
                "author": {"name": "Bob", "email": "bob@example.org"},
                "added": [], "modified": ["m"], "removed": []}]}
            """;

    static final String GITLAB_MERGE =
            """
            {"object_kind": "merge_request", "user": {"name": "Pat"},
             "object_attributes": {"iid": 5, "action": "open", "state": "opened", "title": "A title",
               "description": "A description", "url": "https://gitlab.example.org/g/r/-/merge_requests/5",
               "source_branch": "feature", "target_branch": "main",
               "source_project_id": 2, "target_project_id": 1,
               "source": {"git_http_url": "https://gitlab.example.org/f/r.git", "git_ssh_url": "git@gitlab.example.org:f/r.git"},
               "target": {"git_http_url": "https://gitlab.example.org/g/r.git", "git_ssh_url": "git@gitlab.example.org:g/r.git",
                          "path_with_namespace": "g/r"},
               "last_commit": {"id": "4444444444444444444444444444444444444444", "message": "newest",
                 "timestamp": "2026-01-01T10:00:00Z", "author": {"name": "Ann", "email": "ann@example.org"}}}}
            """;

    static final String GITEA_PUSH =
            """
            {"ref": "refs/heads/main", "before": "1111111111111111111111111111111111111111",
             "after": "3333333333333333333333333333333333333333", "total_commits": 2,
             "compare_url": "https://gitea.example.org/o/r/compare/1...3",
             "commits": [
               {"id": "3333333333333333333333333333333333333333", "message": "two",
                "timestamp": "2026-01-01T11:00:00Z", "url": "https://gitea.example.org/o/r/commit/3333333",
                "author": {"name": "Bob", "email": "bob@example.org"}, "added": null, "modified": ["m"]},
               {"id": "2222222222222222222222222222222222222222", "message": "one",
                "timestamp": "2026-01-01T10:00:00+02:00", "url": "https://gitea.example.org/o/r/commit/2222222",
                "author": {"name": "Ann", "email": "ann@example.org"}, "added": ["a"]}],
             "repository": {"clone_url": "https://gitea.example.org/o/r.git", "full_name": "o/r"},
             "pusher": {"login": "pat", "full_name": "", "email": "pat@example.org"}}
            """;

    static final String GITEA_PULL =
            GITHUB_PULL
                    .replace("https://github.com/", "https://gitea.example.org/")
                    .replace(
                            "\"html_url\": \"https://gitea.example.org/o/r\"",
                            "\"clone_url\": \"https://gitea.example.org/o/r.git\"");

    static final String CLOUD_PUSH =
            """
            {"push": {"changes": [
               {"old": {"type": "branch", "name": "main"}, "truncated": true,
                "new": {"type": "branch", "name": "main",
                        "target": {"hash": "3333333333333333333333333333333333333333", "message": "two",
                                   "date": "2026-01-01T11:00:00+00:00", "author": {"raw": "Bob <bob@example.org>"}}},
                "commits": [
                  {"hash": "3333333333333333333333333333333333333333", "message": "two",
                   "date": "2026-01-01T11:00:00+00:00", "author": {"raw": "Bob <bob@example.org>"},
                   "links": {"html": {"href": "https://bitbucket.org/o/r/commits/3333333"}}},
                  {"hash": "2222222222222222222222222222222222222222", "message": "one",
                   "date": "2026-01-01T10:00:00+02:00", "author": {"raw": "Ann <ann@example.org>"},
                   "links": {"html": {"href": "https://bitbucket.org/o/r/commits/2222222"}}}]},
               {"old": {"type": "branch", "name": "gone"}, "new": null}]},
             "repository": {"full_name": "o/r", "links": {"html": {"href": "https://bitbucket.org/o/r"}}},
             "actor": {"display_name": "Pat"}}
            """;

    static final String CLOUD_PULL =
            """
            {"pullrequest": {"id": 3, "title": "A title", "description": "A description",
               "updated_on": "2026-01-01T10:00:00.123456+00:00",
               "links": {"html": {"href": "https://bitbucket.org/o/r/pull-requests/3"}},
               "source": {"branch": {"name": "feature"}, "commit": {"hash": "444444444444"},
                          "repository": {"full_name": "f/r"}},
               "destination": {"branch": {"name": "main"}, "commit": {"hash": "111111111111"},
                          "repository": {"full_name": "o/r"}}},
             "repository": {"full_name": "o/r", "links": {"html": {"href": "https://bitbucket.org/o/r"}}},
             "actor": {"display_name": "Pat", "nickname": "pat"}}
            """;

    static final String SERVER_PUSH =
            """
            {"eventKey": "repo:refs_changed", "date": "2026-01-01T10:00:00+0000",
             "actor": {"name": "pat", "displayName": "Pat", "emailAddress": "pat@example.org"},
             "repository": {"slug": "r", "project": {"key": "PRJ"}},
             "changes": [{"ref": {"id": "refs/heads/main", "displayId": "main", "type": "BRANCH"},
                "refId": "refs/heads/main", "type": "UPDATE",
                "fromHash": "1111111111111111111111111111111111111111",
                "toHash": "3333333333333333333333333333333333333333"}],
             "commits": [
               {"id": "3333333333333333333333333333333333333333", "message": "two",
                "authorTimestamp": 1767265200000, "author": {"name": "Bob", "emailAddress": "bob@example.org"}},
               {"id": "2222222222222222222222222222222222222222", "message": "one",
                "authorTimestamp": 1767254400000, "author": {"name": "Ann", "emailAddress": "ann@example.org"}}]}
            """;

    static final String SERVER_PULL =
            """
            {"eventKey": "pr:opened",
             "actor": {"name": "pat", "displayName": "Pat", "emailAddress": "pat@example.org"},
             "pullRequest": {"id": 9, "title": "A title", "updatedDate": 1767261600000,
               "fromRef": {"id": "refs/heads/feature", "displayId": "feature",
                 "latestCommit": "4444444444444444444444444444444444444444",
                 "repository": {"slug": "r", "project": {"key": "~PAT"}}},
               "toRef": {"id": "refs/heads/main", "displayId": "main",
                 "latestCommit": "1111111111111111111111111111111111111111",
                 "repository": {"slug": "r", "project": {"key": "PRJ"}}}}}
            """;

    /** A delivery. */
    record Sent(String forge, String event, String json) {}

    /** Those of this file. */
    static Map<String, Sent> made() {
        Map<String, Sent> made = new LinkedHashMap<>();
        made.put("github push", new Sent("github", "push", GITHUB_PUSH));
        made.put("github pull", new Sent("github", "pull_request", GITHUB_PULL));
        made.put("gitlab push", new Sent("gitlab", "Push Hook", GITLAB_PUSH));
        made.put("gitlab merge", new Sent("gitlab", "Merge Request Hook", GITLAB_MERGE));
        made.put("gitea push", new Sent("gitea", "push", GITEA_PUSH));
        made.put("gitea pull", new Sent("gitea", "pull_request", GITEA_PULL));
        made.put("cloud push", new Sent("bitbucketcloud", "repo:push", CLOUD_PUSH));
        made.put("cloud pull", new Sent("bitbucketcloud", "pullrequest:created", CLOUD_PULL));
        made.put("server push", new Sent("bitbucketserver", "repo:refs_changed", SERVER_PUSH));
        made.put("server pull", new Sent("bitbucketserver", "pr:opened", SERVER_PULL));
        return made;
    }

    static Sent made(String name) {
        return Objects.requireNonNull(made().get(name));
    }

    /** What forges have sent, by the names of the files; none where their folder is not. */
    static Map<String, Sent> real() {
        Map<String, String> events =
                Map.ofEntries(
                        Map.entry("github/branch_delete.json", "delete"),
                        Map.entry("github/pr_opened.json", "pull_request"),
                        Map.entry("github/pr_sync.json", "pull_request"),
                        Map.entry("github/push.json", "push"),
                        Map.entry("github/push_branch_create.json", "push"),
                        Map.entry("github/push_tag.json", "push"),
                        Map.entry("gitlab/branch_create.json", "Push Hook"),
                        Map.entry("gitlab/pull_request_create.json", "Merge Request Hook"),
                        Map.entry("gitlab/push.json", "Push Hook"),
                        Map.entry("gitlab/tag_create.json", "Tag Push Hook"),
                        Map.entry("gitea/pull_request_opened.json", "pull_request"),
                        Map.entry("gitea/pull_request_synchronized.json", "pull_request"),
                        Map.entry("gitea/push.json", "push"),
                        Map.entry("gitea/tag_create.json", "create"),
                        Map.entry("bitbucketcloud/pr_created.json", "pullrequest:created"),
                        Map.entry("bitbucketcloud/push.json", "repo:push"),
                        Map.entry("bitbucketcloud/push_tag_create.json", "repo:push"),
                        Map.entry("bitbucketserver/pr_open.json", "pr:opened"),
                        Map.entry("bitbucketserver/push.json", "repo:refs_changed"),
                        Map.entry("bitbucketserver/push_v5.json", "repo:refs_changed"));
        Map<String, Sent> real = new LinkedHashMap<>();
        Path folder = folder();
        events.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .filter(file -> Files.exists(folder.resolve(file.getKey())))
                .forEach(file ->
                        real.put(
                                file.getKey(),
                                new Sent(
                                        file.getKey().split("/", 2)[0],
                                        file.getValue(),
                                        read(folder.resolve(file.getKey())))));
        return real;
    }

    /** Beside the project, or the working copy that the tests run in. */
    private static Path folder() {
        Path at = Path.of("").toAbsolutePath();
        while (at.getParent() != null && !Files.isDirectory(at.resolve("shared/data/webhooks"))) {
            at = at.getParent();
        }
        return at.resolve("shared/data/webhooks");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
