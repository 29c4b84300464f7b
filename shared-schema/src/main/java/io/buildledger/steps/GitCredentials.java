package io.buildledger.steps;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.fetching.SshCommand;
import io.buildledger.showing.Printable;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.Ending.Exited;
import io.buildledger.stepping.OutputTap;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.Worker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What lets a step's git into other repositories: files on the worker, in a directory beside the
 * work directory that only the worker's user can look into, until it is closed. Git is told of
 * their paths by its environment, so that nothing of what is in them is ever on a command line, in
 * git's own files or in the log.
 */
final class GitCredentials implements AutoCloseable {

    /** Addresses that are asked for a name and a password. */
    static final Pattern HTTP = Pattern.compile("https?://.+");

    private static final String DIRECTORY = ".buildledger-git";
    private static final String KEY = DIRECTORY + "/ssh-key";
    private static final String KNOWN_HOSTS = DIRECTORY + "/known-hosts";

    /** The builder's own directory, in any way to write it. */
    private static final Pattern NOWHERE_ELSE = Pattern.compile("[./]*");

    private static final int PRIVATE = 0600;
    private static final String HIDDEN = "***";

    private final GitStep step;
    private final StepRun run;
    private final Worker worker;
    private final List<GitSetting> settings = new ArrayList<>();
    private final Map<String, String> variables = new HashMap<>();
    private final List<String> secrets = new ArrayList<>();
    private boolean isThere;

    private GitCredentials(GitStep step, StepRun run) {
        this.step = step;
        this.run = run;
        this.worker = run.worker();
    }

    /**
     * Brings them to the worker, where those of a step that could not end are removed in any case.
     */
    static GitCredentials bring(GitStep step, StepRun run)
            throws IOException, StepAbortedException {
        GitCredentials credentials = new GitCredentials(step, run);
        // Of a master or a worker that was killed.
        if (run.worker().stat(DIRECTORY).isPresent()) {
            run.note("removing credentials that an earlier step has left");
            run.worker().remove(DIRECTORY);
        }
        try {
            credentials.bring();
        } catch (IOException | StepAbortedException | RuntimeException e) {
            try (credentials) {
                throw e;
            }
        }
        return credentials;
    }

    private void bring() throws IOException, StepAbortedException {
        List<GitLogin> logins = logins();
        String knownHosts =
                step.sshHostKey() == null
                        ? step.sshKnownHosts()
                        : "* " + oneLine("ssh_host_key", step.sshHostKey().strip());
        if (step.sshPrivateKey() == null && knownHosts == null && logins.isEmpty()) {
            return;
        }
        requireBeside();
        makeDirectory();
        if (step.sshPrivateKey() != null || knownHosts != null) {
            bringForSsh(step.sshPrivateKey(), knownHosts);
        }
        if (!logins.isEmpty()) {
            // Else a helper of the user's would be asked first, and told to keep the password.
            settings.add(new GitSetting("credential.helper", ""));
        }
        for (int i = 0; i < logins.size(); i++) {
            bringForHttp(logins.get(i), DIRECTORY + "/login-" + i);
        }
    }

    private void requireBeside() throws StepAbortedException {
        String workdir = run.invocation(List.of("git")).workdir();
        if (NOWHERE_ELSE.matcher(workdir).matches()) {
            throw StepAbortedException.refused(
                    "a git step with credentials can't work in the builder's own directory: give it another workdir");
        }
    }

    /** Before there is anything in it, nobody else can look in. */
    private void makeDirectory() throws IOException, StepAbortedException {
        // Also when only the answer is lost.
        isThere = true;
        if (worker.isWindows()) {
            worker.makeDirectory(DIRECTORY);
            return;
        }
        Ending ending =
                worker.run(
                        run.invocation(List.of("mkdir", "-m", "700", DIRECTORY)).in(""),
                        OutputTap.NONE);
        switch (ending) {
            case Exited exited when exited.code() == 0 -> {}
            case Exited _ ->
                    throw StepAbortedException.failed("can't make a directory for the credentials");
            case Ending.TimedOut timedOut ->
                    throw StepAbortedException.failed(timedOut.description());
            case Ending.Interrupted interrupted ->
                    throw StepAbortedException.interrupted(interrupted.reason());
        }
    }

    private void bringForSsh(@Nullable String key, @Nullable String knownHosts)
            throws IOException, StepAbortedException {
        if (key != null) {
            bring(lines(key), KEY);
        }
        if (knownHosts != null) {
            bring(lines(knownHosts), KNOWN_HOSTS);
        }
        try {
            variables.put(
                    "GIT_SSH_COMMAND",
                    SshCommand.of(
                            key == null ? null : worker.absolute(KEY),
                            knownHosts == null ? null : worker.absolute(KNOWN_HOSTS)));
        } catch (IOException e) {
            throw StepAbortedException.refused(String.valueOf(e.getMessage()));
        }
        variables.put("GIT_SSH_VARIANT", "ssh");
    }

    /** Ssh takes no key without an end of line, nor one with those of Windows. */
    private static String lines(String text) {
        return text.replace("\r\n", "\n").stripTrailing() + "\n";
    }

    private List<GitLogin> logins() {
        List<GitLogin> logins = new ArrayList<>(step.gitCredentials());
        GitLogin own = step.authCredentials();
        RepositoryAddress repository = new RepositoryAddress(step.repourl());
        if (own != null && HTTP.matcher(step.repourl()).matches()) {
            // A host that the repository redirects to gets nothing.
            logins.add(new GitLogin(repository.origin(), own.username(), own.password()));
        } else if (own != null) {
            run.note(
                    "auth_credentials are of no use: %s is not reached by HTTP"
                            .formatted(repository));
        }
        return logins;
    }

    /** The file holds what git expects of a helper, whose command names but the file. */
    private void bringForHttp(GitLogin login, String file)
            throws IOException, StepAbortedException {
        String username = oneLine("username", login.username());
        String password = oneLine("password", login.password());
        secrets.add(
                Base64.getEncoder()
                        .encodeToString(
                                (username + ":" + password).getBytes(StandardCharsets.UTF_8)));
        secrets.add(password);
        bring("username=%s\npassword=%s\n".formatted(username, password), file);
        settings.add(
                new GitSetting(
                        "credential.%s.helper".formatted(login.url()),
                        "!f() { test \"$1\" = get && cat %s; }; f"
                                .formatted(SshCommand.quotedForShell(worker.absolute(file)))));
    }

    private static String oneLine(String key, String text) throws StepAbortedException {
        // Where a secret is kept, it often has an end of line.
        String line = text.replaceFirst("\\R\\z", "");
        if (line.isEmpty() || Printable.hasControl(line)) {
            throw StepAbortedException.refused(key + " must be one line that is not empty");
        }
        return line;
    }

    private void bring(String text, String file) throws IOException, StepAbortedException {
        worker.download(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), file, PRIVATE);
    }

    /** What git is to be told by its environment. */
    List<GitSetting> settings() {
        return settings;
    }

    /** For the environment of git. */
    Map<String, String> variables() {
        return variables;
    }

    /** What git said, without what the other side may have repeated to it. */
    String cleaned(String text) {
        String cleaned = text;
        for (String secret : secrets) {
            cleaned = cleaned.replace(secret, HIDDEN);
        }
        return cleaned;
    }

    /** Removes them from the worker, also when the build has been interrupted. */
    @Override
    public void close() throws IOException, StepAbortedException {
        if (isThere) {
            worker.removeInAnyCase(DIRECTORY);
        }
    }
}
