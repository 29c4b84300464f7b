package io.buildledger.steps;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Brings the source stamp's revision into the work directory.
 *
 * @param repourl the repository's address, as git takes it
 * @param branch the branch or tag that is built where the source stamp names none; the repository's
 *     default branch by default
 * @param codebase whose source stamp it is, of a build that has several
 * @param mode {@code incremental} keeps what earlier builds left; {@code full} removes every file
 *     that is not the repository's
 * @param method how {@code full} does so: {@code clean} leaves the files that the repository
 *     ignores, {@code fresh} (the default) removes these too, {@code clobber} begins with nothing,
 *     and {@code copy} copies what it keeps up to date in the directory {@code source}
 * @param alwaysUseLatest builds the newest of {@code branch}, whatever the source stamp says
 * @param submodules whether submodules are checked out, with those that they have
 * @param remoteSubmodules the newest of the submodules' branches, in place of what the commit says
 * @param shallow {@code true} or how many commits of history are fetched at first; more if the
 *     revision is older
 * @param tags fetches all tags, also where the revision is there already
 * @param reference absolute path of a repository on the worker whose objects are not fetched again;
 *     the work directory needs it from then on
 * @param origin what the repository is called in the work directory; {@code origin} by default
 * @param filters of a partial clone, such as {@code blob:none}
 * @param progress whether git tells how far a fetch is, which keeps it from its {@code timeout};
 *     default true
 * @param retry tries again when the repository does not answer or the connection breaks
 * @param retryFetch tries once more at once, as {@code retry} does
 * @param clobberOnFailure begins with nothing when git fails, also if the repository may be the
 *     cause
 * @param getDescription gives the build the property {@code commit-description}, as {@code git
 *     describe} prints it: {@code true}, or its options
 * @param lfs whether files of Git LFS are fetched; by default where the commit has any and the
 *     worker has git-lfs
 * @param config settings for the git commands of the step
 * @param sshPrivateKey the key that git shows over SSH: the text, not a file
 * @param sshHostKey the only key that hosts may have over SSH: {@code TYPE BASE64}
 * @param sshKnownHosts the hosts that git trusts over SSH: the text of a known_hosts file
 * @param authCredentials what git shows over HTTP to the repository's host
 * @param gitCredentials what git shows over HTTP to other hosts, such as those of submodules
 */
@StepType(value = "git", haltOnFailure = true)
public record GitStep(
        String repourl,
        @Nullable String branch,
        String codebase,
        Mode mode,
        @Nullable Method method,
        boolean alwaysUseLatest,
        boolean submodules,
        boolean remoteSubmodules,
        @Nullable String shallow,
        boolean tags,
        @Nullable String reference,
        String origin,
        List<String> filters,
        Boolean progress,
        @Nullable GitRetry retry,
        boolean retryFetch,
        boolean clobberOnFailure,
        @Nullable GitDescription getDescription,
        @Nullable Boolean lfs,
        Map<String, String> config,
        @Nullable String sshPrivateKey,
        @Nullable String sshHostKey,
        @Nullable String sshKnownHosts,
        @Nullable GitLogin authCredentials,
        List<GitLogin> gitCredentials)
        implements Step {

    static final String DEFAULT_ORIGIN = "origin";

    /** What becomes of files that are not the repository's. */
    public enum Mode {
        @JsonProperty("incremental")
        INCREMENTAL,
        @JsonProperty("full")
        FULL
    }

    /** How files that are not the repository's are got rid of. */
    public enum Method {
        @JsonProperty("clean")
        CLEAN,
        @JsonProperty("fresh")
        FRESH,
        @JsonProperty("clobber")
        CLOBBER,
        @JsonProperty("copy")
        COPY
    }

    public GitStep {
        codebase = codebase == null ? "" : codebase;
        mode = mode == null ? Mode.INCREMENTAL : mode;
        method = mode == Mode.FULL && method == Method.FRESH ? null : method;
        shallow = shallow == null || shallow.equals("false") ? null : shallow;
        origin = origin == null ? DEFAULT_ORIGIN : origin;
        filters = filters == null ? List.of() : filters;
        progress = progress == null ? Boolean.TRUE : progress;
        config = config == null ? Map.of() : config;
        gitCredentials = gitCredentials == null ? List.of() : gitCredentials;
    }

    /** Null for {@code incremental}. */
    @Nullable Method fullMethod() {
        if (mode == Mode.INCREMENTAL) {
            return null;
        }
        return method == null ? Method.FRESH : method;
    }

    @Override
    public void check(StepProblems problems) {
        new GitStepCheck(this, problems).check();
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        return new GitCheckout(this, stampFor(run), run).run();
    }

    private SourceStamp stampFor(StepRun run) throws StepAbortedException {
        SourceStamp stamp =
                run.build()
                        .sourceStampOf(codebase)
                        .orElseThrow(() ->
                                StepAbortedException.refused(
                                        "the build has no codebase '%s': name it in the scheduler's codebases, or mend the step's"
                                                .formatted(codebase)));
        return alwaysUseLatest
                ? new SourceStamp(stamp.repository(), null, null, stamp.project(), stamp.codebase())
                : stamp;
    }

    /** Without what nobody is to see. */
    @Override
    public String toString() {
        return "git step of " + RepositoryAddress.withoutCredentials(repourl);
    }
}
