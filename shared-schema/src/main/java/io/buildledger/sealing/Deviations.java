package io.buildledger.sealing;

import io.buildledger.sealing.ChainFinding.Kind;
import io.buildledger.sealing.ChainFinding.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the log is not as the marks of broken blocks say, and what that means when all of them are
 * known: what is missed at one index may stand at another.
 */
final class Deviations {

    /** As many as anybody reads; the others are only counted. */
    private static final int KEPT = 10_000;

    /**
     * An event that stands in the log now.
     *
     * @param mark of it, as a block would remember it
     */
    record Standing(Mark mark, Place place) {}

    /**
     * At one index.
     *
     * @param order of the index among those of its block that were sealed or stand there now
     * @param sealed what was sealed there, or null
     * @param standing what stands there now, or null
     */
    private record Deviation(
            long block, int order, long index, @Nullable Mark sealed, @Nullable Standing standing) {

        boolean goesOn(Deviation other) {
            return block == other.block && order == other.order + 1;
        }
    }

    private final List<Deviation> kept = new ArrayList<>();
    private long beyond;

    /** How many there were that are not told of. */
    long beyond() {
        return beyond;
    }

    /**
     * Compares the events of a block with what stands there now, both by ascending indexes.
     *
     * @return whether they differ
     */
    boolean compare(long block, List<Mark> sealed, List<Standing> standing) {
        boolean differs = false;
        int i = 0;
        int j = 0;
        for (int order = 0; i < sealed.size() || j < standing.size(); order++) {
            Mark was = i < sealed.size() ? sealed.get(i) : null;
            Standing is = j < standing.size() ? standing.get(j) : null;
            if (was != null && is != null && was.index() != is.mark().index()) {
                if (was.index() < is.mark().index()) {
                    is = null;
                } else {
                    was = null;
                }
            }
            i += was == null ? 0 : 1;
            j += is == null ? 0 : 1;
            if (was == null || is == null || was.start() != is.mark().start()) {
                differs = true;
                add(block, order, was, is);
            }
        }
        return differs;
    }

    private void add(long block, int order, @Nullable Mark sealed, @Nullable Standing standing) {
        if (kept.size() == KEPT) {
            beyond++;
            return;
        }
        long index =
                sealed != null ? sealed.index() : standing != null ? standing.mark().index() : 0;
        kept.add(new Deviation(block, order, index, sealed, standing));
    }

    /** What has happened to the events, by their indexes. */
    List<ChainFinding> told() {
        Map<Integer, Deviation> whereSealed = new HashMap<>();
        for (Deviation deviation : kept) {
            if (deviation.sealed() != null) {
                whereSealed.putIfAbsent(deviation.sealed().start(), deviation);
            }
        }
        Set<Deviation> movedAway = new HashSet<>();
        Map<Deviation, Deviation> cameFrom = new HashMap<>();
        for (Deviation deviation : kept) {
            if (deviation.standing() != null) {
                Deviation from = whereSealed.get(deviation.standing().mark().start());
                if (from != null && from.index() != deviation.index() && movedAway.add(from)) {
                    cameFrom.put(deviation, from);
                }
            }
        }
        List<ChainFinding> told = new ArrayList<>();
        List<Deviation> gone = new ArrayList<>();
        List<Deviation> added = new ArrayList<>();
        for (Deviation deviation : kept) {
            Deviation from = cameFrom.get(deviation);
            boolean isNew = deviation.standing() != null && from == null;
            boolean isGone = deviation.sealed() != null && !movedAway.contains(deviation);
            if (from != null) {
                told.add(reordered(deviation, from));
            }
            if (isNew && isGone) {
                told.add(altered(deviation));
            } else if (isNew) {
                added.add(deviation);
            } else if (isGone) {
                gone.add(deviation);
            }
        }
        runs(gone).forEach(run -> told.add(deleted(run)));
        runs(added).forEach(run -> told.add(inserted(run)));
        return told;
    }

    /** Those that follow each other are told of together. */
    private static List<List<Deviation>> runs(List<Deviation> deviations) {
        List<List<Deviation>> runs = new ArrayList<>();
        for (Deviation deviation : deviations) {
            if (runs.isEmpty() || !deviation.goesOn(runs.getLast().getLast())) {
                runs.add(new ArrayList<>());
            }
            runs.getLast().add(deviation);
        }
        return runs;
    }

    private static ChainFinding altered(Deviation deviation) {
        return finding(
                Kind.ALTERED,
                deviation,
                "event %d, %s, is not what was sealed: its row was changed"
                        .formatted(deviation.index(), place(deviation)));
    }

    private static ChainFinding reordered(Deviation deviation, Deviation from) {
        return finding(
                Kind.REORDERED,
                deviation,
                "event %d, %s, was sealed as event %d: it was moved"
                        .formatted(deviation.index(), place(deviation), from.index()));
    }

    private static ChainFinding deleted(List<Deviation> run) {
        return new ChainFinding(
                Kind.DELETED,
                run.getFirst().block(),
                run.getFirst().index(),
                null,
                run.size() == 1
                        ? "event %d was deleted".formatted(run.getFirst().index())
                        : "events %d to %d were deleted, %d of them"
                                .formatted(
                                        run.getFirst().index(), run.getLast().index(), run.size()));
    }

    private static ChainFinding inserted(List<Deviation> run) {
        return finding(
                Kind.INSERTED,
                run.getFirst(),
                run.size() == 1
                        ? "event %d, %s, was not there when block %d was sealed: it was inserted"
                                .formatted(
                                        run.getFirst().index(),
                                        place(run.getFirst()),
                                        run.getFirst().block())
                        : "events %d to %d, %d of them from %s on, were not there when block %d was sealed: they were inserted"
                                .formatted(
                                        run.getFirst().index(),
                                        run.getLast().index(),
                                        run.size(),
                                        place(run.getFirst()),
                                        run.getFirst().block()));
    }

    private static ChainFinding finding(Kind kind, Deviation deviation, String what) {
        return new ChainFinding(kind, deviation.block(), deviation.index(), place(deviation), what);
    }

    private static @Nullable Place place(Deviation deviation) {
        Standing standing = deviation.standing();
        return standing == null ? null : standing.place();
    }
}
