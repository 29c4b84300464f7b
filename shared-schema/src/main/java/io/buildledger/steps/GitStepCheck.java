package io.buildledger.steps;

import io.buildledger.domain.rendering.Interpolation;
import io.buildledger.stepping.StepProblems;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What can be wrong with a git step as it stands in the file. */
record GitStepCheck(GitStep step, StepProblems problems) {

    private static final Pattern DEPTH = Pattern.compile("0*[1-9][0-9]{0,8}|true");

    void check() {
        if (step.repourl() == null) {
            problems.missing("repourl", "a git step lacks its repourl: add repourl: ...");
        }
        if (step.mode() == GitStep.Mode.INCREMENTAL && step.method() != null) {
            problems.problem(
                    "method",
                    "a method belongs to mode: full, and this is incremental: add mode: full, or remove method");
        }
        if (step.remoteSubmodules() && !step.submodules()) {
            problems.problem(
                    "remote_submodules",
                    "remote_submodules needs submodules: true, as none are checked out else");
        }
        if (isWrong(step.shallow(), DEPTH)) {
            problems.problem(
                    "shallow",
                    "shallow: '%s' is neither true nor a number of commits, such as 10"
                            .formatted(step.shallow()));
        }
        if (step.reference() != null && isWrong(step.reference(), Pattern.compile("/.*"))) {
            problems.problem(
                    "reference",
                    "reference: '%s' is no absolute path of the worker, such as /srv/git/app.git"
                            .formatted(step.reference()));
        }
        if (!GitName.isRef(step.origin()) && !Interpolation.mayBeIn(step.origin())) {
            problems.problem(
                    "origin",
                    "origin: '%s' is no name that git takes for a remote".formatted(step.origin()));
        }
        for (String filter : step.filters()) {
            if (filter == null || filter.isBlank()) {
                problems.problem("filters", "a filter is empty: write one such as blob:none");
            }
        }
        if (step.retry() != null && step.retry().repeat() < 1) {
            problems.problem("retry", "retry.repeat must be at least 1");
        }
        credentials();
    }

    private void credentials() {
        if (step.sshHostKey() != null && step.sshKnownHosts() != null) {
            problems.problem("ssh_host_key", "give ssh_host_key or ssh_known_hosts, not both");
        }
        GitLogin own = step.authCredentials();
        if (own != null) {
            login("auth_credentials", own);
            if (own.url() != null) {
                problems.problem(
                        "auth_credentials",
                        "auth_credentials belong to repourl and have no url: those of other addresses go to git_credentials");
            }
        }
        for (GitLogin other : step.gitCredentials()) {
            if (other == null) {
                problems.problem(
                        "git_credentials",
                        "one of git_credentials is empty: write {url: ..., username: ..., password: ...}");
                continue;
            }
            login("git_credentials", other);
            if (isWrong(other.url() == null ? "" : other.url(), GitCredentials.HTTP)) {
                problems.problem(
                        "git_credentials",
                        "one of git_credentials lacks a url that begins with http:// or https://");
            }
        }
    }

    private void login(String key, GitLogin login) {
        if (login.username() == null || login.password() == null) {
            problems.problem(
                    key,
                    key + " lacks a username or a password: write {username: ..., password: ...}");
        }
    }

    private static boolean isWrong(@Nullable String text, Pattern right) {
        return text != null && !right.matcher(text).matches() && !Interpolation.mayBeIn(text);
    }
}
