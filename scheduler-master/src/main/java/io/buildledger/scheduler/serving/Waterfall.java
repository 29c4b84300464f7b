package io.buildledger.scheduler.serving;

import io.buildledger.viewing.Views;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Builds as bars in columns of their builders, the newest on top. What is beside each other was at
 * the same time, and what is lower was earlier; how long something took is told only roughly, as
 * each bar is high enough to be read and touched, and times in which nothing happened are short.
 *
 * @param columns by the names of their builders
 * @param bars in the order of the builds
 * @param marks of times, the newest first
 * @param width in pixels, as all positions
 * @param moreColumns how many builders have none
 */
record Waterfall(
        List<Column> columns,
        List<Bar> bars,
        List<Mark> marks,
        int width,
        int height,
        int moreColumns) {

    /**
     * @param x where it begins
     */
    record Column(String builder, int x) {}

    /**
     * @param y where it begins, which is where the build ended
     */
    record Bar(Views.Build build, int x, int y, int height) {}

    record Mark(Instant at, int y) {}

    static final int COLUMN = 104;
    static final int BAR = COLUMN - 8;

    /** What a finger can touch (WCAG 2.2, 2.5.8), and what a line of text needs. */
    static final int LEAST = 24;

    private static final int TIMES = 72;
    private static final int TOP = 40;
    private static final int BETWEEN = 4;
    private static final int MOST_OF_A_PAUSE = 48;
    private static final double PIXELS_OF_A_SECOND = 0.25;

    /**
     * @param builds in any order
     * @param now where those end that still run
     * @param most how many columns; of more builders those are left out that come last by name
     */
    static Waterfall of(List<Views.Build> builds, Instant now, int most) {
        TreeSet<String> builders = new TreeSet<>();
        builds.forEach(it -> builders.add(it.builder()));
        Map<String, Column> columns = new HashMap<>();
        for (String builder : builders) {
            if (columns.size() < most) {
                columns.put(builder, new Column(builder, TIMES + columns.size() * COLUMN));
            }
        }
        List<Views.Build> drawn =
                builds.stream().filter(it -> columns.containsKey(it.builder())).toList();
        Map<Instant, Integer> heights = heights(drawn, now);
        List<Bar> bars = new ArrayList<>();
        for (Views.Build build : drawn) {
            int y = heights.getOrDefault(end(build, now), 0);
            int foot = heights.getOrDefault(build.claimedAt(), 0);
            bars.add(
                    new Bar(
                            build,
                            columns.getOrDefault(build.builder(), new Column("", 0)).x(),
                            y,
                            foot - y - BETWEEN));
        }
        return new Waterfall(
                columns.values().stream().sorted((a, b) -> Integer.compare(a.x(), b.x())).toList(),
                List.copyOf(bars),
                marks(heights),
                TIMES + columns.size() * COLUMN,
                heights.values().stream().max(Integer::compare).orElse(TOP) + LEAST,
                builders.size() - columns.size());
    }

    private static Instant end(Views.Build build, Instant now) {
        Instant end = Optional.ofNullable(build.finishedAt()).orElse(now);
        // By the clocks of two servers a build may have ended before it was claimed.
        return end.isAfter(build.claimedAt()) ? end : build.claimedAt().plusNanos(1000);
    }

    /**
     * How low each time is at which a build was claimed or ended. From the newest on each is as low
     * as it has to be, so that every build is high enough.
     */
    private static Map<Instant, Integer> heights(List<Views.Build> builds, Instant now) {
        TreeSet<Instant> times = new TreeSet<>();
        Map<Instant, List<Instant>> endsOfClaimed = new HashMap<>();
        for (Views.Build build : builds) {
            times.add(build.claimedAt());
            times.add(end(build, now));
            endsOfClaimed
                    .computeIfAbsent(build.claimedAt(), _ -> new ArrayList<>())
                    .add(end(build, now));
        }
        Map<Instant, Integer> heights = new HashMap<>();
        int y = TOP;
        Instant later = null;
        for (Instant time : times.descendingSet()) {
            if (later != null) {
                double seconds = Duration.between(time, later).toMillis() / 1000.0;
                y += (int) Math.min(MOST_OF_A_PAUSE, seconds * PIXELS_OF_A_SECOND);
            }
            for (Instant end : endsOfClaimed.getOrDefault(time, List.of())) {
                y = Math.max(y, heights.getOrDefault(end, TOP) + LEAST + BETWEEN);
            }
            heights.put(time, y);
            later = time;
        }
        return heights;
    }

    private static List<Mark> marks(Map<Instant, Integer> heights) {
        List<Mark> marks = new ArrayList<>();
        int next = TOP;
        for (Instant time : new TreeSet<>(heights.keySet()).descendingSet()) {
            int y = heights.getOrDefault(time, 0);
            if (y >= next) {
                marks.add(new Mark(time, y));
                next = y + LEAST;
            }
        }
        return List.copyOf(marks);
    }
}
