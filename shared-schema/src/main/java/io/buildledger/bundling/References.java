package io.buildledger.bundling;

import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.building.BuildEvent.CommandStarted;
import io.buildledger.domain.building.BuildEvent.SchedulerAsked;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCollapsed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.RebuiltFrom;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.log.Numbered;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.log.WholeLog;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which streams are needed to understand others: what an event names, and what it followed from. Of
 * work (changes, buildsets, requests, builds) what it refers to is followed further; of a scheduler
 * the names that it had before; masters, workers, locks and commands refer to nothing.
 */
final class References {

    private static final Set<String> WORK = Set.of("change", "buildset", "build-request", "build");
    private static final String SCHEDULER = "scheduler";

    private final WholeLog log;
    private final Set<String> all = new TreeSet<>();
    private final Set<String> next = new HashSet<>();

    References(WholeLog log) {
        this.log = log;
    }

    /** The streams and all that they refer to. */
    Set<String> of(Collection<String> streams) {
        streams.forEach(this::add);
        while (!next.isEmpty()) {
            List<String> some = List.copyOf(next);
            next.clear();
            log.read(some, this::follow);
        }
        return all;
    }

    /** Those of {@link #of} that are of work, which is what the others are there for. */
    static Set<String> work(Collection<String> streams) {
        return streams.stream()
                .filter(stream -> WORK.contains(kind(stream)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String kind(String stream) {
        return stream.substring(0, Math.max(stream.indexOf('/'), 0));
    }

    private void add(String stream) {
        if (all.add(stream) && (WORK.contains(kind(stream)) || kind(stream).equals(SCHEDULER))) {
            next.add(stream);
        }
    }

    private void follow(Numbered numbered) {
        Recorded recorded = numbered.recorded();
        if (kind(recorded.stream()).equals(SCHEDULER)) {
            if (recorded.event() instanceof SchedulerRenamed renamed) {
                add(Streams.scheduler(renamed.from()));
            }
            return;
        }
        if (recorded.metadata().get("master") instanceof String master) {
            add(Streams.master(master));
        }
        if (recorded.metadata().get("cause") instanceof String cause && cause.contains("@")) {
            add(cause.substring(0, cause.lastIndexOf('@')));
        }
        switch (recorded.event()) {
            case BuildsetSubmitted submitted -> follow(submitted);
            case BuildRequestEvent event -> follow(event);
            case BuildEvent event -> follow(event);
            default -> {
                // What it followed from is all.
            }
        }
    }

    private void follow(BuildsetSubmitted submitted) {
        submitted.requestIds().values().forEach(request -> add(Streams.buildRequest(request)));
        submitted.changeIds().forEach(change -> add(Streams.change(change)));
        ParentBuild parent = submitted.parent();
        if (parent != null) {
            add(Streams.build(parent.builder(), parent.buildNumber()));
        }
        RebuiltFrom former = submitted.rebuiltFrom();
        if (former != null) {
            add(Streams.buildset(former.buildsetId()));
        }
    }

    private void follow(BuildRequestEvent event) {
        switch (event) {
            case BuildRequested requested -> add(Streams.buildset(requested.buildsetId()));
            case BuildRequestClaimed claimed -> {
                add(Streams.build(claimed.builder(), claimed.buildNumber()));
                add(Streams.master(claimed.master()));
                add(Streams.worker(claimed.worker()));
            }
            case BuildRequestCollapsed collapsed -> add(Streams.buildRequest(collapsed.into()));
            default -> {
                // It names nothing else.
            }
        }
    }

    private void follow(BuildEvent event) {
        switch (event) {
            case CommandStarted started -> add(Streams.worker(started.worker()));
            case SchedulerAsked asked -> {
                add(Streams.scheduler(asked.scheduler()));
                add(asked.command().substring(0, Math.max(asked.command().lastIndexOf('@'), 0)));
            }
            default -> {
                // It names nothing else.
            }
        }
    }

    /** The streams of the timers that schedulers among some streams have armed after a moment. */
    static Set<String> timers(WholeLog log, Collection<String> streams, long after) {
        Set<String> timers = new HashSet<>();
        log.read(
                streams.stream().filter(stream -> kind(stream).equals(SCHEDULER)).toList(),
                numbered -> {
                    if (numbered.index() >= after
                            && numbered.recorded().event() instanceof TimerArmed armed) {
                        timers.add(Streams.timer(armed.scheduler(), armed.timer()));
                    }
                });
        return timers;
    }
}
