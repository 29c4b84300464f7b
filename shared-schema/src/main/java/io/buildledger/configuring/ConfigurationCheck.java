package io.buildledger.configuring;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import io.buildledger.configuring.Configuration.ChangeSource;
import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.configuring.Configuration.OnLeaseLapse;
import io.buildledger.configuring.Configuration.Worker;
import io.buildledger.domain.rendering.Interpolation;
import io.buildledger.domain.rendering.Interpolation.Reference;
import io.buildledger.domain.rendering.MalformedInterpolation;
import io.buildledger.showing.Printable;
import io.buildledger.stepping.BuilderPath;
import io.buildledger.stepping.StepArguments;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.VariableNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a file that parses can still have wrong. */
final class ConfigurationCheck implements SchedulerCheck.Told {

    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_DESCRIPTION = 1000;
    private static final int MOST_TAGS = 50;
    private static final String NAME_RULE =
            "a name has 1 to %d characters and no space around it".formatted(LONGEST_NAME);
    private static final Set<String> EVERY_ADDRESS = Set.of("", "0.0.0.0", "::");
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(5);
    private static final Duration SHORTEST_LEASE_TO_STOP_IN = Duration.ofSeconds(20);
    private static final Duration LONGEST_LEASE = Duration.ofMinutes(10);

    /** Enough for the command and for what it has come to. */
    private static final Size SMALLEST_LOG = Size.ofKib(4);

    private final YamlPositions positions;
    private final Mistakes mistakes;
    private final List<Problem> problems = new ArrayList<>();
    private boolean allowsMasterShell;

    /** The names that a build's codebases may have; empty if any may. */
    private final Set<String> codebases = new HashSet<>();

    private boolean hasSecrets;

    /**
     * @param mistakes what the configuration lacks because it could not be read
     */
    ConfigurationCheck(YamlPositions positions, Mistakes mistakes) {
        this.positions = positions;
        this.mistakes = mistakes;
    }

    List<Problem> problemsOf(Configuration configuration) {
        allowsMasterShell =
                configuration.allowMasterShell() || mistakes.mayHold("", "allow_master_shell");
        database(configuration);
        range(configuration);
        hasSecrets = !configuration.secrets().isEmpty() || mistakes.mayHold("", "secrets");
        configuration.codebases().stream()
                .filter(Objects::nonNull)
                .map(Codebase::name)
                .filter(Objects::nonNull)
                .forEach(codebases::add);
        Names workers = new Names("workers", configuration.workers(), Worker::name);
        for (int i = 0; i < configuration.workers().size(); i++) {
            worker("/workers/" + i, configuration.workers().get(i), workers);
        }
        Names projects = new Names("projects", configuration.projects(), Project::name);
        for (int i = 0; i < configuration.projects().size(); i++) {
            project("/projects/" + i, configuration.projects().get(i), projects);
        }
        Names locks = new Names("locks", configuration.locks(), Configuration.Lock::name);
        LocksCheck ofLocks =
                new LocksCheck(
                        this::problem,
                        workers::lack,
                        locks::lack,
                        (object, key) -> mistakes.mayHold(mistakes.inFile(object), key));
        for (int i = 0; i < configuration.locks().size(); i++) {
            lock("/locks/" + i, configuration.locks().get(i), locks, ofLocks);
        }
        Names builders =
                new Names("builders", configuration.builders(), Configuration.Builder::name);
        for (int i = 0; i < configuration.builders().size(); i++) {
            builder("/builders/" + i, configuration.builders().get(i), builders, workers, ofLocks);
            description("/builders/" + i, configuration.builders().get(i), projects);
        }
        Names schedulers =
                new Names("schedulers", configuration.schedulers(), ConfiguredScheduler::name);
        boolean knowsAllBuilders =
                !configuration.multiMaster() && !mistakes.mayHold("", "multi_master");
        for (int i = 0; i < configuration.workers().size(); i++) {
            countsAs(
                    "/workers/" + i,
                    configuration.workers().get(i),
                    knowsAllBuilders ? builders : null);
        }
        for (int i = 0; i < configuration.schedulers().size(); i++) {
            scheduler(
                    "/schedulers/" + i,
                    configuration.schedulers().get(i),
                    schedulers,
                    knowsAllBuilders ? builders : null);
        }
        references(configuration, schedulers);
        triggered(configuration, schedulers, knowsAllBuilders);
        artifacts(configuration.artifacts());
        Names services = new Names("services", configuration.services(), ConfiguredService::name);
        for (int i = 0; i < configuration.services().size(); i++) {
            service(
                    "/services/" + i,
                    configuration.services().get(i),
                    services,
                    knowsAllBuilders ? builders : null);
        }
        for (int i = 0; i < configuration.changeSources().size(); i++) {
            changeSource("/change_sources/" + i, configuration.changeSources().get(i));
        }
        for (int i = 0; i < configuration.secrets().size(); i++) {
            secrets(i, configuration.secrets().get(i));
        }
        AccessCheck access =
                new AccessCheck(
                        this,
                        name -> knowsAllBuilders && builders.lack(name),
                        name -> knowsAllBuilders && projects.lack(name));
        access.check(configuration.access());
        access.check(configuration.web(), configuration.access());
        new ChangeHooksCheck(
                        this::problem,
                        (object, key) -> mistakes.mayHold(mistakes.inFile(object), key))
                .check(configuration.changeHooks(), configuration.codebases());
        return problems;
    }

