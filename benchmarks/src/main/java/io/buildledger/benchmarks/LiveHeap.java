package io.buildledger.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a Java process can reach on its heap. */
final class LiveHeap {

    /** The last line of a histogram, which is made after a collection: objects and bytes. */
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)\\s*$");

    private LiveHeap() {}

    /** Collects another process's garbage, and returns how much is left. */
    static double megabytes(long pid) throws InterruptedException {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        String.valueOf(pid),
                        "GC.class_histogram");
        String said;
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new RunFailedException("jcmd has ended with %d: %s".formatted(status, said));
            }
        } catch (IOException e) {
            throw new RunFailedException("jcmd can't be run: " + e.getMessage(), e);
        }
        Matcher total = TOTAL.matcher(said);
        if (!total.find()) {
            throw new RunFailedException("jcmd says nothing of the heap's size");
        }
        return Long.parseLong(total.group(1)) / 1e6;
    }
}
