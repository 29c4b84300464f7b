package io.buildledger.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where the threads of masters were found when Flight Recorder looked at them. It looks at those
 * that wait for the server half as often as at those that compute, so the two are told apart, and
 * shares are of their own kind.
 */
final class MasterProfile {

    /**
     * @param percent of what was seen of this thread in this state
     * @param state {@code waits} for the server, or {@code computes}
     * @param on which kind of message to the server, if any
     * @param where the product's methods, innermost first
     */
    record Place(
            String run, String thread, String state, double percent, String on, String where) {}

    private record Seen(String thread, String state, String on, String where) {}

    private static final int SHOWN = 8;
    private static final int FRAMES = 2;
    private static final String PRODUCT = "io.buildledger.";
    private static final String WAITS = "jdk.NativeMethodSample";
    private static final String COMPUTES = "jdk.ExecutionSample";

    /** Those that everything a master does goes through. */
    private static final Set<String> THREADS = Set.of("claim", "group-commit");

    private MasterProfile() {}

    /** What has each master write a recording into the directory when it ends. */
    static String javaOption(Path directory) {
        return "-XX:StartFlightRecording=filename=%s/,settings=profile".formatted(directory);
    }

    static List<Place> of(Path directory, String run) {
        Map<Seen, Long> seen = new HashMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
                    seen(event).ifPresent(place -> seen.merge(place, 1L, Long::sum));
                }
            }
        } catch (IOException e) {
            throw new RunFailedException(
                    "the masters' recordings can't be read: " + e.getMessage(), e);
        }
        Map<String, Long> all =
                seen.entrySet().stream()
                        .collect(
                                Collectors.groupingBy(
                                        entry -> kind(entry.getKey()),
                                        Collectors.summingLong(Map.Entry::getValue)));
        return all.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .flatMap(kind ->
                        seen.entrySet().stream()
                                .filter(entry -> kind(entry.getKey()).equals(kind.getKey()))
                                .sorted(Comparator.comparingLong(entry -> -entry.getValue()))
                                .limit(SHOWN)
                                .map(entry ->
                                        place(
                                                run,
                                                entry.getKey(),
                                                100.0 * entry.getValue() / kind.getValue())))
                .toList();
    }

    private static String kind(Seen seen) {
        return seen.thread() + " " + seen.state();
    }

    private static Place place(String run, Seen seen, double percent) {
        return new Place(run, seen.thread(), seen.state(), percent, seen.on(), seen.where());
    }

    private static Optional<Seen> seen(RecordedEvent event) {
        String type = event.getEventType().getName();
        RecordedStackTrace stack = event.getStackTrace();
        if (stack == null || !(type.equals(WAITS) || type.equals(COMPUTES))) {
            return Optional.empty();
        }
        RecordedThread thread = event.getThread("sampledThread");
        if (thread == null || !THREADS.contains(thread.getJavaName())) {
            return Optional.empty();
        }
        List<String> methods = stack.getFrames().stream().map(MasterProfile::method).toList();
        return Optional.of(
                new Seen(
                        thread.getJavaName(),
                        type.equals(WAITS) ? "waits" : "computes",
                        message(methods),
                        methods.stream()
                                .filter(method -> method.startsWith(PRODUCT))
                                .map(method -> method.substring(PRODUCT.length()))
                                .filter(method -> !method.matches(".*(lambda\\$|\\$\\$Lambda).*"))
                                .limit(FRAMES)
                                .collect(Collectors.joining(" < "))));
    }

    private static String method(RecordedFrame frame) {
        return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
    }

    private static String message(List<String> methods) {
        String driver = "com.mysql.cj.jdbc.";
        if (methods.contains(driver + "ConnectionImpl.commit")) {
            return "commit";
        }
        if (methods.contains(driver + "ConnectionImpl.setAutoCommit")) {
            return "autocommit";
        }
        if (methods.contains(driver + "ConnectionImpl.isReadOnly")) {
            return "is read only?";
        }
        return methods.stream().anyMatch(method -> method.startsWith(driver)) ? "statement" : "";
    }
}