    /** The names that a list of the file gives. */
    private final class Names {
        private final Set<String> given = new HashSet<>();
        private final boolean complete;

        <T> Names(String list, List<? extends @Nullable T> elements, Function<T, String> name) {
            complete =
                    !mistakes.hasOmittedFrom("/" + list)
                            && !(elements.isEmpty() && mistakes.mayHold("", list))
                            && elements.stream()
                                    .allMatch(it -> it != null && name.apply(it) != null);
        }

        /** Whether a name is new among them. */
        boolean add(String name) {
            return given.add(name);
        }

        boolean has(String name) {
            return given.contains(name);
        }

        /** Whether none has this name, nor can it be that of one that could not be read. */
        boolean lack(String name) {
            return complete && !given.contains(name);
        }
    }

    @Override
    public void problem(String pointer, String message) {
        problems.add(new Problem(positions.of(mistakes.inFile(pointer)), message));
    }

    @Override
    public void missing(String object, String key, String message) {
        if (!mistakes.mayHold(mistakes.inFile(object), key)) {
            problem(object + "/" + key, message);
        }
    }

    private void database(Configuration configuration) {
        if (configuration.dbUrl() == null) {
            missing("", "db_url", "db_url is missing: write db_url: jdbc:mysql://HOST/DATABASE");
        } else if (!configuration.dbUrl().startsWith("jdbc:mysql:")) {
            problem(
                    "/db_url",
                    "db_url: '%s' is not a MySQL address: write jdbc:mysql://HOST/DATABASE"
                            .formatted(configuration.dbUrl()));
        }
        if (configuration.dbUser() == null) {
            missing("", "db_user", "db_user is missing: name the database user");
        }
        if (configuration.dbPassword() != null && configuration.dbPasswordFile() != null) {
            problem("/db_password", "give db_password or db_password_file, not both");
        }
    }

