package io.buildledger.scheduler.serving;

import io.buildledger.viewing.Views;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Builds as bars in columns of their builders, the newest on top. What a builder has built at the
 * same time is in lanes beside each other. What is beside each other was at the same time, and what
 * is lower was earlier; how long something took is told only roughly, as each bar is high enough to
 * be read and touched, and times in which nothing happened are short.
 *
 * @param columns by the names of their builders
 * @param bars by the names of their builders, and those of one as they were claimed
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
     * @param width of all its lanes
     */
    record Column(String builder, int x, int width) {}

    /**
     * @param y where it begins, which is where the build ended
     */
    record Bar(Views.Build build, int x, int y, int height) {}

    /**
     * @param isOfNewMinute whether the mark above it, if there is one, is of another minute
     */
    record Mark(Instant at, int y, boolean isOfNewMinute) {}

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
     * @param most how many columns; of more builders those are left out that have built nothing for
     *     the longest
     */
    static Waterfall of(List<Views.Build> builds, Instant now, int most) {
        TreeMap<String, List<Views.Build>> ofBuilders = new TreeMap<>();
        builds.stream()
                .sorted(Comparator.comparing(Views.Build::claimedAt))
                .forEach(it ->
                        ofBuilders.computeIfAbsent(it.builder(), _ -> new ArrayList<>()).add(it));
        int builders = ofBuilders.size();
        ofBuilders.keySet().retainAll(newest(ofBuilders, most));
        List<Views.Build> drawn = ofBuilders.values().stream().flatMap(List::stream).toList();
        Map<Instant, Integer> heights = heights(drawn, now);
        List<Column> columns = new ArrayList<>();
        List<Bar> bars = new ArrayList<>();
        int x = TIMES;
        for (Map.Entry<String, List<Views.Build>> ofBuilder : ofBuilders.entrySet()) {
            List<Instant> lanes = new ArrayList<>();
            for (Views.Build build : ofBuilder.getValue()) {
                int lane = freeLane(lanes, build.claimedAt());
                Instant end = end(build, now);
                lanes.set(lane, end);
                int y = heights.getOrDefault(end, 0);
                int foot = heights.getOrDefault(build.claimedAt(), 0);
                bars.add(new Bar(build, x + lane * COLUMN, y, foot - y - BETWEEN));
            }
            columns.add(new Column(ofBuilder.getKey(), x, lanes.size() * COLUMN - (COLUMN - BAR)));
            x += lanes.size() * COLUMN;
        }
        return new Waterfall(
                List.copyOf(columns),
                List.copyOf(bars),
                marks(heights),
                x,
                heights.values().stream().max(Integer::compare).orElse(TOP) + LEAST,
                builders - columns.size());
    }

    /** Those that have claimed last. */
    private static Set<String> newest(Map<String, List<Views.Build>> ofBuilders, int most) {
        return ofBuilders.entrySet().stream()
                .sorted(
                        Comparator.comparing(
                                (Map.Entry<String, List<Views.Build>> it) ->
                                        it.getValue().getLast().claimedAt(),
                                Comparator.reverseOrder()))
                .limit(most)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** The first in which nothing is built any more, which may be a new one. */
    private static int freeLane(List<Instant> endsOfLanes, Instant claimed) {
        for (int lane = 0; lane < endsOfLanes.size(); lane++) {
            if (!endsOfLanes.get(lane).isAfter(claimed)) {
                return lane;
            }
        }
        endsOfLanes.add(claimed);
        return endsOfLanes.size() - 1;
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
        Instant above = null;
        for (Instant time : new TreeSet<>(heights.keySet()).descendingSet()) {
            int y = heights.getOrDefault(time, 0);
            if (y >= next) {
                Instant minute = time.truncatedTo(ChronoUnit.MINUTES);
                marks.add(new Mark(time, y, !minute.equals(above)));
                above = minute;
                next = y + LEAST;
            }
        }
        return List.copyOf(marks);
    }
}
