package io.buildledger.configuring;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.buildledger.stepping.LockAccess;
import io.buildledger.stepping.StepCondition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one YAML file, as it is written: keys in snake_case, Buildbot's words. Each role reads its
 * part. Durations are plain numbers of seconds or {@code 500ms}, {@code 5s}, {@code 2m}, {@code
 * 1h}; sizes are plain numbers of bytes or {@code 512KiB}, {@code 50MiB}, {@code 1GiB}.
 *
 * @param multiMaster whether schedulers and builders may be named that only other masters have
 * @param dbUrl {@code jdbc:mysql://HOST[:PORT]/DATABASE}
 * @param dbPassword the password itself; {@code dbPasswordFile} keeps it out of this file
 * @param dbPollInterval how often a master looks for what others have appended; default 1 s
 * @param lease how long a master is taken for alive without a sign of life, 5 s to 10 min; default
 *     30 s
 * @param onLeaseLapse what a builder master does with its builds when its lease can't be renewed;
 *     default {@code continue}
 * @param drainTimeout how long a builder master that is told to stop (SIGTERM) lets its builds end,
 *     before it interrupts them and hands their requests back; default 1 h
 * @param allowMasterShell whether steps may run commands on the builder master itself, as the user
 *     that it runs as; default false
 * @param logMaxSize how much of the beginning of each log is kept, at least 4KiB; default 50MiB
 * @param logMaxTailSize how much of the end of a longer log is kept besides, at least 4KiB; default
 *     1MiB
 * @param hints where a master can be told that others have written; default on the loopback
 * @param metrics where each master tells how it does; nowhere by default
 * @param traces where scheduler masters send a trace of each buildset that has ended; nowhere by
 *     default
 * @param collapseRequests whether a builder's request is left out when a later one asks for the
 *     same, where the builder does not say; default {@code false}
 * @param builderFingerprint what a builder master does about a builder for which another master
 *     builds something else; default {@code warn}
 * @param basedir where builder masters keep their builds; default {@code builds} beside the file
 * @param access who may look at the pages and ask for something there; by default whoever reaches
 *     them
 * @param workerProtocol where workers attach to builder masters
 * @param artifacts where the files are kept that builds leave behind
 * @param changeHooks which forges may send changes, and as whom; none by default
 * @param properties of every build; builders, workers and steps can set others in their place
 * @param codebases which codebase a change belongs to that names none: the first that fits
 * @param projects that builders may be of
 * @param secrets where builder masters look for the secrets of steps, in this order: the first that
 *     has one wins
 * @param locks that builders and steps can take
 */
public record Configuration(
        boolean multiMaster,
        String dbUrl,
        String dbUser,
        @Nullable String dbPassword,
        @Nullable Path dbPasswordFile,
        Duration dbPollInterval,
        Duration lease,
        OnLeaseLapse onLeaseLapse,
        Duration drainTimeout,
        boolean allowMasterShell,
        Size logMaxSize,
        Size logMaxTailSize,
        Hints hints,
        @Nullable Metrics metrics,
        @Nullable Traces traces,
        @Nullable Path basedir,
        Artifacts artifacts,
        CollapseRequests collapseRequests,
        BuilderFingerprint builderFingerprint,
        Web web,
        @Nullable Access access,
        WorkerProtocol workerProtocol,
        List<ChangeSource> changeSources,
        ChangeHooks changeHooks,
        Map<String, Object> properties,
        List<Codebase> codebases,
        List<ConfiguredScheduler> schedulers,
        List<ConfiguredService> services,
        List<Project> projects,
        List<Builder> builders,
        List<Worker> workers,
        List<ConfiguredSecrets> secrets,
        List<Lock> locks) {

    public static final Size DEFAULT_LOG_MAX_SIZE = Size.ofMib(50);
    public static final Size DEFAULT_LOG_MAX_TAIL_SIZE = Size.ofMib(1);

    private static final int DEFAULT_WEB_PORT = 8010;
    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration DEFAULT_POLL_INTERVAL = Duration.ofSeconds(1);
    private static final Duration DEFAULT_LEASE = Duration.ofSeconds(30);
    private static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofHours(1);

    public Configuration {
        dbPollInterval = dbPollInterval == null ? DEFAULT_POLL_INTERVAL : dbPollInterval;
        lease = lease == null ? DEFAULT_LEASE : lease;
        onLeaseLapse = onLeaseLapse == null ? OnLeaseLapse.CONTINUE : onLeaseLapse;
        drainTimeout = drainTimeout == null ? DEFAULT_DRAIN_TIMEOUT : drainTimeout;
        logMaxSize = logMaxSize == null ? DEFAULT_LOG_MAX_SIZE : logMaxSize;
        logMaxTailSize = logMaxTailSize == null ? DEFAULT_LOG_MAX_TAIL_SIZE : logMaxTailSize;
        hints = hints == null ? new Hints(null, null, null) : hints;
        artifacts = artifacts == null ? new Artifacts(Artifacts.Store.DISK, null) : artifacts;
        collapseRequests = collapseRequests == null ? CollapseRequests.NEVER : collapseRequests;
        builderFingerprint =
                builderFingerprint == null ? BuilderFingerprint.WARN : builderFingerprint;
        web = web == null ? new Web(null, null, null, null) : web;
        workerProtocol = workerProtocol == null ? WorkerProtocol.DEFAULT : workerProtocol;
        changeSources = listOrEmpty(changeSources);
        changeHooks = changeHooks == null ? ChangeHooks.NONE : changeHooks;
        properties = properties == null ? Map.of() : properties;
        codebases = listOrEmpty(codebases);
        schedulers = listOrEmpty(schedulers);
        services = listOrEmpty(services);
        projects = listOrEmpty(projects);
        builders = listOrEmpty(builders);
        workers = listOrEmpty(workers);
        secrets = listOrEmpty(secrets);
        locks = listOrEmpty(locks);
    }

    /** Whether a builder's requests are collapsed, whether or not this file has the builder. */
    public CollapseRequests collapseRequestsOf(String builder) {
        return builders.stream()
                .filter(it -> it.name().equals(builder))
                .map(Builder::collapseRequests)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(collapseRequests);
    }

    /**
     * Where builder masters keep what builds upload. A scheduler master finds each artifact where
     * the log says that it is, whatever its own file says of the store.
     *
     * @param store default {@code disk}
     * @param directory of the store {@code disk}: for all masters one that they share, unless they
     *     run on one machine; default {@code artifacts} beside the file
     */
    public record Artifacts(Store store, @Nullable Path directory) {
        public Artifacts {
            store = store == null ? Store.DISK : store;
        }

        /** What keeps artifacts. */
        public enum Store {
            /** Files in a directory, each at BUILDER/NUMBER/PATH. */
            @JsonProperty("disk")
            DISK,
            /** Chunks in the database, for farms whose masters share no directory. */
            @JsonProperty("database")
            DATABASE
        }
    }

    /** What a builder master does with its builds when its lease can't be renewed. */
    public enum OnLeaseLapse {
        /**
         * They go on; what they come to counts unless the others have taken the master for dead.
         */
        @JsonProperty("continue")
        CONTINUE,
        /** They are stopped before the lease ends, so that no other master builds at once. */
        @JsonProperty("stop")
        STOP
    }

    /**
     * Where the scheduler master serves its pages and takes changes.
     *
     * @param port default 8010; 0 takes a free one
     * @param address default 127.0.0.1
     * @param url where people reach them, if that is by another name or by a proxy
     * @param hostNames other names by which they are reached; what is sent to any other name than
     *     these, {@code localhost}, this machine's own and that in {@code url} is refused
     */
    public record Web(Integer port, String address, @Nullable String url, List<String> hostNames) {
        public Web(
                @Nullable Integer port,
                @Nullable String address,
                @Nullable String url,
                @Nullable List<String> hostNames) {
            this.port = port == null ? DEFAULT_WEB_PORT : port;
            this.address = address == null ? LOOPBACK : address;
            this.url = url;
            this.hostNames = listOrEmpty(hostNames);
        }
    }

    /**
     * Masters tell each other when they have written what others wait for. Without it, and wherever
     * a hint is lost, that is seen one {@code db_poll_interval} later.
     *
     * @param enabled default true
     * @param port default 0, which takes a free one
     * @param address where this master listens, and by which the others reach it; default
     *     127.0.0.1, for masters on one machine
     */
    public record Hints(Boolean enabled, Integer port, String address) {
        public Hints(@Nullable Boolean enabled, @Nullable Integer port, @Nullable String address) {
            this.enabled = enabled == null ? Boolean.TRUE : enabled;
            this.port = port == null ? 0 : port;
            this.address = address == null ? LOOPBACK : address;
        }
    }

    /**
     * Where each master serves its metrics and says whether it is well. Nothing asks for a password
     * there.
     *
     * @param port default 9310; 0 takes a free one, which the master's log tells
     * @param address default 127.0.0.1
     * @param ports of masters that have another, by their names: on one machine each needs its own
     */
    public record Metrics(Integer port, String address, Map<String, Integer> ports) {

        private static final int DEFAULT_PORT = 9310;

        public Metrics(
                @Nullable Integer port,
                @Nullable String address,
                @Nullable Map<String, Integer> ports) {
            this.port = port == null ? DEFAULT_PORT : port;
            this.address = address == null ? LOOPBACK : address;
            this.ports = ports == null ? Map.of() : ports;
        }

        public int portOf(String master) {
            return ports.getOrDefault(master, port);
        }
    }

    /**
     * Where scheduler masters send traces, by OpenTelemetry's protocol over HTTP (OTLP, protobuf).
     * One of them does.
     *
     * @param endpoint the collector's address for traces, with its path, such as {@code
     *     http://127.0.0.1:4318/v1/traces}
     * @param headersFile a file with headers that the collector wants, such as {@code
     *     Authorization: Bearer TOKEN}, one a line; it is read anew whenever something is sent
     * @param giveUpAfter a trace that could not be sent for so long after its buildset's end is
     *     left out; default 24h
     */
    public record Traces(String endpoint, @Nullable Path headersFile, Duration giveUpAfter) {

        private static final Duration DEFAULT_GIVE_UP = Duration.ofHours(24);

        public Traces {
            giveUpAfter = giveUpAfter == null ? DEFAULT_GIVE_UP : giveUpAfter;
        }
    }

    /** Where changes come from, besides the hooks. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
    @JsonSubTypes(@JsonSubTypes.Type(value = GitPoller.class, name = "git_poller"))
    public sealed interface ChangeSource {}

    /**
     * Follows branches and tags of a git repository.
     *
     * @param branches names of branches, in which {@code *} stands for any characters, also {@code
     *     /}; without any, and without {@code branchesRe}, the repository's default branch
     * @param branchesRe a regular expression (RE2) that names of further branches match as a whole
     * @param branchesNotRe one that takes those away again that it matches
     * @param tags names of tags, like {@code branches}; none by default
     * @param tagsRe a regular expression that names of further tags match as a whole
     * @param onlyTags whether no branch is followed; all tags are, if none are named
     * @param pollInterval default 10 min, as in Buildbot
     * @param pollAtLaunch whether the first poll comes at the master's start, or one interval
     *     later; default true
     * @param pollRandomDelay each poll comes up to so much later; default 0
     * @param timeout how long git may take to fetch; to tell what there is it may take a minute, or
     *     this if it is less; default 10 min
     * @param initialCommits how many of each branch's newest commits the very first poll takes as
     *     changes; default 0
     * @param buildPushesWithNoCommits whether a branch that is new, or moves to commits that are
     *     known, makes a change of its head; default false
     * @param auth who git says it is over HTTP
     * @param sshPrivateKeyFile the key, instead of those of the user that the master runs as
     * @param sshKnownHostsFile the keys of hosts, instead of that user's own
     * @param category of the changes; by default none for branches, and {@code tag} for tags
     */
    public record GitPoller(
            String repourl,
            List<String> branches,
            @Nullable String branchesRe,
            @Nullable String branchesNotRe,
            List<String> tags,
            @Nullable String tagsRe,
            boolean onlyTags,
            Duration pollInterval,
            Boolean pollAtLaunch,
            Duration pollRandomDelay,
            Duration timeout,
            int initialCommits,
            boolean buildPushesWithNoCommits,
            @Nullable Login auth,
            @Nullable Path sshPrivateKeyFile,
            @Nullable Path sshKnownHostsFile,
            String project,
            String codebase,
            @Nullable String category)
            implements ChangeSource {

        private static final Duration DEFAULT_INTERVAL = Duration.ofMinutes(10);
        private static final Duration DEFAULT_POLL_TIMEOUT = Duration.ofMinutes(10);

        public GitPoller {
            branches = listOrEmpty(branches);
            tags = listOrEmpty(tags);
            pollInterval = pollInterval == null ? DEFAULT_INTERVAL : pollInterval;
            pollAtLaunch = pollAtLaunch == null ? Boolean.TRUE : pollAtLaunch;
            pollRandomDelay = pollRandomDelay == null ? Duration.ZERO : pollRandomDelay;
            timeout = timeout == null ? DEFAULT_POLL_TIMEOUT : timeout;
            project = project == null ? "" : project;
            codebase = codebase == null ? "" : codebase;
        }
    }

    /**
     * A user and a file with the password or token. The file is read anew whenever it is needed.
     */
    public record Login(String user, Path passwordFile) {}

    /**
     * @param workerNames which workers build it; any one of them
     * @param env added to the environment of every step, whose own variables win; its values are
     *     interpolated as a step's texts are, at each step
     * @param properties of its builds
     * @param defaultProperties of its builds, where nobody else has set one of the name
     * @param maxAttempts how often a request is claimed at most; if the last claim comes to nothing
     *     too, it ends as EXCEPTION; default 3
     * @param factory the steps; an empty list makes builds that do nothing
     * @param collapseRequests whether a request is left out when a later one asks for the same;
     *     default what the whole file says
     * @param tags by which people find it; each at most 100 characters
     * @param description for people, in one line or more; at most 1,000 characters
     * @param project the name of a project of this file, of which it is a part
     * @param nextBuild which of its requests on offer goes first; by default the one with the
     *     highest priority, and of those the first submitted
     * @param nextWorker which of its free workers takes the next build; default {@code first_free}
     * @param canStartBuild what must hold of a request and a worker, so that the worker builds it:
     *     a condition on the properties that the build would have; by default nothing. A request
     *     that no free worker may build stays on offer
     * @param locks that its builds take, and hold from their claim to their end; none by default
     * @param maxBuilds how many of its builds run at once in the whole cluster; by default as many
     *     as there are workers
     */
    public record Builder(
            String name,
            List<String> workerNames,
            Map<String, String> env,
            Map<String, Object> properties,
            Map<String, Object> defaultProperties,
            Integer maxAttempts,
            List<ConfiguredStep> factory,
            @Nullable CollapseRequests collapseRequests,
            List<String> tags,
            @Nullable String description,
            @Nullable String project,
            NextBuildRule nextBuild,
            NextWorkerRule nextWorker,
            @Nullable StepCondition canStartBuild,
            List<LockAccess> locks,
            @Nullable Integer maxBuilds) {

        private static final int DEFAULT_MAX_ATTEMPTS = 3;

        public Builder {
            workerNames = listOrEmpty(workerNames);
            env = env == null ? Map.of() : env;
            properties = properties == null ? Map.of() : properties;
            defaultProperties = defaultProperties == null ? Map.of() : defaultProperties;
            maxAttempts = maxAttempts == null ? DEFAULT_MAX_ATTEMPTS : maxAttempts;
            tags = listOrEmpty(tags);
            nextBuild = nextBuild == null ? NextBuildRule.IN_ORDER : nextBuild;
            nextWorker = nextWorker == null ? NextWorkerRule.FIRST_FREE : nextWorker;
            locks = listOrEmpty(locks);
        }
    }

    /**
     * Something that builds of the whole cluster share.
     *
     * @param name without a slash or a colon
     * @param maxCount how much of it there is for those who take it beside others; default 1
     * @param scope whether there is one of it, or one for each worker; default {@code cluster}
     * @param maxCountForWorker how much of it workers have that have another count, by their names
     */
    public record Lock(
            String name, Integer maxCount, Scope scope, Map<String, Integer> maxCountForWorker) {

        public Lock {
            maxCount = maxCount == null ? 1 : maxCount;
            scope = scope == null ? Scope.CLUSTER : scope;
            maxCountForWorker = maxCountForWorker == null ? Map.of() : maxCountForWorker;
        }

        /** What a lock is one of. */
        public enum Scope {
            /** One for the whole cluster. */
            @JsonProperty("cluster")
            CLUSTER,
            /** One for each worker, whatever master it is attached to. */
            @JsonProperty("worker")
            WORKER
        }
    }

    /**
     * A worker. One with a password is a {@code buildbot-worker} that attaches to a builder master;
     * one without runs its builds as processes of the builder master itself, in each builder master
     * that reads this file.
     *
     * @param password with which the worker attaches; {@code passwordFile} keeps it out of this
     *     file
     * @param maxBuilds how many builds at once, each of another builder; default 1
     * @param countsAs of how many builds one of a builder takes the place, by the builder's name;
     *     default 1 each
     * @param properties of its builds
     * @param defaultProperties of its builds, where nobody else has set one of the name
     * @param missingTimeout a worker that no master has for so long is told of as missing; default
     *     1h; 0s: never
     * @param quarantineInitialTimeout for how long it is not used after a build that came to
     *     nothing because of it; default 10s; 0s: it is used on
     * @param quarantineMaxTimeout to which that doubles with each such build in a row; default 1h
     * @param latent how builder masters start it when there is something for it to build, and stop
     *     it again; by default it is somebody else who does; only of one with a password
     * @param buildWaitTimeout a latent worker without a build for so long is stopped; 0s: after
     *     each build; default 10m
     * @param startTimeout how long starting a latent worker may take until it has attached; default
     *     20m
     */
    public record Worker(
            String name,
            @Nullable String password,
            @Nullable Path passwordFile,
            Integer maxBuilds,
            Map<String, Integer> countsAs,
            Map<String, Object> properties,
            Map<String, Object> defaultProperties,
            Duration missingTimeout,
            Duration quarantineInitialTimeout,
            Duration quarantineMaxTimeout,
            @Nullable ConfiguredLatent latent,
            Duration buildWaitTimeout,
            Duration startTimeout) {

        private static final Duration DEFAULT_MISSING_TIMEOUT = Duration.ofHours(1);
        private static final Duration DEFAULT_QUARANTINE = Duration.ofSeconds(10);
        private static final Duration DEFAULT_LONGEST_QUARANTINE = Duration.ofHours(1);
        private static final Duration DEFAULT_BUILD_WAIT = Duration.ofMinutes(10);
        private static final Duration DEFAULT_START = Duration.ofMinutes(20);

        public Worker {
            maxBuilds = maxBuilds == null ? 1 : maxBuilds;
            countsAs = countsAs == null ? Map.of() : countsAs;
            missingTimeout = missingTimeout == null ? DEFAULT_MISSING_TIMEOUT : missingTimeout;
            quarantineInitialTimeout =
                    quarantineInitialTimeout == null
                            ? DEFAULT_QUARANTINE
                            : quarantineInitialTimeout;
            quarantineMaxTimeout =
                    quarantineMaxTimeout == null
                            ? DEFAULT_LONGEST_QUARANTINE
                            : quarantineMaxTimeout;
            buildWaitTimeout = buildWaitTimeout == null ? DEFAULT_BUILD_WAIT : buildWaitTimeout;
            startTimeout = startTimeout == null ? DEFAULT_START : startTimeout;
            properties = properties == null ? Map.of() : properties;
            defaultProperties = defaultProperties == null ? Map.of() : defaultProperties;
        }

        /** Whether it is one that attaches. */
        public boolean attaches() {
            return password != null || passwordFile != null;
        }
    }

    /**
     * Where workers attach to a builder master, with {@code --protocol=msgpack_experimental_v7}.
     *
     * @param port default 9989; 0 takes a free one
     * @param address default 127.0.0.1
     * @param advertisedAddress by which workers that masters start reach this one, as a name or an
     *     address; default {@code address}, or this machine's name where that is every address
     * @param tlsCertificateFile the certificate of the server and those that vouch for it, in PEM;
     *     without it workers attach without TLS
     * @param tlsKeyFile its private key, PKCS#8 in PEM
     */
    public record WorkerProtocol(
            Integer port,
            String address,
            @Nullable String advertisedAddress,
            @Nullable Path tlsCertificateFile,
            @Nullable Path tlsKeyFile) {

        private static final int DEFAULT_PORT = 9989;
        static final WorkerProtocol DEFAULT = new WorkerProtocol(null, null, null, null, null);

        public WorkerProtocol(
                @Nullable Integer port,
                @Nullable String address,
                @Nullable String advertisedAddress,
                @Nullable Path tlsCertificateFile,
                @Nullable Path tlsKeyFile) {
            this.port = port == null ? DEFAULT_PORT : port;
            this.address = address == null ? LOOPBACK : address;
            this.advertisedAddress = advertisedAddress;
            this.tlsCertificateFile = tlsCertificateFile;
            this.tlsKeyFile = tlsKeyFile;
        }
    }

    private static <T> List<T> listOrEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