    private void range(Configuration configuration) {
        if (configuration.lease().compareTo(SHORTEST_LEASE) < 0
                || configuration.lease().compareTo(LONGEST_LEASE) > 0) {
            problem(
                    "/lease",
                    "lease: %s s is out of range: 5s to 10m"
                            .formatted(configuration.lease().toSeconds()));
        }
        if (configuration.onLeaseLapse() == OnLeaseLapse.STOP
                && configuration.lease().compareTo(SHORTEST_LEASE_TO_STOP_IN) < 0) {
            problem(
                    "/on_lease_lapse",
                    "on_lease_lapse: stop needs a lease of at least %d s, in which builds can be stopped before its end: lengthen lease"
                            .formatted(SHORTEST_LEASE_TO_STOP_IN.toSeconds()));
        }
        if (configuration.dbPollInterval().toMillis() < 10) {
            problem("/db_poll_interval", "db_poll_interval must be at least 10ms");
        }
        logSize("log_max_size", configuration.logMaxSize());
        logSize("log_max_tail_size", configuration.logMaxTailSize());
        port("web", configuration.web().port());
        port("hints", configuration.hints().port());
        port("worker_protocol", configuration.workerProtocol().port());
        metrics(configuration.metrics());
        new PortsCheck(this).check(configuration);
        new TracesCheck(this).check(configuration.traces());
        if ((configuration.workerProtocol().tlsCertificateFile() == null)
                != (configuration.workerProtocol().tlsKeyFile() == null)) {
            problem(
                    "/worker_protocol",
                    "worker_protocol: TLS needs both: give tls_certificate_file and tls_key_file, or neither");
        }
        if (EVERY_ADDRESS.contains(configuration.hints().address())) {
            problem(
                    "/hints/address",
                    "hints.address: the other masters can't reach this one by '%s': give this machine's own address"
                            .formatted(configuration.hints().address()));
        }
    }

    private void metrics(Configuration.@Nullable Metrics metrics) {
        if (metrics != null) {
            port("metrics", metrics.port());
            metrics.ports()
                    .forEach((master, port) -> {
                        if (port == null || port < 0 || port > 65_535) {
                            problem(
                                    "/metrics/ports",
                                    "metrics.ports: %s of master %s is not a port: 0 to 65535"
                                            .formatted(port, Printable.of(master)));
                        }
                    });
        }
    }

    private void logSize(String key, Size size) {
        if (size.compareTo(SMALLEST_LOG) < 0) {
            problem(
                    "/" + key,
                    "%s: %s is too little to say what a step came to: at least %s"
                            .formatted(key, size, SMALLEST_LOG));
        }
    }

    private void artifacts(Configuration.Artifacts artifacts) {
        if (artifacts.store() == Configuration.Artifacts.Store.DATABASE
                && artifacts.directory() != null) {
            problem(
                    "/artifacts/directory",
                    "artifacts.directory is where store: disk keeps artifacts, and the store is the database: remove one of them");
        }
    }

    private void port(String section, int port) {
        if (port < 0 || port > 65_535) {
            problem(
                    "/" + section + "/port",
                    "%s.port: %d is not a port: 0 to 65535".formatted(section, port));
        }
    }

    private void worker(String at, @Nullable Worker worker, Names workers) {
        if (worker == null) {
            problem(at, "a worker is empty: write {name: ...}");
            return;
        }
        name(at, "worker", worker.name(), workers);
        String called = called("worker", worker.name());
        if (worker.attaches() && worker.name() != null && worker.name().contains(":")) {
            problem(
                    at + "/name",
                    "worker '%s': the name of a worker with a password has no colon, which ends it where the worker says who it is"
                            .formatted(worker.name()));
        }
        if (worker.password() != null && worker.passwordFile() != null) {
            problem(at + "/password", called + ": give password or password_file, not both");
        }
        if (worker.password() != null && worker.password().isEmpty()) {
            problem(at + "/password", called + ": password is empty: write the worker's");
        }
        if (worker.maxBuilds() < 1) {
            problem(at + "/max_builds", called + ": max_builds must be at least 1");
        }
        if (worker.quarantineInitialTimeout().compareTo(worker.quarantineMaxTimeout()) > 0) {
            problem(
                    at + "/quarantine_initial_timeout",
                    "%s: quarantine_initial_timeout: %s s is longer than quarantine_max_timeout, %s s"
                            .formatted(
                                    called,
                                    worker.quarantineInitialTimeout().toSeconds(),
                                    worker.quarantineMaxTimeout().toSeconds()));
        }
        if (worker.latent() != null) {
            latent(at, called, worker, worker.latent());
        }
    }

