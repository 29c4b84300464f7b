package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.domain.mastering.PublishedFingerprint;
import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.mastering.PublishedBuilder;
import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.scheduler.scheduling.ConfiguredSchedulers;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import io.buildledger.scheduler.serving.NotThereException;
import io.buildledger.scheduler.serving.buildbot.Numbered.Named;
import io.buildledger.viewing.ClusterNames;
import io.buildledger.viewing.Views;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Builders, workers, masters and schedulers: of each there are few, so that any filter and any
 * order is served.
 */
@RestController
@RequestMapping("/api/v2")
class ClusterReads {

    private static final int ALL = 100_000;
    private static final String NAME = "name";

    private final PublishedBuilders builders;
    private final ClusterNames cluster;
    private final Views views;
    private final SchedulerStatuses statuses;
    private final ConfiguredSchedulers schedulers;
    private final NamesByNumber names;

    ClusterReads(
            PublishedBuilders builders,
            ClusterNames cluster,
            Views views,
            SchedulerStatuses statuses,
            ConfiguredSchedulers schedulers,
            NamesByNumber names) {
        this.builders = builders;
        this.cluster = cluster;
        this.views = views;
        this.statuses = statuses;
        this.schedulers = schedulers;
        this.names = names;
    }

    @Answers(value = Kind.ROOT_LINK, many = true)
    @GetMapping({"", "/"})
    Answer root(HttpServletRequest request) {
        return Answer.ofAll(
                Query.ofMany(Kind.ROOT_LINK, request),
                Stream.of(
                                Kind.BUILDER,
                                Kind.BUILD_REQUEST,
                                Kind.BUILD,
                                Kind.BUILDSET,
                                Kind.CHANGE,
                                Kind.FORCE_SCHEDULER,
                                Kind.MASTER,
                                Kind.SCHEDULER,
                                Kind.WORKER)
                        .map(it -> new Row().with(NAME, it.plural()))
                        .toList());
    }

    @Answers(value = Kind.BUILDER, many = true)
    @GetMapping("/builders")
    Answer builders(HttpServletRequest request) {
        Query query = Query.ofMany(Kind.BUILDER, request);
        Map<String, PublishedBuilder> published =
                builders.builders(null, null, ALL).stream()
                        .collect(Collectors.toMap(PublishedBuilder::name, Function.identity()));
        SortedSet<String> all = new TreeSet<>(cluster.builders());
        all.addAll(published.keySet());
        return Answer.ofAll(
                query, all.stream().map(name -> builder(name, published.get(name))).toList());
    }

    @Answers(Kind.BUILDER)
    @GetMapping("/builders/{builder}")
    Answer builder(@PathVariable("builder") String builder, HttpServletRequest request) {
        String name = requireBuilder(builder);
        return Answer.ofOne(
                Query.ofOne(Kind.BUILDER, request),
                builder(name, builders.builder(name).orElse(null)));
    }

    private String requireBuilder(String builder) {
        return require(Named.BUILDER, builder, "builder");
    }

    private String require(Named kind, String numberOrName, String word) {
        return names.nameOf(kind, numberOrName)
                .orElseThrow(() ->
                        new NotThereException("there is no %s %s".formatted(word, numberOrName)));
    }

    /** One that no living master has is of no master. */
    private Row builder(String name, @Nullable PublishedBuilder published) {
        return new Row()
                .with("builderid", names.number(Named.BUILDER, name))
                .with(NAME, name)
                .with("description", published == null ? null : published.description())
                .with("description_format", null)
                .with("description_html", null)
                .with("projectid", null)
                .with("tags", published == null ? List.of() : published.tags())
                .with("masterids", published == null ? List.of() : masterIds(published));
    }

    private List<Long> masterIds(PublishedBuilder published) {
        return published.masters().stream()
                .map(PublishedFingerprint::master)
                .map(it -> names.number(Named.MASTER, it))
                .toList();
    }

    @Answers(value = Kind.MASTER, many = true)
    @GetMapping("/builders/{builder}/masters")
    Answer mastersOf(@PathVariable("builder") String builder, HttpServletRequest request) {
        List<Long> ids =
                builders.builder(requireBuilder(builder)).map(this::masterIds).orElse(List.of());
        return Answer.ofAll(
                Query.ofMany(Kind.MASTER, request),
                masters().stream().filter(it -> ids.contains(it.value("masterid"))).toList());
    }

    @Answers(value = Kind.FORCE_SCHEDULER, many = true)
    @GetMapping("/builders/{builder}/forceschedulers")
    Answer forcersOf(@PathVariable("builder") String builder, HttpServletRequest request) {
        String name = requireBuilder(builder);
        return Answer.ofAll(
                Query.ofMany(Kind.FORCE_SCHEDULER, request),
                forcers(it -> it.settings().builderNames().contains(name)));
    }

    @Answers(value = Kind.WORKER, many = true)
    @GetMapping("/workers")
    Answer workers(HttpServletRequest request) {
        Query query = Query.ofMany(Kind.WORKER, request);
        return Answer.ofAll(query, views.workers(Views.MOST).stream().map(this::worker).toList());
    }

    @Answers(Kind.WORKER)
    @GetMapping("/workers/{worker}")
    Answer worker(@PathVariable("worker") String worker, HttpServletRequest request) {
        return Answer.ofOne(
                Query.ofOne(Kind.WORKER, request),
                views.worker(require(Named.WORKER, worker, "worker"))
                        .map(this::worker)
                        .orElseThrow(() ->
                                new NotThereException(
                                        "no master has worker %s any more".formatted(worker))));
    }

