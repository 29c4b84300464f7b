package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.CommandRefused;
import io.buildledger.domain.scheduling.SchedulerEvent.FiringSkipped;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerDropped;
import io.buildledger.domain.scheduling.SchedulerEvent.TriggerKept;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A decision as it comes about: each event changes the state that the next one is decided upon. */
final class Deliberation {

    private static final String BY_SCHEDULER = "Scheduler";
    private static final String BY_CHANGE = "Change";

    private final String type;
    private final SchedulerSettings settings;
    private final List<SchedulerEvent> events = new ArrayList<>();
    private final List<BuildsetOrder> orders = new ArrayList<>();
    private final SchedulerState before;
    private SchedulerState state;

    Deliberation(String type, SchedulerSettings settings, SchedulerState state) {
        this.type = type;
        this.settings = settings;
        this.before = state;
        this.state = state;
    }

    /** What was known before anything was decided. */
    SchedulerState before() {
        return before;
    }

    SchedulerState state() {
        return state;
    }

    Decision decision() {
        return new Decision(events, orders);
    }

    void record(SchedulerEvent event) {
        events.add(event);
        state = state.evolve(event);
    }

    ChangeTaken take(ChangeReceived change, boolean important) {
        ChangeTaken taken =
                new ChangeTaken(
                        settings.name(),
                        change.changeId(),
                        change.repository(),
                        change.branch(),
                        change.revision(),
                        change.project(),
                        change.codebase(),
                        important ? null : Boolean.FALSE,
                        change.properties().isEmpty() ? null : change.properties());
        record(taken);
        return taken;
    }

    void arm(@Nullable String key, Instant fireAt) {
        record(new TimerArmed(settings.name(), state.timersArmed() + 1, fireAt, key));
    }

    void drop(TimerArmed timer, String reason) {
        record(new TimerDropped(settings.name(), timer.timer(), reason));
    }

    void skip(TimerArmed timer, String reason) {
        record(new FiringSkipped(settings.name(), timer.timer(), reason));
    }

    void keep(BuildTriggered triggered) {
        Optional<String> objection = objection(List.of(), triggered.sourceStamps());
        if (objection.isPresent()) {
            refuse("trigger", objection.get());
        } else {
            record(
                    new TriggerKept(
                            settings.name(),
                            triggered.sourceStamps(),
                            triggered.properties(),
                            triggered.parent(),
                            triggered.priority(),
                            triggered.externalId()));
        }
    }

    /** The timers that ought to have elapsed before. */
    List<TimerArmed> timersBefore(Instant at) {
        return state.timers().values().stream().filter(it -> it.fireAt().isBefore(at)).toList();
    }

    /** What was asked for is not done. */
    void refuse(String command, String reason) {
        record(new CommandRefused(settings.name(), command, reason));
    }

    /** What a firing asks for, beyond what the settings say. */
    record Firing(
            List<SourceStamp> stamps,
            List<Long> changeIds,
            String reason,
            Map<String, Property> properties,
            List<String> builderNames,
            @Nullable Integer priority,
            boolean waitedFor,
            @Nullable ParentBuild parent,
            @Nullable String externalId) {

        static Firing of(
                List<SourceStamp> stamps,
                List<Long> changeIds,
                String reason,
                Map<String, Property> properties) {
            return new Firing(
                    stamps, changeIds, reason, properties, List.of(), null, false, null, null);
        }
    }

    /** Fires for changes that are pending; without any, for the codebases' defaults. */
    void fireFor(
            @Nullable String key, Collection<ChangeTaken> changes, boolean absoluteSourceStamps) {
        List<Long> ids = changes.stream().map(ChangeTaken::changeId).toList();
        fire(
                key,
                ids,
                Firing.of(stamps(changes, absoluteSourceStamps), ids, "", propertiesOf(changes)));
    }

    /** Where two have one of the same name, the newer's counts. */
    private static Map<String, Property> propertiesOf(Collection<ChangeTaken> changes) {
        Map<String, Property> properties = new HashMap<>();
        for (ChangeTaken change : changes) {
            Map<String, String> given = change.properties();
            if (given != null) {
                given.forEach(
                        (name, value) -> properties.put(name, new Property(value, BY_CHANGE)));
            }
        }
        return properties;
    }