    private void latent(String at, String called, Worker worker, ConfiguredLatent latent) {
        if (!worker.attaches()) {
            missing(
                    at,
                    "password_file",
                    called
                            + " is started by masters, and needs a password to attach: add password_file: ...");
        }
        if (worker.startTimeout().isZero()) {
            problem(at + "/start_timeout", called + ": start_timeout must be more than 0");
        }
        latent.how().check(told(at + "/latent/" + latent.type(), called + ": latent"));
    }

    private void countsAs(String at, @Nullable Worker worker, @Nullable Names builders) {
        if (worker == null) {
            return;
        }
        worker.countsAs()
                .forEach((builder, count) -> {
                    String place = at + "/counts_as/" + builder;
                    int most = Math.max(1, worker.maxBuilds());
                    if (count == null || count < 1 || count > most) {
                        problem(
                                place,
                                "a build of %s can't count as %s: 1 to the worker's max_builds, %d"
                                        .formatted(builder, count, most));
                    } else if (builders != null && builders.lack(builder)) {
                        problem(
                                place,
                                "there is no builder '%s' in this file: add it to builders"
                                        .formatted(builder));
                    }
                });
    }

    private void lock(String at, Configuration.@Nullable Lock lock, Names locks, LocksCheck check) {
        if (lock == null) {
            problem(at, "a lock is empty: write {name: ...}");
            return;
        }
        name(at, "lock", lock.name(), locks);
        if (lock.name() != null) {
            check.lock(at, lock);
        }
    }

    private void builder(
            String at,
            Configuration.@Nullable Builder builder,
            Names builders,
            Names workers,
            LocksCheck locks) {
        if (builder == null) {
            problem(at, "a builder is empty: write name, worker_names and factory");
            return;
        }
        name(at, "builder", builder.name(), builders);
        String called = called("builder", builder.name());
        if (builder.workerNames().isEmpty()) {
            missing(
                    at,
                    "worker_names",
                    called + ": worker_names is missing: name at least one worker");
        }
        for (int i = 0; i < builder.workerNames().size(); i++) {
            String worker = builder.workerNames().get(i);
            String place = at + "/worker_names/" + i;
            if (isNoName(worker)) {
                badReference(place, called + " names worker", worker);
            } else if (workers.lack(worker)) {
                problem(
                        place,
                        "%s: there is no worker '%s' in this file: add it to workers"
                                .formatted(called, worker));
            }
        }
        environment(at, called, builder.env());
        StepProblems told = told(at, called);
        if (builder.canStartBuild() != null) {
            builder.canStartBuild().check("can_start_build", false, told);
        }
        if (builder.nextBuild().prefer() != null) {
            builder.nextBuild().prefer().check("next_build/prefer", false, told);
        }
        if (builder.maxAttempts() < 1) {
            problem(at + "/max_attempts", called + ": max_attempts must be at least 1");
        }
        locks.builder(at, called, builder);
        if (builder.factory() == null) {
            missing(at, "factory", called + ": factory is missing: list its steps");
            return;
        }
        for (int i = 0; i < builder.factory().size(); i++) {
            step(at + "/factory/" + i, called, builder.factory().get(i));
        }
    }

    private void project(String at, @Nullable Project project, Names projects) {
        if (project == null) {
            problem(at, "a project is empty: write {name: ...}");
            return;
        }
        name(at, "project", project.name(), projects);
        String called = called("project", project.name());
        text(at, called, "description", project.description());
        text(at, called, "url", project.url());
        if (project.url() != null && !project.url().matches("(?i)https?://\\S+")) {
            problem(
                    at + "/url",
                    "%s: url: '%s' is no address of a page: write https://..."
                            .formatted(called, Printable.cut(project.url(), LONGEST_NAME)));
        }
    }