    private Row worker(Views.Worker worker) {
        String master = worker.master();
        Map<String, Object> info = new HashMap<>();
        putIfAny(info, "version", worker.version());
        putIfAny(info, "system", worker.system());
        Views.Wish paused = worker.paused();
        return new Row()
                .with("workerid", names.number(Named.WORKER, worker.name()))
                .with(NAME, worker.name())
                .with(
                        "connected_to",
                        master == null
                                ? List.of()
                                : List.of(Map.of("masterid", names.number(Named.MASTER, master))))
                .with("configured_on", List.of())
                .with("paused", paused != null)
                .with("pause_reason", paused == null ? null : paused.reason())
                .with("graceful", worker.stopping() != null)
                .with("workerinfo", info);
    }

    private static void putIfAny(Map<String, Object> info, String name, @Nullable String value) {
        if (value != null) {
            info.put(name, value);
        }
    }

    @Answers(value = Kind.MASTER, many = true)
    @GetMapping("/masters")
    Answer allMasters(HttpServletRequest request) {
        return Answer.ofAll(Query.ofMany(Kind.MASTER, request), masters());
    }

    @Answers(Kind.MASTER)
    @GetMapping("/masters/{master}")
    Answer master(@PathVariable("master") String master, HttpServletRequest request) {
        long id = names.number(Named.MASTER, require(Named.MASTER, master, "master"));
        return Answer.ofOne(
                Query.ofOne(Kind.MASTER, request),
                masters().stream()
                        .filter(it -> it.number("masterid") == id)
                        .findFirst()
                        .orElseThrow(() -> new NotThereException("there is no master " + master)));
    }

    private List<Row> masters() {
        SortedMap<String, Instant> seen = cluster.mastersLastSeen();
        Set<String> living =
                views.masters().stream()
                        .filter(it -> it.state().equals("live"))
                        .map(Views.Master::name)
                        .collect(Collectors.toSet());
        List<Row> rows = new ArrayList<>();
        seen.forEach((name, at) -> rows.add(master(name, living.contains(name), at)));
        return rows;
    }

    private Row master(String name, boolean isActive, Instant seen) {
        return new Row()
                .with("masterid", names.number(Named.MASTER, name))
                .with(NAME, name)
                .with("active", isActive)
                .withTime("last_active", seen);
    }

    @Answers(value = Kind.SCHEDULER, many = true)
    @GetMapping("/schedulers")
    Answer schedulers(HttpServletRequest request) {
        return Answer.ofAll(Query.ofMany(Kind.SCHEDULER, request), allSchedulers());
    }

    @Answers(Kind.SCHEDULER)
    @GetMapping("/schedulers/{scheduler}")
    Answer scheduler(@PathVariable("scheduler") String scheduler, HttpServletRequest request) {
        String name = require(Named.SCHEDULER, scheduler, "scheduler");
        return Answer.ofOne(
                Query.ofOne(Kind.SCHEDULER, request),
                allSchedulers().stream()
                        .filter(it -> name.equals(it.value(NAME)))
                        .findFirst()
                        .orElseThrow(
                                () -> new NotThereException("there is no scheduler " + scheduler)));
    }

    private List<Row> allSchedulers() {
        Map<Object, Row> masters = new HashMap<>();
        masters().forEach(it -> masters.put(String.valueOf(it.value(NAME)), it));
        List<Row> rows = new ArrayList<>();
        for (SchedulerStatuses.Status status : statuses.all()) {
            rows.add(
                    new Row()
                            .with("schedulerid", names.number(Named.SCHEDULER, status.name()))
                            .with(NAME, status.name())
                            .with("enabled", status.enabled())
                            .with(
                                    "master",
                                    status.master() == null ? null : masters.get(status.master())));
        }
        return rows;
    }

    @Answers(value = Kind.FORCE_SCHEDULER, many = true)
    @GetMapping("/forceschedulers")
    Answer forceSchedulers(HttpServletRequest request) {
        return Answer.ofAll(Query.ofMany(Kind.FORCE_SCHEDULER, request), forcers(_ -> true));
    }

    @Answers(Kind.FORCE_SCHEDULER)
    @GetMapping("/forceschedulers/{name}")
    Answer forceScheduler(@PathVariable("name") String name, HttpServletRequest request) {
        return Answer.ofOne(
                Query.ofOne(Kind.FORCE_SCHEDULER, request),
                forcers(it -> it.name().equals(name)).stream()
                        .findFirst()
                        .orElseThrow(() ->
                                new NotThereException("there is no force scheduler " + name)));
    }

    private List<Row> forcers(Predicate<ForceScheduler> wanted) {
        Map<String, Boolean> enabled = new HashMap<>();
        statuses.all().forEach(it -> enabled.put(it.name(), it.enabled()));
        return schedulers.all().stream()
                .filter(ForceScheduler.class::isInstance)
                .map(ForceScheduler.class::cast)
                .filter(wanted)
                .map(it ->
                        new Row()
                                .with(NAME, it.name())
                                .with("label", it.label())
                                .with("button_name", it.buttonName())
                                .with("enabled", enabled.getOrDefault(it.name(), true))
                                .with("builder_names", it.settings().builderNames())
                                .with(
                                        "all_fields",
                                        it.parameters().stream().map(FormField::row).toList()))
                .toList();
    }
}