    /**
     * @param key of the timer that this ends
     * @param scheduled the pending changes that this schedules
     * @param firing in which an empty reason, no builders and no priority stand for the settings'
     */
    void fire(@Nullable String key, List<Long> scheduled, Firing firing) {
        long number = state.firings() + 1;
        Map<String, Property> properties = new HashMap<>();
        settings.properties()
                .forEach((name, value) -> properties.put(name, new Property(value, BY_SCHEDULER)));
        properties.putAll(firing.properties());
        Integer priority = firing.priority();
        record(new SchedulerFired(settings.name(), number, scheduled, key));
        orders.add(
                new BuildsetOrder(
                        settings.name(),
                        number,
                        reason(firing),
                        firing.stamps(),
                        firing.changeIds(),
                        properties,
                        firing.builderNames().isEmpty()
                                ? settings.builderNames()
                                : firing.builderNames(),
                        priority == null ? settings.priority().of(firing.stamps()) : priority,
                        settings.queueTimeoutMillis(),
                        firing.waitedFor(),
                        firing.parent(),
                        firing.externalId(),
                        null));
    }

    /** Fires for given stamps, and nothing that is pending. */
    void fireOf(List<SourceStamp> stamps, List<Long> changeIds, String reason) {
        String configured = settings.reason().isEmpty() ? reason : "";
        fire(null, List.of(), Firing.of(stamps, changeIds, configured, Map.of()));
    }

    void fire(BuildForced forced) {
        Optional<String> objection = objection(forced.builderNames(), forced.sourceStamps());
        if (objection.isPresent()) {
            refuse("force", objection.get());
            return;
        }
        String what = "a build was forced by '%s'".formatted(forced.requestedBy());
        fire(
                null,
                List.of(),
                new Firing(
                        completed(forced.sourceStamps()),
                        List.of(),
                        reason(what, forced.requestedBy(), forced.reason()),
                        forced.properties(),
                        forced.builderNames(),
                        forced.priority(),
                        false,
                        null,
                        null));
    }

    void fire(BuildTriggered triggered) {
        Optional<String> objection = objection(List.of(), triggered.sourceStamps());
        if (objection.isPresent()) {
            refuse("trigger", objection.get());
            return;
        }
        fire(
                null,
                List.of(),
                new Firing(
                        completed(triggered.sourceStamps()),
                        List.of(),
                        reasonOf(triggered.properties()),
                        triggered.properties(),
                        List.of(),
                        triggered.priority(),
                        triggered.waitedFor(),
                        triggered.parent(),
                        triggered.externalId()));
    }

    /** Fires for what was kept, of which nobody waits for the end. */
    void fire(@Nullable String key, TriggerKept kept) {
        fire(
                key,
                List.of(),
                new Firing(
                        completed(kept.sourceStamps()),
                        List.of(),
                        reasonOf(kept.properties()),
                        kept.properties(),
                        List.of(),
                        kept.priority(),
                        false,
                        kept.parent(),
                        kept.externalId()));
    }

    private static String reasonOf(Map<String, Property> properties) {
        Property reason = properties.get("reason");
        return reason == null ? "" : String.valueOf(reason.value());
    }

    void fire(PatchSubmitted patch) {
        String codebase = patch.sourceStamp().codebase();
        if (!settings.codebases().containsKey(codebase)) {
            // The builds would be of the others, without the patch.
            refuse(
                    "try",
                    "codebase: '%s' is not one of '%s'"
                            .formatted(
                                    codebase, String.join("', '", settings.codebases().keySet())));
            return;
        }
        Optional<String> objection = objection(patch.builderNames(), List.of(patch.sourceStamp()));
        if (objection.isPresent()) {
            refuse("try", objection.get());
            return;
        }
        String what = "a patch of %s is tried".formatted(patch.requestedBy());
        fire(
                null,
                List.of(),
                new Firing(
                        completed(List.of(patch.sourceStamp())),
                        List.of(),
                        reason(what, patch.requestedBy(), patch.comment()),
                        patch.properties(),
                        patch.builderNames(),
                        null,
                        false,
                        null,
                        patch.externalId()));
    }