    /** What a builder tells people. */
    private void description(String at, Configuration.@Nullable Builder builder, Names projects) {
        if (builder == null) {
            return;
        }
        String called = called("builder", builder.name());
        Set<String> tags = new HashSet<>();
        for (int i = 0; i < builder.tags().size(); i++) {
            String tag = builder.tags().get(i);
            String place = at + "/tags/" + i;
            if (isNoName(tag)) {
                badReference(place, called + " has tag", tag);
            } else if (!tags.add(tag)) {
                problem(place, "%s has tag '%s' twice: name it once".formatted(called, tag));
            }
        }
        if (tags.size() > MOST_TAGS) {
            problem(
                    at + "/tags",
                    "%s has more than %d tags: take some out".formatted(called, MOST_TAGS));
        }
        text(at, called, "description", builder.description());
        if (builder.project() != null && projects.lack(builder.project())) {
            problem(
                    at + "/project",
                    "%s: there is no project '%s' in this file: add it to projects"
                            .formatted(called, builder.project()));
        }
    }

    private void text(String at, String called, String key, @Nullable String text) {
        if (text != null && text.length() > LONGEST_DESCRIPTION) {
            problem(
                    at + "/" + key,
                    "%s: %s has more than %d characters"
                            .formatted(called, key, LONGEST_DESCRIPTION));
        }
    }

    private void step(String at, String builder, @Nullable ConfiguredStep configured) {
        if (configured == null) {
            problem(at, builder + ": a step is empty: write shell: {...} or git: {...}");
            return;
        }
        String within = at + "/" + configured.type();
        StepArguments arguments = configured.arguments();
        if (arguments.timeout().isZero()) {
            problem(within + "/timeout", builder + ": a step's timeout must be more than 0");
        }
        if (arguments.maxTime() != null && arguments.maxTime().isZero()) {
            problem(within + "/max_time", builder + ": a step's max_time must be more than 0");
        }
        if (configured.isOnMaster() && !allowsMasterShell) {
            problem(
                    within,
                    "%s: a %s step runs on the builder master itself, as its user: if whoever can change this file, or what the step is told, may do that, set allow_master_shell: true"
                            .formatted(builder, configured.type()));
        }
        if (configured.name().length() > LONGEST_NAME) {
            problem(
                    within + "/name",
                    "%s: a step's name has more than %d characters"
                            .formatted(builder, LONGEST_NAME));
        }
        VariableNames.check(arguments.env(), told(within, builder));
        if (!configured.isOnMaster()
                && !Interpolation.mayBeIn(arguments.workdir())
                && BuilderPath.leadsOut(arguments.workdir())) {
            problem(
                    within + "/workdir",
                    "%s: workdir: '%s' is outside the builder's directory: write a path that is relative to it"
                            .formatted(builder, arguments.workdir()));
        }
        for (String log : arguments.logFiles().keySet()) {
            if (isNoName(log) || log.equals("stdio")) {
                problem(
                        within + "/log_files",
                        "%s: log_files: '%s' can't be the name of a log: 1 to %d characters, and not stdio"
                                .formatted(
                                        builder, Printable.cut(log, LONGEST_NAME), LONGEST_NAME));
            }
        }
        texts(within, builder, configured);
        StepProblems told = told(within, builder);
        arguments.doStepIf().check("do_step_if", false, told);
        arguments.hideStepIf().check("hide_step_if", true, told);
        configured.step().check(told);
    }

    /**
     * Takes what is wrong with what stands below a place.
     *
     * @param called how it is told of
     */
    private StepProblems told(String within, String called) {
        return new StepProblems() {
            @Override
            public void problem(String key, String message) {
                ConfigurationCheck.this.problem(within + "/" + key, called + ": " + message);
            }

            @Override
            public void missing(String key, String message) {
                int end = Math.max(0, key.lastIndexOf('/'));
                ConfigurationCheck.this.missing(
                        end == 0 ? within : within + "/" + key.substring(0, end),
                        end == 0 ? key : key.substring(end + 1),
                        called + ": " + message);
            }
        };
    }

