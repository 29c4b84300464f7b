package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.springframework.util.FileSystemUtils;

/**
 * The next version of this program, from a copy of its sources: with an event of a new type, a
 * further revision of one and its upcaster, a further component of a third, and a migration.
 */
final class NextProgram implements Program {

    /** Of the migration that it has besides those of this program. */
    static final int SCHEMA = 9001;

    private static final Path TREE = Path.of("..").toAbsolutePath().normalize();
    private static final List<String> MODULES =
            List.of("domain", "shared-schema", "builder-master", "scheduler-master");
    private static final Map<String, String> MAIN_CLASS_OF =
            Map.of(
                    "builder-master",
                    "io.buildledger.builder.BuilderMaster",
                    "scheduler-master",
                    "io.buildledger.scheduler.Buildledger");

    private final Path directory;

    /**
     * @param directory is filled with the copy, and what is made of it
     */
    NextProgram(Path directory) throws IOException {
        this.directory = directory;
        for (String module : MODULES) {
            Path from = TREE.resolve(Path.of(module, "src", "main"));
            FileSystemUtils.copyRecursively(from, directory.resolve(module));
        }
        change();
        for (String role : MAIN_CLASS_OF.keySet()) {
            unpackLibraries(role);
        }
        compile();
    }

    private void change() throws IOException {
        Path events = directory.resolve("domain/java/io/buildledger/domain/requesting");
        replace(
                events.resolve("BuildRequestEvent.java"),
                "record BuildStarted(long requestId, int attempt) implements BuildRequestEvent {}",
                """
                record BuildStarted(long requestId, int attempt, @Nullable String machine) implements BuildRequestEvent {
                    public BuildStarted(long requestId, int attempt) {
                        this(requestId, attempt, "a machine");
                    }
                }
                """);
        replace(
                events.resolve("BuildRequestEvent.java"),
                """
                    record BuildRequestCompleted(long requestId, int attempt, Results results, String summary)
                            implements BuildRequestEvent {}
                """,
                """
                record BuildRequestCompleted(long requestId, int attempt, Results results, String summary, String machine)
                        implements BuildRequestEvent {
                    public BuildRequestCompleted(long requestId, int attempt, Results results, String summary) {
                        this(requestId, attempt, results, summary, "a machine");
                    }
                }
                """);
        Files.writeString(
                events.resolve("BuildNoted.java"),
                """
                package io.buildledger.domain.requesting;

                public record BuildNoted(long requestId, String note) {}
                """);
        Path log = directory.resolve("shared-schema/java/io/buildledger/log");
        replace(
                log.resolve("EventNames.java"),
                "entry(BuildRequestEvent.BuildStarted.class,",
                """
                entry(io.buildledger.domain.requesting.BuildNoted.class, "build-noted"),
                entry(BuildRequestEvent.BuildStarted.class,\
                """);
        replace(
                log.resolve("EventNames.java"),
                "Map.of(BuildsetEvent.BuildsetSubmitted.class, \"2\"",
                "Map.of(BuildRequestEvent.BuildRequestCompleted.class, \"2\", BuildsetEvent.BuildsetSubmitted.class, \"2\"");
        replace(
                log.resolve("Upcasters.java"),
                "new Upcaster(\n                                    new Written(\"changes-scheduled\", \"1\"),",
                """
                new Upcaster(
                        new Written("build-request-completed", "1"),
                        new Written("build-request-completed", "2"),
                        event -> event.put("machine", "nobody knows")),
                new Upcaster(
                        new Written("changes-scheduled", "1"),\
                """);
        replace(
                directory.resolve(
                        "builder-master/java/io/buildledger/builder/claiming/ClaimedBuild.java"),
                "LOG.info(\"{}: started\", this);",
                """
                if (isRefused(place ->
                        Submission.of(
                                new Entry(
                                        io.buildledger.log.Streams.buildRequest(claim.requestId()),
                                        place,
                                        new io.buildledger.domain.requesting.BuildNoted(
                                                claim.requestId(), "by the next program"))))) {
                    return drop(null, OVER);
                }
                LOG.info("{}: started", this);
                """);
        replace(
                directory.resolve("shared-schema/java/io/buildledger/verifying/History.java"),
                "default -> throw new IllegalStateException(\"nobody judges \" + type);",
                """
                case io.buildledger.domain.requesting.BuildNoted _ -> {}
                default -> throw new IllegalStateException("nobody judges " + type);
                """);
        Path migrations = directory.resolve("shared-schema/resources/db/migration");
        Files.writeString(
                migrations.resolve("V" + SCHEMA + "__next_program.sql"),
                """
                ALTER TABLE master ADD COLUMN next_program VARCHAR(20) NULL;
                INSERT INTO schema_compatibility (version, oldest) VALUES (%d, %d);
                """
                        .formatted(SCHEMA, newest(migrations)));
    }

    private static int newest(Path migrations) throws IOException {
        try (Stream<Path> files = Files.list(migrations)) {
            return files.map(file -> file.getFileName().toString())
                    .mapToInt(name -> Integer.parseInt(name.substring(1, name.indexOf("__"))))
                    .max()
                    .orElseThrow();
        }
    }

    private static void replace(Path file, String before, String after) throws IOException {
        String source = Files.readString(file);
        assertThat(source).as(file.toString()).containsOnlyOnce(before);
        Files.writeString(file, source.replace(before, after));
    }

    private Path libraries(String role) {
        return directory.resolve(role + "-lib");
    }

    /** What the packaged masters have from others. */
    private void unpackLibraries(String role) throws IOException {
        Files.createDirectory(libraries(role));
        try (JarFile jar =
                new JarFile(TREE.resolve(Path.of(role, "target", role + ".jar")).toFile())) {
            for (JarEntry entry :
                    jar.stream().filter(it -> it.getName().endsWith(".jar")).toList()) {
                String name = Path.of(entry.getName()).getFileName().toString();
                if (MODULES.stream().noneMatch(name::startsWith)) {
                    try (InputStream content = jar.getInputStream(entry)) {
                        Files.copy(content, libraries(role).resolve(name));
                    }
                }
            }
        }
    }

    private void compile() throws IOException {
        Path classes = Files.createDirectory(directory.resolve("classes"));
        List<Path> sources = new ArrayList<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(directory.resolve(Path.of(module, "java")))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        List<Path> libraries = new ArrayList<>();
        for (Path some :
                List.of(
                        libraries("builder-master"),
                        libraries("scheduler-master"),
                        // Of the demo's database, which masters don't carry.
                        TREE.resolve(Path.of("scheduler-master", "target", "embedded")))) {
            try (Stream<Path> files = Files.list(some)) {
                files.forEach(libraries::add);
            }
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter told = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            files.setLocationFromPaths(javax.tools.StandardLocation.CLASS_PATH, libraries);
            boolean isCompiled =
                    compiler.getTask(
                                    told,
                                    files,
                                    null,
                                    List.of(
                                            "-d",
                                            classes.toString(),
                                            "-parameters",
                                            "-proc:none",
                                            "-nowarn"),
                                    null,
                                    files.getJavaFileObjectsFromPaths(sources))
                            .call();
            assertThat(isCompiled).as(told::toString).isTrue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<String> launch(String role) {
        return List.of(
                "-cp",
                Stream.of(
                                directory.resolve("classes"),
                                directory.resolve(Path.of("shared-schema", "resources")),
                                directory.resolve(Path.of(role, "resources")),
                                libraries(role).resolve("*"))
                        .map(Path::toString)
                        .collect(java.util.stream.Collectors.joining(java.io.File.pathSeparator)),
                MAIN_CLASS_OF.get(role));
    }
}
