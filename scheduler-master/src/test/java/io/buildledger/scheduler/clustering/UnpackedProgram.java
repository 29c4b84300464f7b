package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;
import org.springframework.util.FileSystemUtils;

/**
 * A packaged program, unpacked by the tool that is in its jars, with a cache of the classes that a
 * first life of its masters has loaded (JEP 514). It runs the same code, and takes half of the
 * processor's time to start.
 */
final class UnpackedProgram implements Program {

    private static final String SCHEDULER = "scheduler-master";
    private static final String BUILDER = "builder-master";

    private final Program packaged;
    private final Path directory;
    private boolean isUnpacked;

    /**
     * @param directory is kept for the next run, and made anew when the jars are newer
     */
    UnpackedProgram(Program packaged, Path directory) {
        this.packaged = packaged;
        this.directory = directory.toAbsolutePath();
    }

    @Override
    public List<String> launch(String role) {
        unpack();
        List<String> jar = List.of("-jar", unpacked(role).toString());
        if (!Files.isRegularFile(cache(role))) {
            return jar;
        }
        // Of a cache that it can't use a virtual machine would tell among what the master prints.
        return Stream.concat(
                        Stream.of(
                                "-XX:AOTCache=" + cache(role), "-Xlog:aot*=off", "-Xlog:cds*=off"),
                        jar.stream())
                .toList();
    }

    private synchronized void unpack() {
        if (isUnpacked) {
            return;
        }
        Path lock = directory.resolveSibling(directory.getFileName() + ".lock");
        // Tests run in two virtual machines, and one of them unpacks for both.
        try (FileChannel channel =
                        FileChannel.open(
                                lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            if (isOlderThanItsJar(SCHEDULER) || isOlderThanItsJar(BUILDER)) {
                FileSystemUtils.deleteRecursively(directory);
                unpack(SCHEDULER);
                unpack(BUILDER);
                train();
            }
            isUnpacked = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean isOlderThanItsJar(String role) {
        return cache(role).toFile().lastModified() < jar(role).toFile().lastModified();
    }

    private Path jar(String role) {
        return Path.of(packaged.launch(role).getLast());
    }

    private Path unpacked(String role) {
        return directory.resolve(role).resolve(role + ".jar");
    }

    private Path cache(String role) {
        return directory.resolve(role).resolve("classes.aot");
    }

    private void unpack(String role) throws IOException, InterruptedException {
        Process tool =
                new ProcessBuilder(
                                Cluster.JAVA,
                                "-Djarmode=tools",
                                "-jar",
                                jar(role).toString(),
                                "extract",
                                "--destination",
                                directory.resolve(role).toString())
                        .inheritIO()
                        .start();
        assertThat(tool.waitFor()).as("unpacking %s", role).isZero();
    }

    /** Where that does not work, masters start without a cache, and take longer. */
    private void train() throws InterruptedException {
        try (Cluster cluster = new Cluster("", "", "")) {
            cluster.use(role ->
                    List.of(
                            "-XX:AOTCacheOutput=" + cache(role),
                            "-jar",
                            unpacked(role).toString()));
            cluster.start("s", "b");
            cluster.tellToStop("s");
            // Each makes its cache as it ends.
            cluster.stop("b");
            cluster.stop("s");
        } catch (ConditionTimeoutException | TerminalFailureException e) {
            System.out.println("masters start without a cache of their classes: " + e);
        }
    }
}