    /** What a step's texts name, as far as the file knows it. */
    private void texts(String within, String builder, ConfiguredStep configured) {
        Map<String, List<String>> texts = new LinkedHashMap<>();
        texts.putAll(Rendering.textsOf(configured.step()));
        texts.putAll(Rendering.textsOf(configured.arguments()));
        texts.forEach((component, ofComponent) -> {
            String key = component.replaceAll("(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
            for (String text : ofComponent) {
                text(within + "/" + key, builder, key, text, configured.arguments().kw().keySet());
            }
        });
    }

    /**
     * @param called in whose environment it is
     */
    private void environment(String at, String called, Map<String, String> env) {
        VariableNames.check(env, told(at, called));
        env.forEach((name, text) -> text(at + "/env/" + name, called, "env", text, null));
    }

    /**
     * @param keywords that a text may name; null where there are none by nature
     */
    private void text(
            String pointer,
            String called,
            String key,
            String text,
            @Nullable Set<String> keywords) {
        try {
            for (Reference reference : Interpolation.parse(text).references()) {
                unknown(keywords, reference)
                        .ifPresent(
                                why -> problem(pointer, "%s: %s: %s".formatted(called, key, why)));
            }
        } catch (MalformedInterpolation e) {
            problem(
                    pointer,
                    "%s: %s: '%s': %s"
                            .formatted(
                                    called,
                                    key,
                                    Printable.cut(text, LONGEST_NAME),
                                    e.getMessage()));
        }
    }

    private Optional<String> unknown(@Nullable Set<String> keywords, Reference reference) {
        String name = reference.key();
        return switch (reference.selector()) {
            case KW -> {
                if (keywords == null) {
                    yield Optional.of(
                            "it names keyword '%s', which only texts of a step have: write it into the step's env"
                                    .formatted(name));
                }
                yield keywords.contains(name)
                        ? Optional.empty()
                        : Optional.of(
                                "there is no '%s' under the step's kw: add it".formatted(name));
            }
            case SECRET ->
                    hasSecrets
                            ? Optional.empty()
                            : Optional.of(
                                    "it names secret '%s', and this file has no secrets: say where they are, as in secrets: [file: {directory: ...}]"
                                            .formatted(name));
            case SRC ->
                    reference.codebase().isEmpty()
                                    || codebases.isEmpty()
                                    || codebases.contains(reference.codebase())
                            ? Optional.empty()
                            : Optional.of(
                                    "there is no codebase '%s' in this file: add it to codebases"
                                            .formatted(reference.codebase()));
            // What is set is known when a build runs; what a worker says, when it is attached.
            case PROP, WORKER -> Optional.empty();
        };
    }

    /**
     * @param builders those that it may name, or null if it may name any
     */
    private void scheduler(
            String at,
            @Nullable ConfiguredScheduler scheduler,
            Names schedulers,
            @Nullable Names builders) {
        if (scheduler == null) {
            problem(at, "a scheduler is empty: write single_branch: {...}");
            return;
        }
        String within = at + "/" + typeOf(ConfiguredScheduler.class, scheduler);
        name(within, "scheduler", scheduler.name(), schedulers);
        String called = called("scheduler", scheduler.name());
        if (scheduler.builderNames().isEmpty()) {
            missing(
                    within,
                    "builder_names",
                    called + ": builder_names is missing: name at least one builder");
        }
        new SchedulerCheck(within, called, this).check(scheduler);
        builderNames(within + "/builder_names", called, scheduler.builderNames(), builders);
    }

    /**
     * @param renamed the former names that schedulers before it had
     */
    private void renamedFrom(
            String within,
            String called,
            ConfiguredScheduler scheduler,
            Names schedulers,
            Set<String> renamed) {
        String from = scheduler.renamedFrom();
        if (from == null || from.equals(scheduler.name())) {
            return;
        }
        if (schedulers.has(from)) {
            problem(
                    within + "/renamed_from",
                    "%s: renamed_from names %s, which is a scheduler of this file: only one that is gone can go on under another name"
                            .formatted(called, from));
        } else if (!renamed.add(from)) {
            problem(
                    within + "/renamed_from",
                    "%s: renamed_from names %s, as another scheduler does: a scheduler can go on under one name"
                            .formatted(called, from));
        }
    }

    /**
     * @param builders those that it may name, or null if it may name any
     */
    private void service(
            String at,
            @Nullable ConfiguredService service,
            Names services,
            @Nullable Names builders) {
        if (service == null) {
            problem(at, "a service is empty: write old_build_canceller: {...}");
            return;
        }
        String within = at + "/" + typeOf(ConfiguredService.class, service);
        name(within, "service", service.name(), services);
        String called = called("service", service.name());
        new ServiceCheck(
                        within,
                        called,
                        this,
                        (list, names) -> builderNames(list, called, names, builders))
                .check(service);
    }

    /**
     * @param list pointer of the names
     * @param builders those that may be named, or null if any may
     */
    private void builderNames(
            String list, String called, List<String> names, @Nullable Names builders) {
        Set<String> named = new HashSet<>();
        for (int i = 0; i < names.size(); i++) {
            String builder = names.get(i);
            String place = list + "/" + i;
            if (isNoName(builder)) {
                badReference(place, called + " names builder", builder);
            } else if (!named.add(builder)) {
                problem(
                        place,
                        "%s names builder '%s' twice: name it once".formatted(called, builder));
            } else if (builders != null && builders.lack(builder)) {
                problem(
                        place,
                        "%s names builder '%s', which no master has: add it to builders, or set multi_master: true if another master's file has it"
                                .formatted(called, builder));
            }
        }
    }

    /** What schedulers say of other parts of the file. */
    private void references(Configuration configuration, Names schedulers) {
        Names codebases = new Names("codebases", configuration.codebases(), Codebase::name);
        configuration.codebases().stream()
                .filter(Objects::nonNull)
                .map(Codebase::name)
                .filter(Objects::nonNull)
                .forEach(codebases::add);
        Set<String> renamed = new HashSet<>();
        for (int i = 0; i < configuration.schedulers().size(); i++) {
            @Nullable ConfiguredScheduler scheduler = configuration.schedulers().get(i);
            if (scheduler == null) {
                continue;
            }
            String at =
                    "/schedulers/%d/%s".formatted(i, typeOf(ConfiguredScheduler.class, scheduler));
            String called = called("scheduler", scheduler.name());
            renamedFrom(at, called, scheduler, schedulers, renamed);
            if (scheduler.codebases() != null && !configuration.codebases().isEmpty()) {
                for (String codebase : scheduler.codebases().byName().keySet()) {
                    if (!codebase.isEmpty() && codebases.lack(codebase)) {
                        problem(
                                at + "/codebases",
                                "%s: there is no codebase '%s' in this file: add it to codebases"
                                        .formatted(called, codebase));
                    }
                }
            }
            if (scheduler instanceof ConfiguredScheduler.Dependent dependent
                    && dependent.upstream() != null) {
                upstream(at, called, dependent, schedulers, configuration.multiMaster());
            }
        }
    }

    /**
     * The schedulers that steps ask for builds.
     *
     * @param knowsAll whether no other master can have further ones
     */
    private void triggered(Configuration configuration, Names schedulers, boolean knowsAll) {
        Map<String, ConfiguredScheduler> byName = new HashMap<>();
        configuration.schedulers().stream()
                .filter(it -> it != null && it.name() != null)
                .forEach(it -> byName.put(it.name(), it));
        for (int i = 0; i < configuration.builders().size(); i++) {
            Configuration.@Nullable Builder builder = configuration.builders().get(i);
            if (builder == null || builder.factory() == null) {
                continue;
            }
            for (int j = 0; j < builder.factory().size(); j++) {
                @Nullable ConfiguredStep step = builder.factory().get(j);
                if (step != null && step.step().schedulerNames() != null) {
                    String called = called("builder", builder.name());
                    triggered(
                            "/builders/%d/factory/%d/%s/scheduler_names"
                                    .formatted(i, j, step.type()),
                            "%s: a %s step".formatted(called, step.type()),
                            step.step().schedulerNames(),
                            byName,
                            name -> knowsAll && schedulers.lack(name));
                }
            }
        }
    }

    private void triggered(
            String list,
            String called,
            List<String> names,
            Map<String, ConfiguredScheduler> byName,
            Predicate<String> isMissing) {
        for (int i = 0; i < names.size(); i++) {
            @Nullable String name = names.get(i);
            // What is interpolated is known when the step runs.
            if (name != null && !name.isBlank() && !Interpolation.mayBeIn(name)) {
                triggered(list + "/" + i, called, name, byName.get(name), isMissing.test(name));
            }
        }
    }

    private void triggered(
            String at,
            String called,
            String name,
            @Nullable ConfiguredScheduler scheduler,
            boolean isMissing) {
        if (isMissing) {
            problem(
                    at,
                    "%s triggers scheduler '%s', which is not in this file: add it to schedulers, or set multi_master: true if another master's file has it"
                            .formatted(called, name));
        } else if (scheduler != null
                && !(scheduler instanceof ConfiguredScheduler.Triggerable)
                && !(scheduler instanceof ConfiguredScheduler.NightlyTriggerable)) {
            problem(
                    at,
                    "%s triggers scheduler '%s', which is of type %s: name one of type triggerable or nightly_triggerable"
                            .formatted(called, name, typeOf(ConfiguredScheduler.class, scheduler)));
        }
    }

    private void upstream(
            String at,
            String called,
            ConfiguredScheduler.Dependent dependent,
            Names schedulers,
            boolean multiMaster) {
        String upstream = String.valueOf(dependent.upstream());
        if (upstream.equals(dependent.name())) {
            problem(at + "/upstream", called + " follows itself: name another scheduler");
        } else if (!multiMaster && schedulers.lack(upstream)) {
            problem(
                    at + "/upstream",
                    "%s follows scheduler '%s', which is not in this file: add it to schedulers, or set multi_master: true if another master's file has it"
                            .formatted(called, upstream));
        }
    }

    /** The key under which one of several types is written. */
    private static <T> String typeOf(Class<T> union, T member) {
        return Stream.of(union.getAnnotation(JsonSubTypes.class).value())
                .filter(it -> it.value() == member.getClass())
                .map(JsonSubTypes.Type::name)
                .findFirst()
                .orElseThrow();
    }

    private void changeSource(String within, @Nullable ChangeSource source) {
        if (!(source instanceof GitPoller poller)) {
            problem(within, "a change source is empty: write git_poller: {...}");
            return;
        }
        new GitPollerCheck(within + "/git_poller", this::problem, this::missing).check(poller);
    }

    private void secrets(int index, @Nullable ConfiguredSecrets secrets) {
        String at = "/secrets/" + index;
        if (secrets == null) {
            problem(at, "a source of secrets is empty: write file: {directory: ...}");
            return;
        }
        String type = typeOf(ConfiguredSecrets.class, secrets);
        new SecretsCheck(
                        at + "/" + type,
                        "secrets[%d].%s".formatted(index, type),
                        this::problem,
                        this::missing)
                .check(secrets);
    }

    private void name(String at, String kind, @Nullable String name, Names others) {
        if (name == null) {
            missing(at, "name", "a %s has no name: add name: ...".formatted(kind));
        } else if (name.isBlank()) {
            problem(at + "/name", "a %s has an empty name: write name: ...".formatted(kind));
        } else if (isNoName(name)) {
            problem(at + "/name", "%s '%s': %s".formatted(kind, name, NAME_RULE));
            others.add(name);
        } else if (!others.add(name)) {
            problem(at + "/name", "there are two %ss named '%s': rename one".formatted(kind, name));
        }
    }

    private void badReference(String at, String naming, @Nullable String name) {
        problem(at, "%s '%s': %s".formatted(naming, name == null ? "" : name, NAME_RULE));
    }

    private static boolean isNoName(@Nullable String name) {
        return name == null
                || name.isBlank()
                || !name.equals(name.strip())
                || name.length() > LONGEST_NAME;
    }

    private static String called(String kind, @Nullable String name) {
        return name == null ? "a " + kind + " without a name" : kind + " " + name;
    }
}
