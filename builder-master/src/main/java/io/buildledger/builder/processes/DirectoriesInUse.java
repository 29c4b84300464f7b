package io.buildledger.builder.processes;

import io.buildledger.stepping.StepAbortedException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps two builds of this process from working in the same directory. */
final class DirectoriesInUse {

    private final Set<BuilderDirectory> taken = ConcurrentHashMap.newKeySet();

    /** Ends with {@link #close}. */
    final class Use implements AutoCloseable {
        private final BuilderDirectory directory;

        private Use(BuilderDirectory directory) {
            this.directory = directory;
        }

        BuilderDirectory directory() {
            return directory;
        }

        @Override
        public void close() {
            taken.remove(directory);
        }
    }

    boolean contains(BuilderDirectory directory) {
        return taken.contains(directory);
    }

    /**
     * @throws StepAbortedException if another build has it
     */
    Use take(BuilderDirectory directory) throws StepAbortedException {
        if (!taken.add(directory)) {
            throw StepAbortedException.refused(
                    "another build is running in %s".formatted(directory.path()));
        }
        return new Use(directory);
    }
}
