package io.buildledger.builder.logging;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.configuring.Size;
import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Page;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A step that prints and prints. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LogVolumeTest {

    private static final int WRITES = 4096;

    @Test
    void of_a_log_of_64_MiB_the_ends_are_kept_and_the_disk_holds_no_more(@TempDir Path directory)
            throws IOException {
        byte[] some = text().getBytes(StandardCharsets.UTF_8);
        int linesOfSome = (int) text().lines().count();
        try (TestLog test = new TestLog()) {
            StepLogs logs = new StepLogs(test.jdbc);
            LogShipper shipper = new LogShipper(logs, directory);
            shipper.use(new LogLimits(Size.ofMib(1), Size.ofKib(256)));
            long most = 0;
            try (shipper) {
                try (StepOutput output = shipper.open("linux", 1, 1, "stdio")) {
                    for (int i = 0; i < WRITES; i++) {
                        output.write(Source.STDOUT, some, some.length);
                        most = Math.max(most, i % 64 == 0 ? size(directory) : 0);
                    }
                    output.header("exit code 0");
                }
                boolean more = true;
                while (more) {
                    more = shipper.runOnce();
                }
            }

            assertThat(most).isLessThan(Size.ofKib(1024 + 2 * 256 + 100).bytes());
            long lines = 0;
            long text = 0;
            List<Line> headers = new ArrayList<>();
            for (Page page = logs.read("linux", 1, 1, "stdio", 0);
                    !page.lines().isEmpty();
                    page = logs.read("linux", 1, 1, "stdio", page.next())) {
                lines += page.lines().size();
                for (Line line : page.lines()) {
                    text += line.text().length() + 2;
                    if (line.source() == Source.HEADER) {
                        headers.add(line);
                    }
                }
            }
            assertThat(text).isBetween(Size.ofKib(1279).bytes(), Size.ofKib(1281).bytes());
            // Of the lines that were kept three are not the step's.
            long out = (long) WRITES * linesOfSome - (lines - 3);
            assertThat(headers)
                    .extracting(Line::text)
                    .satisfiesExactly(
                            full -> assertThat(full).contains("log_max_size"),
                            note ->
                                    assertThat(note)
                                            .startsWith(
                                                    String.format(
                                                            Locale.ROOT,
                                                            "%,d lines are left out here, ",
                                                            out)),
                            end -> assertThat(end).isEqualTo("exit code 0"));
        }
    }

    /** 16 KiB, as a pipe is read. */
    private static String text() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; text.length() < 16 * 1024 - 100; i++) {
            text.append("[%4d] compiling module_%d/source_%d.c with -O2%n".formatted(i, i % 7, i));
        }
        return text.append("=".repeat(16 * 1024 - text.length() - 1)).append('\n').toString();
    }

    private static long size(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }
}
