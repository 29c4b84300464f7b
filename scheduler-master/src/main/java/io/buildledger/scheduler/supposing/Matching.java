package io.buildledger.scheduler.supposing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the recorded buildset that is the same as a supposed one, and the other way round: it is of
 * the same scheduler and was made for the same. Of several that were made for the same, the first
 * is the first. Each is found once.
 *
 * @param <S> what stands for a supposed one
 */
final class Matching<S> {

    /**
     * By what a buildset is found.
     *
     * @param scheduler of the configuration
     * @param occasion in the words of the configuration
     */
    record Key(String scheduler, Occasion occasion) {}

    private final Map<Key, Deque<RecordedBuildset>> recorded = new LinkedHashMap<>();
    private final Map<Key, Deque<S>> supposed = new LinkedHashMap<>();

    /** A recorded one is there, and may be found. */
    void add(Key key, RecordedBuildset buildset) {
        recorded.computeIfAbsent(key, _ -> new ArrayDeque<>(1)).add(buildset);
    }

    /** A supposed one is there, and may be found. */
    void addSupposed(Key key, S buildset) {
        supposed.computeIfAbsent(key, _ -> new ArrayDeque<>(1)).add(buildset);
    }

    /** The recorded one, which is not found again; null if there is none. */
    @Nullable RecordedBuildset recorded(Key key) {
        return poll(recorded, key);
    }

    /** The supposed one, which is not found again; null if there is none. */
    @Nullable S supposed(Key key) {
        return poll(supposed, key);
    }

    private static <T> @Nullable T poll(Map<Key, Deque<T>> all, Key key) {
        Deque<T> same = all.get(key);
        if (same == null) {
            return null;
        }
        T first = same.poll();
        if (same.isEmpty()) {
            all.remove(key);
        }
        return first;
    }

    /** Recorded ones that have not been found and are not to be any more. */
    List<RecordedBuildset> takeRecorded(Predicate<RecordedBuildset> which) {
        return take(recorded, which);
    }

    /** Supposed ones that have not been found and are not to be any more. */
    List<S> takeSupposed(Predicate<S> which) {
        return take(supposed, which);
    }

    private static <T> List<T> take(Map<Key, Deque<T>> all, Predicate<T> which) {
        List<T> taken = new ArrayList<>();
        all.values()
                .removeIf(same -> {
                    for (Iterator<T> it = same.iterator(); it.hasNext(); ) {
                        T each = it.next();
                        if (which.test(each)) {
                            taken.add(each);
                            it.remove();
                        }
                    }
                    return same.isEmpty();
                });
        return taken;
    }

    /** How many have not been found. */
    int left() {
        return count(recorded) + count(supposed);
    }

    private static <T> int count(Map<Key, Deque<T>> all) {
        return all.values().stream().mapToInt(Deque::size).sum();
    }
}
