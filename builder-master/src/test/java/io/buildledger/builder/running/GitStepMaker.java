package io.buildledger.builder.running;

import io.buildledger.configuring.ConfiguredStep;
import io.buildledger.stepping.StepArguments;
import io.buildledger.steps.GitDescription;
import io.buildledger.steps.GitLogin;
import io.buildledger.steps.GitRetry;
import io.buildledger.steps.GitStep;
import io.buildledger.steps.GitStep.Method;
import io.buildledger.steps.GitStep.Mode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes git steps that begin with the defaults of the configuration. */
public final class GitStepMaker {

    private final String repourl;
    private @Nullable String branch;
    private @Nullable String codebase;
    private @Nullable Mode mode;
    private @Nullable Method method;
    private boolean alwaysUseLatest;
    private boolean submodules;
    private boolean remoteSubmodules;
    private @Nullable String shallow;
    private boolean tags;
    private @Nullable String reference;
    private @Nullable String origin;
    private @Nullable List<String> filters;
    private @Nullable GitRetry retry;
    private boolean retryFetch;
    private boolean clobberOnFailure;
    private @Nullable GitDescription getDescription;
    private @Nullable Boolean lfs;
    private @Nullable Map<String, String> config;
    private @Nullable String sshPrivateKey;
    private @Nullable String sshHostKey;
    private @Nullable String sshKnownHosts;
    private @Nullable GitLogin authCredentials;
    private @Nullable List<GitLogin> gitCredentials;
    private String workdir = "build";

    private GitStepMaker(String repourl) {
        this.repourl = repourl;
    }

    public static GitStepMaker git(String repourl) {
        return new GitStepMaker(repourl);
    }

    @SuppressWarnings("NullAway") // What is absent is null before the record gives it its default.
    public ConfiguredStep step() {
        StepArguments said = ScriptStep.NOTHING_SAID;
        return new ConfiguredStep(
                new GitStep(
                        repourl,
                        branch,
                        codebase,
                        mode,
                        method,
                        alwaysUseLatest,
                        submodules,
                        remoteSubmodules,
                        shallow,
                        tags,
                        reference,
                        origin,
                        filters,
                        null,
                        retry,
                        retryFetch,
                        clobberOnFailure,
                        getDescription,
                        lfs,
                        config,
                        sshPrivateKey,
                        sshHostKey,
                        sshKnownHosts,
                        authCredentials,
                        gitCredentials),
                new StepArguments(
                        said.name(),
                        said.description(),
                        said.haltOnFailure(),
                        said.flunkOnFailure(),
                        said.warnOnFailure(),
                        said.flunkOnWarnings(),
                        said.warnOnWarnings(),
                        said.alwaysRun(),
                        workdir,
                        said.env(),
                        said.timeout(),
                        said.maxTime(),
                        said.decodeRc(),
                        said.kw(),
                        said.logFiles(),
                        said.doStepIf(),
                        said.hideStepIf(),
                        said.locks()));
    }

    GitStepMaker branch(@Nullable String name) {
        branch = name;
        return this;
    }

    GitStepMaker codebase(String name) {
        codebase = name;
        return this;
    }

    GitStepMaker mode(Mode which) {
        mode = which;
        return this;
    }

    public GitStepMaker full(Method how) {
        mode = Mode.FULL;
        method = how;
        return this;
    }

    GitStepMaker alwaysUseLatest() {
        alwaysUseLatest = true;
        return this;
    }

    public GitStepMaker submodules() {
        submodules = true;
        return this;
    }

    GitStepMaker remoteSubmodules() {
        submodules = true;
        remoteSubmodules = true;
        return this;
    }

    GitStepMaker shallow(@Nullable String depth) {
        shallow = depth;
        return this;
    }

    GitStepMaker tags() {
        tags = true;
        return this;
    }

    GitStepMaker reference(String path) {
        reference = path;
        return this;
    }

    GitStepMaker origin(String name) {
        origin = name;
        return this;
    }

    GitStepMaker filters(String... some) {
        filters = List.of(some);
        return this;
    }

    GitStepMaker retry(Duration delay, int repeat) {
        retry = new GitRetry(delay, repeat);
        return this;
    }

    GitStepMaker retryFetch() {
        retryFetch = true;
        return this;
    }

    GitStepMaker clobberOnFailure() {
        clobberOnFailure = true;
        return this;
    }

    GitStepMaker describing(GitDescription options) {
        getDescription = options;
        return this;
    }

    GitStepMaker lfs(boolean wanted) {
        lfs = wanted;
        return this;
    }

    GitStepMaker config(Map<String, String> settings) {
        config = settings;
        return this;
    }

    public GitStepMaker key(String text) {
        sshPrivateKey = text;
        return this;
    }

    GitStepMaker hostKey(String text) {
        sshHostKey = text;
        return this;
    }

    public GitStepMaker knownHosts(String text) {
        sshKnownHosts = text;
        return this;
    }

    GitStepMaker login(String user, String password) {
        authCredentials = new GitLogin(null, user, password);
        return this;
    }

    GitStepMaker logins(GitLogin... others) {
        gitCredentials = List.of(others);
        return this;
    }

    GitStepMaker in(String directory) {
        workdir = directory;
        return this;
    }
}
