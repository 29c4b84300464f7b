package io.buildledger.configuring;

import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.database.Database;
import io.buildledger.domain.mastering.BuilderDescription;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.domain.mastering.ProjectDescription;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/** A configuration file that was read and checked. */
public final class ConfigurationFile {

    private final Path file;
    private final Configuration configuration;
    private final YamlPositions positions;

    private ConfigurationFile(Path file, ConfigurationReader.Reading reading) {
        this.file = file;
        this.configuration = reading.configuration();
        this.positions = reading.positions();
    }

    /**
     * Reads and checks a file.
     *
     * @throws InvalidConfigurationException with all that is wrong
     */
    public static ConfigurationFile read(Path file) {
        StepTypes.requireUsable();
        LatentTypes.requireUsable();
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new InvalidConfigurationException(List.of(file + ": there is no such file"));
        } catch (MalformedInputException e) {
            throw new InvalidConfigurationException(List.of(file + ": is not UTF-8 text"));
        } catch (IOException e) {
            throw new InvalidConfigurationException(
                    List.of(file + ": can't be read: " + e.getMessage()));
        }
        return new ConfigurationFile(file, new ConfigurationReader(file).read(text));
    }

    /**
     * Checks a text that somebody sent as {@link #read} does that of a file. No file is looked for,
     * whatever the text names, and nobody is connected to. Of what is wrong with it, {@value
     * ConfigurationReader#MOST_TOLD_OF_SENT} things are told at most.
     *
     * @param called how the text is called where it is told what is wrong
     * @throws InvalidConfigurationException with what is wrong
     */
    public static ConfigurationFile ofSent(String called, String text) {
        StepTypes.requireUsable();
        LatentTypes.requireUsable();
        Path file = Path.of(called);
        return new ConfigurationFile(file, ConfigurationReader.ofSent(file).read(text));
    }

    /**
     * The same file, as it is now.
     *
     * @throws InvalidConfigurationException with all that is wrong
     */
    public ConfigurationFile readAgain() {
        return read(file);
    }

    /** What this file says otherwise than it did before, one line each, without secrets. */
    public List<String> differencesFrom(ConfigurationFile before) {
        return Difference.between(before.configuration, configuration).stream()
                .map(Difference::text)
                .toList();
    }

    /**
     * Which of the differences a master can't take over while it runs, one line each.
     *
     * @param role {@code scheduler} or {@code builder}
     */
    public List<String> needingRestart(ConfigurationFile before, String role) {
        return Difference.between(before.configuration, configuration).stream()
                .filter(it -> RestartKeys.has(it.key(), role))
                .map(it ->
                        "%s:%s: %s: a master reads '%s' only when it starts: restart it, or put the former value back"
                                .formatted(file, positions.of("/" + it.key()), it.text(), it.key()))
                .toList();
    }

    public Configuration configuration() {
        return configuration;
    }

    /**
     * Looks also for what a master needs beside the file, on this machine: the files of passwords,
     * secrets and keys.
     *
     * @throws InvalidConfigurationException with all that can't be read
     */
    public void check() {
        List<String> problems = new ArrayList<>();
        for (Runnable read :
                List.<Runnable>of(
                        this::password,
                        this::hookSecrets,
                        this::workerPasswords,
                        this::clientSecret)) {
            try {
                read.run();
            } catch (InvalidConfigurationException e) {
                problems.addAll(e.problems());
            }
        }
        for (int i = 0; i < configuration.changeSources().size(); i++) {
            if (configuration.changeSources().get(i) instanceof GitPoller poller) {
                String at = "/change_sources/" + i + "/git_poller/";
                if (poller.auth() != null) {
                    readable(at + "auth/password_file", poller.auth().passwordFile(), problems);
                }
                readable(at + "ssh_private_key_file", poller.sshPrivateKeyFile(), problems);
                readable(at + "ssh_known_hosts_file", poller.sshKnownHostsFile(), problems);
            }
        }
        if (configuration.traces() != null) {
            readable("/traces/headers_file", configuration.traces().headersFile(), problems);
        }
        readable(
                "/worker_protocol/tls_certificate_file",
                configuration.workerProtocol().tlsCertificateFile(),
                problems);
        readable(
                "/worker_protocol/tls_key_file",
                configuration.workerProtocol().tlsKeyFile(),
                problems);
        if (!problems.isEmpty()) {
            throw new InvalidConfigurationException(problems);
        }
    }

    private void readable(String pointer, @Nullable Path named, List<String> problems) {
        if (named == null) {
            return;
        }
        Path path = beside(named);
        String key = pointer.substring(pointer.lastIndexOf('/') + 1);
        if (!Files.isRegularFile(path)) {
            problems.add(
                    "%s:%s: %s: there is no file %s"
                            .formatted(file, positions.of(pointer), key, path));
        } else if (!Files.isReadable(path)) {
            problems.add(
                    "%s:%s: %s: this user may not read %s: allow it"
                            .formatted(file, positions.of(pointer), key, path));
        }
    }

    /**
     * The secrets of the change hooks that are configured, by the names of the hooks; that of
     * {@code base} is its password.
     *
     * @throws InvalidConfigurationException if the file of one can't be read
     */
    public Map<String, String> hookSecrets() {
        ChangeHooks hooks = configuration.changeHooks();
        Map<String, String> secrets = new TreeMap<>();
        if (hooks.base() != null) {
            secrets.put(
                    "base",
                    hookSecret(
                            "base",
                            "password",
                            hooks.base().password(),
                            hooks.base().passwordFile()));
        }
        hooks.forges()
                .forEach((name, forge) ->
                        secrets.put(
                                name,
                                hookSecret(name, "secret", forge.secret(), forge.secretFile())));
        return secrets;
    }

    /**
     * The passwords of the workers that attach, by the names of the workers.
     *
     * @throws InvalidConfigurationException if the file of one can't be read
     */
    public Map<String, String> workerPasswords() {
        Map<String, String> passwords = new TreeMap<>();
        for (int i = 0; i < configuration.workers().size(); i++) {
            Configuration.Worker worker = configuration.workers().get(i);
            if (worker.password() != null) {
                passwords.put(worker.name(), worker.password());
            } else if (worker.passwordFile() != null) {
                String pointer = "/workers/" + i + "/password_file";
                String text = contents(pointer, "password", worker.passwordFile());
                if (text.isEmpty()) {
                    throw problem(
                            pointer,
                            beside(worker.passwordFile()) + " is empty: write the password to it");
                }
                passwords.put(worker.name(), text);
            }
        }
        return passwords;
    }

    /**
     * What this cluster shows the provider of OpenID Connect, as which it is configured.
     *
     * @return null if there is no provider
     * @throws InvalidConfigurationException if its file can't be read, or is empty
     */
    public @Nullable String clientSecret() {
        Access access = configuration.access();
        if (access == null || access.oidc() == null) {
            return null;
        }
        String pointer = "/access/oidc/client_secret_file";
        String text = contents(pointer, "secret", access.oidc().clientSecretFile());
        if (text.isEmpty()) {
            throw problem(
                    pointer,
                    beside(access.oidc().clientSecretFile())
                            + " is empty: write the client's secret to it");
        }
        return text;
    }

    private String hookSecret(
            String hook, String kind, @Nullable String secret, @Nullable Path secretFile) {
        if (secretFile == null) {
            return Objects.requireNonNull(secret);
        }
        String text = contents("/change_hooks/%s/%s_file".formatted(hook, kind), kind, secretFile);
        if (text.isEmpty()) {
            throw problem(
                    "/change_hooks/%s/%s_file".formatted(hook, kind),
                    beside(secretFile) + " is empty: write the " + kind + " to it");
        }
        return text;
    }

    /**
     * The database that the file names.
     *
     * @throws InvalidConfigurationException if the password's file can't be read
     */
    public Database database() {
        return new Database(configuration.dbUrl(), configuration.dbUser(), password());
    }

    private String password() {
        Path passwordFile = configuration.dbPasswordFile();
        if (passwordFile == null) {
            String password = configuration.dbPassword();
            return password == null ? "" : password;
        }
        return contents("/db_password_file", "password", passwordFile);
    }

    /**
     * A file's text.
     *
     * @param pointer of the key that names the file
     * @param kind what the file holds
     */
    private String contents(String pointer, String kind, Path named) {
        Path path = beside(named);
        try {
            return Files.readString(path).strip();
        } catch (NoSuchFileException e) {
            throw problem(pointer, "there is no file %s: write the %s to it".formatted(path, kind));
        } catch (AccessDeniedException e) {
            throw problem(pointer, "this user may not read " + path + ": allow it");
        } catch (MalformedInputException e) {
            throw problem(
                    pointer, "%s is not UTF-8 text: write the %s to it".formatted(path, kind));
        } catch (IOException e) {
            throw problem(
                    pointer, path + " can't be read: name a file of text (" + e.getMessage() + ")");
        }
    }

    private InvalidConfigurationException problem(String pointer, String message) {
        return new InvalidConfigurationException(
                List.of(problemAt(pointer, ConfigurationReader.pathOf(pointer), message)));
    }

    /**
     * What is wrong at a place of this file, in one line as {@link #read} tells it, for those who
     * find more than what the file itself shows.
     *
     * @param pointer JSON pointer of the key
     * @param called how the line names it
     */
    public String problemAt(String pointer, String called, String message) {
        return "%s:%s: %s: %s".formatted(file, positions.of(pointer), called, message);
    }

    /** Where a builder master of this name keeps its builds. */
    public Path basedir(String master) {
        Path basedir = configuration.basedir();
        return beside(basedir == null ? Path.of("builds") : basedir).resolve(master);
    }

    /** Where the store {@code disk} keeps artifacts. */
    public Path artifactDirectory() {
        Path directory = configuration.artifacts().directory();
        return beside(directory == null ? Path.of("artifacts") : directory);
    }

    /** Where the file is; paths in it are relative to this. */
    public Path directory() {
        return beside(Path.of(""));
    }

    /** Where a path that the file has leads: a relative one begins at the file's directory. */
    public Path beside(Path path) {
        return file.toAbsolutePath().resolveSibling(path).normalize();
    }

    /** The file's schedulers, ready to decide. */
    public List<BoundScheduler> schedulers() {
        return configuration.schedulers().stream()
                .map(it -> BoundScheduler.of(it, configuration.schedulers()))
                .toList();
    }

    /** Of each builder of the file, by its name, what tells apart what it does. */
    public Map<String, String> fingerprints() {
        return configuration.builders().stream()
                .collect(
                        Collectors.toMap(
                                Configuration.Builder::name, ConfigurationFile::fingerprint));
    }

    /** What the file tells people of its builders. */
    public Descriptions descriptions() {
        Map<String, BuilderDescription> builders = new TreeMap<>();
        Map<String, ProjectDescription> projects = new TreeMap<>();
        for (Configuration.Builder builder : configuration.builders()) {
            BuilderDescription description =
                    new BuilderDescription(
                            builder.tags(),
                            builder.description(),
                            builder.project(),
                            policy(builder));
            if (!description.equals(BuilderDescription.NONE)) {
                builders.put(builder.name(), description);
            }
            configuration.projects().stream()
                    .filter(project -> project.name().equals(builder.project()))
                    .forEach(project ->
                            projects.put(
                                    project.name(),
                                    new ProjectDescription(project.description(), project.url())));
        }
        return new Descriptions(builders, projects);
    }

    private static @Nullable String policy(Configuration.Builder builder) {
        List<String> policies = new ArrayList<>();
        if (builder.nextBuild().order() == NextBuildRule.Order.NEWEST_FIRST) {
            policies.add("next_build: newest_first");
        }
        if (builder.nextBuild().prefer() != null) {
            policies.add("next_build: prefer");
        }
        switch (builder.nextWorker()) {
            case FIRST_FREE -> {}
            case LEAST_BUSY -> policies.add("next_worker: least_busy");
            case LAST_USED -> policies.add("next_worker: last_used");
        }
        if (builder.canStartBuild() != null) {
            policies.add("can_start_build");
        }
        return policies.isEmpty() ? null : String.join(", ", policies);
    }

    /**
     * Tells apart what builders do: the first 12 hexadecimal digits of the SHA-256 of steps,
     * environment and properties. What decides who builds it, and when, is not in it, and neither
     * is what people are told of it.
     */
    public static String fingerprint(Configuration.Builder builder) {
        Work work =
                new Work(
                        builder.env(),
                        builder.properties(),
                        builder.defaultProperties(),
                        builder.factory());
        return DigestUtils.sha256Hex(CanonicalForm.of(work)).substring(0, 12);
    }

    /** What a builder does. */
    private record Work(
            Map<String, String> env,
            Map<String, Object> properties,
            Map<String, Object> defaultProperties,
            List<ConfiguredStep> factory) {
        Work {
            env = env == null ? Map.of() : env;
            properties = properties == null ? Map.of() : properties;
            defaultProperties = defaultProperties == null ? Map.of() : defaultProperties;
            factory = factory == null ? List.of() : factory;
        }
    }
}
