package io.buildledger.scheduler.supposing;

import io.buildledger.domain.choosing.NextBuild;
import io.buildledger.domain.choosing.NextWorker;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who builds what.
 *
 * @param machines by name
 * @param lines by the builder's name; of a builder that is not here nobody knows who builds it
 */
record Farm(SequencedMap<String, Machine> machines, Map<String, Line> lines) {

    /**
     * A worker.
     *
     * @param called as the configuration calls it; of the workers that several masters have of
     *     their own it calls all the same
     * @param maxBuilds how many builds at once, each of another builder
     * @param countsAs of how many builds one of a builder takes the place, if not of one
     */
    record Machine(String name, String called, int maxBuilds, Map<String, Integer> countsAs) {

        int countOf(String builder) {
            return countsAs.getOrDefault(builder, 1);
        }
    }

    /**
     * What builds a builder's requests.
     *
     * @param machines any of which builds it, by name
     * @param maxBuilds how many of its builds run at once, or null for as many as there are workers
     */
    record Line(
            List<String> machines,
            @Nullable Integer maxBuilds,
            NextBuild nextBuild,
            NextWorker nextWorker) {

        Line {
            machines = List.copyOf(machines);
        }
    }

    Farm {
        machines = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(machines));
        lines = Collections.unmodifiableMap(new TreeMap<>(lines));
    }
}