    /** Why builders or source stamps can't be those of a firing; empty if they can. */
    private Optional<String> objection(List<String> builderNames, List<SourceStamp> stamps) {
        for (String builder : builderNames) {
            if (!settings.builderNames().contains(builder)) {
                return Optional.of(
                        "builder_names: '%s' is not one of %s"
                                .formatted(builder, String.join(", ", settings.builderNames())));
            }
        }
        Set<String> builders = new HashSet<>();
        for (String builder : builderNames) {
            if (!builders.add(builder)) {
                return Optional.of("builder_names: '%s' is there twice".formatted(builder));
            }
        }
        Set<String> codebases = new HashSet<>();
        for (SourceStamp stamp : stamps) {
            if (!codebases.add(stamp.codebase())) {
                return Optional.of(
                        "source_stamps: codebase '%s' has two of them, where one is wanted"
                                .formatted(stamp.codebase()));
            }
        }
        return Optional.empty();
    }

    /**
     * What the settings say, or else what was asked for and why.
     *
     * @param why in the words of who asks; may be empty
     */
    private String reason(String what, String owner, String why) {
        String configured =
                configuredReason().replace("%(owner)s", owner).replace("%(reason)s", why);
        if (!configured.isBlank()) {
            return configured;
        }
        return why.isEmpty() ? what : what + ": " + why;
    }

    private String configuredReason() {
        return settings.reason()
                .replace("%(name)s", settings.name())
                .replace("%(classname)s", type);
    }

    private String reason(Firing firing) {
        if (!firing.reason().isEmpty()) {
            return firing.reason();
        }
        if (!settings.reason().isEmpty()) {
            return configuredReason();
        }
        int changes = firing.changeIds().size();
        return changes == 0
                ? "scheduler %s fired".formatted(settings.name())
                : "scheduler %s fired for %d change%s"
                        .formatted(settings.name(), changes, changes == 1 ? "" : "s");
    }

    /** One for each codebase: of its newest change, else its default. */
    private List<SourceStamp> stamps(Collection<ChangeTaken> changes, boolean absolute) {
        List<SourceStamp> stamps = new ArrayList<>();
        settings.codebases()
                .forEach((codebase, defaults) -> {
                    Optional<ChangeTaken> newest =
                            changes.stream()
                                    .filter(it -> it.codebase().equals(codebase))
                                    .max(Comparator.comparingLong(ChangeTaken::changeId))
                                    .or(() ->
                                            Optional.ofNullable(state.newest().get(codebase))
                                                    .filter(_ -> absolute));
                    stamps.add(
                            newest.map(Deliberation::stamp)
                                    .orElseGet(() -> defaults.stamp(codebase)));
                });
        return stamps;
    }

    private static SourceStamp stamp(ChangeTaken change) {
        return new SourceStamp(
                change.repository(),
                change.branch(),
                change.revision(),
                change.project(),
                change.codebase());
    }

    /** The given stamps, and the defaults of those of the scheduler's codebases that lack one. */
    private List<SourceStamp> completed(List<SourceStamp> given) {
        NavigableMap<String, SourceStamp> completed = new TreeMap<>();
        settings.codebases()
                .forEach((codebase, defaults) -> completed.put(codebase, defaults.stamp(codebase)));
        for (SourceStamp stamp : given) {
            completed.put(
                    stamp.codebase(),
                    filled(
                            stamp,
                            settings.codebases()
                                    .getOrDefault(stamp.codebase(), CodebaseDefaults.NONE)));
        }
        return List.copyOf(completed.values());
    }

    /** A default branch and its revision go together: neither is put beside one that was given. */
    private static SourceStamp filled(SourceStamp stamp, CodebaseDefaults defaults) {
        boolean says = stamp.branch() != null || stamp.revision() != null;
        return new SourceStamp(
                stamp.repository().isEmpty() ? defaults.repository() : stamp.repository(),
                says ? stamp.branch() : defaults.branch(),
                says ? stamp.revision() : defaults.revision(),
                stamp.project().isEmpty() ? defaults.project() : stamp.project(),
                stamp.codebase(),
                stamp.patch());
    }
}
