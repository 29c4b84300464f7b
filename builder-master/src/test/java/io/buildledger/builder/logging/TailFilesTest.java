package io.buildledger.builder.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TailFilesTest {

    private static final String HEAD = "linux 1 1 stdio\nofirst\n";

    @TempDir Path directory;

    /**
     * A master that is killed leaves some of what it last wrote, whole lines or not, and perhaps a
     * part of what it was about to append.
     */
    @Test
    void whenever_a_master_is_killed_the_last_lines_are_there_and_those_left_out_are_counted()
            throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 100; round++) {
            Path life = Files.createDirectory(directory.resolve("life" + round));
            Path spool = Files.writeString(life.resolve("a.spool"), HEAD);
            long limit = 1L + random.nextInt(300);
            List<String> written = new ArrayList<>();
            try (TailFiles tail = new TailFiles(spool, HEAD.length(), limit)) {
                for (int i = random.nextInt(60); i >= 0; i--) {
                    List<String> lines = new ArrayList<>();
                    for (int j = random.nextInt(5); j >= 0; j--) {
                        lines.add("o" + written.size() + "x".repeat(random.nextInt(40)) + "\n");
                        written.add(lines.getLast());
                    }
                    tail.write(
                            String.join("", lines).getBytes(StandardCharsets.US_ASCII),
                            lines.size());
                    assertThat(size(life)).isLessThan(HEAD.length() + 2 * limit + 600);
                }
            }
            Path killed = directory.resolve("killed" + round);
            FileSystemUtils.copyRecursively(life, killed);
            int lost = cut(killed, random);
            if (lost < written.size() && random.nextBoolean()) {
                Files.writeString(
                        killed.resolve("a.spool"), "hhalf of what", StandardOpenOption.APPEND);
            }

            requireTail(killed, written.subList(0, written.size() - lost), limit, seed);
            requireTail(life, written, limit, seed);
        }
    }

    private static long size(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    /** Takes bytes from the end of the last file, and returns how many lines they were. */
    private static int cut(Path directory, Random random) throws IOException {
        Path last;
        try (Stream<Path> files = Files.list(directory)) {
            last =
                    files.filter(file -> file.toString().contains(".tail-"))
                            .max((a, b) -> Integer.compare(number(a), number(b)))
                            .orElseThrow();
        }
        String text = Files.readString(last);
        int begin = random.nextInt(10) == 0 ? 0 : text.indexOf('\n') + 1;
        int end = begin + random.nextInt(text.length() - begin + 1);
        try (FileChannel channel = FileChannel.open(last, StandardOpenOption.WRITE)) {
            channel.truncate(end);
        }
        int lines = (int) text.chars().filter(c -> c == '\n').count();
        int left = (int) text.substring(0, end).chars().filter(c -> c == '\n').count();
        return left == 0 ? lines - 1 : lines - left;
    }

    private static int number(Path file) {
        return Integer.parseInt(file.toString().replaceFirst(".*\\.tail-", ""));
    }

    private static void requireTail(Path directory, List<String> written, long limit, long seed)
            throws IOException {
        Path spool = directory.resolve("a.spool");
        assertThat(TailFiles.moveTo(spool)).isEqualTo(Files.size(spool));

        String text = Files.readString(spool);
        assertThat(text).as("seed %d", seed).startsWith(HEAD);
        String tail = text.substring(HEAD.length());
        int kept = 0;
        int size = 0;
        while (kept < written.size()
                && size + written.get(written.size() - 1 - kept).length() <= limit) {
            size += written.get(written.size() - 1 - kept).length();
            kept++;
        }
        List<String> out = written.subList(0, written.size() - kept);
        String note =
                out.isEmpty()
                        ? ""
                        : "h%d %s left out here %d bytes\n"
                                .formatted(
                                        out.size(),
                                        out.size() == 1 ? "line is" : "lines are",
                                        out.stream().mapToInt(line -> line.length() - 1).sum());
        String expected = String.join("", written.subList(written.size() - kept, written.size()));
        assertThat(tail.replace(",", "")).as("seed %d", seed).isEqualTo(note + expected);
        assertThat(size(directory)).isEqualTo(Files.size(spool));
    }
}
