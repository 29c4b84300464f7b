package io.buildledger.configuring;

import io.buildledger.configuring.Configuration.Lock;
import io.buildledger.stepping.LockAccess;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What can be wrong with locks, and with what asks for them. */
final class LocksCheck {

    /** With a master of 60 characters and a worker of 100 it is the name of a stream. */
    private static final int LONGEST_OF_WORKER = 80;

    private final BiConsumer<String, String> told;
    private final Predicate<String> isUnknownWorker;
    private final Predicate<String> isUnknownLock;
    private final BiPredicate<String, String> isUnread;

    /** Those of which it is known how much there is. */
    private final Map<String, Lock> byName = new HashMap<>();

    /**
     * @param told of problems, with where they are
     * @param isUnknownWorker whether no worker can have a name
     * @param isUnknownLock whether no lock can have a name
     * @param isUnread whether what an object says under a key could not be read
     */
    LocksCheck(
            BiConsumer<String, String> told,
            Predicate<String> isUnknownWorker,
            Predicate<String> isUnknownLock,
            BiPredicate<String, String> isUnread) {
        this.told = told;
        this.isUnknownWorker = isUnknownWorker;
        this.isUnknownLock = isUnknownLock;
        this.isUnread = isUnread;
    }

    /** A lock whose name is one. */
    void lock(String at, Lock lock) {
        String called = "lock " + lock.name();
        if (lock.name().contains("/") || lock.name().contains(":")) {
            told.accept(
                    at + "/name",
                    "lock '%s': the name of a lock has no slash and no colon"
                            .formatted(lock.name()));
        }
        if (lock.scope() == Lock.Scope.WORKER && lock.name().length() > LONGEST_OF_WORKER) {
            told.accept(
                    at + "/name",
                    "lock '%s': the name of a lock with scope: worker has at most %d characters"
                            .formatted(lock.name(), LONGEST_OF_WORKER));
        }
        if (lock.maxCount() < 1) {
            told.accept(at + "/max_count", called + ": max_count must be at least 1");
        }
        if (lock.scope() == Lock.Scope.CLUSTER
                && !isUnread.test(at, "scope")
                && !lock.maxCountForWorker().isEmpty()) {
            told.accept(
                    at + "/max_count_for_worker",
                    called
                            + ": max_count_for_worker is for a lock that each worker has one of: write scope: worker, or remove it");
        }
        lock.maxCountForWorker()
                .forEach((worker, count) -> {
                    String place = at + "/max_count_for_worker/" + worker;
                    if (count < 1) {
                        told.accept(
                                place,
                                "%s: max_count_for_worker of %s must be at least 1"
                                        .formatted(called, worker));
                    }
                    if (isUnknownWorker.test(worker)) {
                        told.accept(
                                place,
                                "%s: there is no worker '%s' in this file: add it to workers"
                                        .formatted(called, worker));
                    }
                });
        boolean isKnown =
                List.of("max_count", "max_count_for_worker", "scope").stream()
                                .noneMatch(key -> isUnread.test(at, key))
                        && lock.maxCount() >= 1
                        && lock.maxCountForWorker().values().stream().allMatch(it -> it >= 1);
        if (isKnown) {
            byName.put(lock.name(), lock);
        }
    }

    /** What a builder and its steps ask for; after all locks. */
    void builder(String at, String called, Configuration.Builder builder) {
        Integer maxBuilds = builder.maxBuilds();
        if (maxBuilds != null && maxBuilds < 1) {
            told.accept(at + "/max_builds", called + ": max_builds must be at least 1");
        }
        Set<String> held =
                accesses(at + "/locks", called, builder.locks(), builder.workerNames(), Set.of());
        List<ConfiguredStep> factory = builder.factory() == null ? List.of() : builder.factory();
        for (int i = 0; i < factory.size(); i++) {
            @Nullable ConfiguredStep step = factory.get(i);
            if (step != null) {
                Set<String> _ =
                        accesses(
                                "%s/factory/%d/%s/locks".formatted(at, i, step.type()),
                                "%s: step %s".formatted(called, step.name()),
                                step.arguments().locks(),
                                builder.workerNames(),
                                held);
            }
        }
    }

    /**
     * @param held by the build already
     * @return the names
     */
    private Set<String> accesses(
            String at,
            String called,
            List<LockAccess> accesses,
            List<String> workers,
            Set<String> held) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < accesses.size(); i++) {
            @Nullable LockAccess access = accesses.get(i);
            String place = at + "/" + i;
            if (access == null || access.name() == null) {
                told.accept(
                        place,
                        called
                                + ": a lock is empty: write its name, or {name: ..., mode: counting}");
            } else if (isUnknownLock.test(access.name())) {
                told.accept(
                        place,
                        "%s: there is no lock '%s' in this file: add it to locks"
                                .formatted(called, access.name()));
            } else if (!names.add(access.name())) {
                told.accept(
                        place,
                        "%s: lock %s is named twice: keep one of them"
                                .formatted(called, access.name()));
            } else if (held.contains(access.name())) {
                told.accept(
                        place,
                        "%s: its build holds lock %s already, so that the step would wait for itself: name it once, at the builder or at steps"
                                .formatted(called, access.name()));
            } else {
                count(place, called, access, workers);
            }
        }
        return names;
    }

    private void count(String at, String called, LockAccess access, List<String> workers) {
        String of = "%s: lock %s: ".formatted(called, access.name());
        if (access.count() < 1) {
            told.accept(at + "/count", of + "count must be at least 1");
            return;
        }
        if (access.mode() == LockAccess.Mode.EXCLUSIVE
                && access.count() > 1
                && !isUnread.test(at, "mode")) {
            told.accept(
                    at + "/count",
                    of
                            + "count is for mode: counting, and an exclusive holder has all of the lock: remove it");
            return;
        }
        Lock lock = byName.get(access.name());
        if (lock == null) {
            return;
        }
        if (lock.scope() == Lock.Scope.CLUSTER) {
            if (access.count() > lock.maxCount()) {
                told.accept(
                        at + "/count",
                        "%scount %d is more than its max_count, %d"
                                .formatted(of, access.count(), lock.maxCount()));
            }
            return;
        }
        for (String worker : workers) {
            int most = lock.maxCountForWorker().getOrDefault(worker, lock.maxCount());
            if (access.count() > most) {
                told.accept(
                        at + "/count",
                        "%scount %d is more than worker %s has of it, %d"
                                .formatted(of, access.count(), worker, most));
                return;
            }
        }
    }
}
