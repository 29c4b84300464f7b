package io.buildledger.scheduler.serving;

import io.buildledger.artifacts.ArtifactPath;
import io.buildledger.artifacts.ArtifactStore;
import io.buildledger.artifacts.DatabaseArtifacts;
import io.buildledger.artifacts.DiskArtifacts;
import io.buildledger.artifacts.Incoming;
import io.buildledger.artifacts.KeptArtifact;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.util.FileSystemUtils;

/** A build whose files a served log has, in the directory that its file names. */
public class StoredFiles {

    public static final Author B1 = new Author("b1", 1);
    public static final Path DIRECTORY = temporary();

    private static Path temporary() {
        try {
            return Files.createTempDirectory("artifacts");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes what all of its builds have left. */
    public static void remove() throws IOException {
        boolean _ = FileSystemUtils.deleteRecursively(DIRECTORY);
    }

    @Bean
    ConfigurationFile fileWithArtifacts() {
        return ServedLog.file("artifacts: {directory: '%s'}\n".formatted(DIRECTORY));
    }

    /** A build on the builder, of one step, which has left these files, all with these bytes. */
    public static void build(
            ServedLog served, String builder, String kind, byte[] bytes, String... paths)
            throws Exception {
        long change = served.story.change("a <a@example.org>", "abc", "x");
        served.story.fire(List.of(change), "abc", builder);
        Won won = served.story.claim(B1, builder);
        served.story.start(B1, won);
        long log = served.story.startStep(B1, won, 1, "upload");
        ArtifactStore store =
                kind.equals("disk")
                        ? new DiskArtifacts(DIRECTORY, "b1")
                        : new DatabaseArtifacts(served.test.jdbc, B1);
        int number = 0;
        for (String path : paths) {
            try (Incoming incoming = store.receive(builder, won.claim().buildNumber())) {
                try (OutputStream to = incoming.write(ArtifactPath.of(path))) {
                    to.write(bytes);
                }
                for (KeptArtifact kept : incoming.keep()) {
                    served.story.store(B1, won, 1, ++number, kept);
                }
            }
        }
        served.story.finishStep(B1, won, 1, log, Results.SUCCESS);
        served.story.complete(B1, won, Results.SUCCESS, "build successful");
    }
}
