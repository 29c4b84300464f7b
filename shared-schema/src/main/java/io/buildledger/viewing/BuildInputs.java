package io.buildledger.viewing;

import io.buildledger.domain.building.BuildEvent.PropertySet;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.Property;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.viewing.Views.Build;
import io.buildledger.viewing.Views.Change;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a build is of: the changes that it was asked for, and what it is told. */
public final class BuildInputs {

    /**
     * @param scheduler that has asked for it, or for what it repeats; empty if nothing is known
     * @param reason why it was asked for, and by whom if it was by somebody, as the scheduler says
     *     it
     * @param changes the newest of them, the last first
     * @param changeCount how many there are
     * @param properties by name: those of the buildset, and in their place those that steps have
     *     set
     */
    public record Inputs(
            String scheduler,
            String reason,
            List<Change> changes,
            int changeCount,
            SortedMap<String, Property> properties) {

        private static final Inputs UNKNOWN =
                new Inputs("", "", List.of(), 0, Collections.emptySortedMap());
    }

    private final Views views;
    private final EventLog log;

    public BuildInputs(Views views, EventLog log) {
        this.views = views;
        this.log = log.toTell();
    }

    /**
     * What is known by now; what a master works out when it begins a build is not in the log.
     *
     * @param limit how many changes are told at most
     * @throws io.buildledger.log.UnusableArchiveException if it was moved to the archive, and can't
     *     be read there
     */
    public Inputs of(Build build, int limit) {
        return views.request(build.requestId())
                .flatMap(request ->
                        log
                                .readOfType(
                                        Streams.buildset(request.buildsetId()),
                                        BuildsetSubmitted.class)
                                .stream()
                                .map(Recorded::event)
                                .filter(BuildsetSubmitted.class::isInstance)
                                .map(BuildsetSubmitted.class::cast)
                                .findFirst())
                .map(submitted -> of(build, submitted, limit))
                .orElse(Inputs.UNKNOWN);
    }

    private Inputs of(Build build, BuildsetSubmitted submitted, int limit) {
        SortedMap<String, Property> properties = new TreeMap<>(submitted.properties());
        for (Recorded recorded :
                log.readOfType(
                        Streams.build(build.builder(), build.buildNumber()), PropertySet.class)) {
            if (recorded.event() instanceof PropertySet set) {
                properties.put(set.name(), new Property(set.value(), "step " + set.step()));
            }
        }
        List<Long> newest =
                submitted.changeIds().stream()
                        .sorted(Comparator.reverseOrder())
                        .limit(limit)
                        .toList();
        return new Inputs(
                submitted.scheduler(),
                submitted.reason(),
                views.changes(newest),
                submitted.changeIds().size(),
                properties);
    }
}
