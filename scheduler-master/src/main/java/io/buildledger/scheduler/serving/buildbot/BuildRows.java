package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.domain.attaching.WorkerName;
import io.buildledger.domain.requesting.Property;
import io.buildledger.scheduler.serving.NotThereException;
import io.buildledger.scheduler.serving.buildbot.Numbered.Named;
import io.buildledger.scheduler.serving.buildbot.Numbered.Part;
import io.buildledger.viewing.BuildInputs;
import io.buildledger.viewing.BuildSteps.Step;
import io.buildledger.viewing.ClusterNames;
import io.buildledger.viewing.IndexWalks;
import io.buildledger.viewing.IndexWalks.Walk;
import io.buildledger.viewing.Views;
import io.buildledger.viewing.Views.Build;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Builds and steps as Buildbot's clients know them. The number of a build is made of its request's
 * and of which attempt it is, that of a step of its build's and its own.
 */
@Component
class BuildRows {

    private static final String BY_BUILDER = "Builder";
    private static final String BY_WORKER = "Worker";
    private static final String BY_BUILD = "Build";

    private final Views views;
    private final IndexWalks walks;
    private final BuildInputs inputs;
    private final ClusterNames cluster;
    private final NamesByNumber names;

    BuildRows(
            Views views,
            IndexWalks walks,
            BuildInputs inputs,
            ClusterNames cluster,
            NamesByNumber names) {
        this.views = views;
        this.walks = walks;
        this.inputs = inputs;
        this.cluster = cluster;
        this.names = names;
    }

    static OptionalLong number(Build build) {
        return Numbered.ofPart(build.requestId(), build.attempt());
    }

    /** The build of a number. */
    Optional<Build> find(long buildId) {
        return Numbered.part(buildId)
                .flatMap(part ->
                        walks
                                .buildsOfRequests(
                                        List.of(part.whole()), new Walk(false, part.number() + 1))
                                .stream()
                                .filter(it -> isAt(it, part))
                                .findFirst());
    }

    private static boolean isAt(Build build, Part part) {
        return build.requestId() == part.whole() && build.attempt() == part.number();
    }

    Build require(long buildId) {
        return find(buildId)
                .orElseThrow(() -> new NotThereException("there is no build " + buildId));
    }

    /**
     * @param builder its number or its name
     */
    Build require(String builder, long buildNumber) {
        return names.nameOf(Named.BUILDER, builder)
                .flatMap(name -> views.build(name, buildNumber))
                .filter(it -> number(it).isPresent())
                .orElseThrow(() ->
                        new NotThereException(
                                "there is no build %s/%d".formatted(builder, buildNumber)));
    }

    /** The names of all workers, by which {@link #row} tells which one a build ran on. */
    Set<String> workers() {
        return cluster.workers();
    }

    Row row(Build build, Set<String> workers) {
        return new Row()
                .with("buildid", number(build).orElse(0))
                .with("number", build.buildNumber())
                .with("builderid", names.number(Named.BUILDER, build.builder()))
                .with("buildrequestid", build.requestId())
                .with("workerid", names.number(Named.WORKER, worker(build, workers)))
                .with("masterid", names.number(Named.MASTER, build.master()))
                .withTime("started_at", build.claimedAt())
                .with("complete", build.finished())
                .withTime("complete_at", build.finishedAt())
                .withResults("results", build.results())
                .with("state_string", state(build))
                .with("properties", Map.of());
    }

    private static String state(Build build) {
        String summary = build.summary();
        if (build.finished()) {
            return summary == null || summary.isEmpty()
                    ? "finished"
                    : withResults(summary, build.results());
        }
        return build.startedAt() == null ? "starting" : "building";
    }

    /** Programs look for what became of it at the end of its words. */
    private static String withResults(String summary, @Nullable String results) {
        if (results == null || results.equals("SUCCESS")) {
            return summary;
        }
        String end = " (%s)".formatted(results.toLowerCase(Locale.ROOT));
        return summary.endsWith(end) ? summary : summary + end;
    }

    /** What has attached is known by its bare name for ever; all others are of their masters. */
    private static String worker(Build build, Set<String> workers) {
        String local = WorkerName.of(false, build.master(), build.worker());
        return workers.contains(local) || !workers.contains(build.worker())
                ? local
                : build.worker();
    }

    /** Some of the properties of a build, as pairs of a value and who set it. */
    Map<String, List<Object>> properties(Build build, Set<String> wanted) {
        SortedMap<String, List<Object>> properties = new TreeMap<>();
        properties.put("buildername", List.of(build.builder(), BY_BUILDER));
        properties.put("workername", List.of(build.worker(), BY_WORKER));
        properties.put("buildnumber", List.of(build.buildNumber(), BY_BUILD));
        views.request(build.requestId()).ifPresent(request -> of(request, properties));
        inputs.of(build, 0).properties().forEach((name, value) -> put(name, value, properties));
        if (!wanted.contains("*")) {
            properties.keySet().retainAll(wanted);
        }
        return properties;
    }

    private static void put(String name, Property property, Map<String, List<Object>> properties) {
        properties.put(name, List.of(property.value(), property.source()));
    }

    private void of(Views.Request request, Map<String, List<Object>> properties) {
        properties.put("scheduler", List.of(request.scheduler(), "Scheduler"));
        List<Views.SourceStamp> stamps = views.sourceStamps(request.buildsetId());
        if (stamps.size() != 1) {
            return;
        }
        Views.SourceStamp stamp = stamps.getFirst();
        properties.put("repository", List.of(stamp.repository(), BY_BUILD));
        properties.put("codebase", List.of(stamp.codebase(), BY_BUILD));
        properties.put("project", List.of(stamp.project(), BY_BUILD));
        Optional.ofNullable(stamp.branch())
                .ifPresent(it -> properties.put("branch", List.of(it, BY_BUILD)));
        Optional.ofNullable(stamp.revision())
                .ifPresent(it -> properties.put("revision", List.of(it, BY_BUILD)));
    }

    /** A step that its build has cut off ended as the build did. */
    static Row row(Step step, Build build) {
        boolean isOver = step.finishedAt() != null || build.finished();
        return new Row()
                .with("stepid", stepNumber(build, step.step()).orElse(0))
                .with("buildid", number(build).orElse(0))
                .with("number", (long) step.step())
                .with("name", step.name())
                .withTime("started_at", step.startedAt())
                .with("complete", isOver)
                .withTime(
                        "complete_at",
                        step.finishedAt() == null ? build.finishedAt() : step.finishedAt())
                .withResults("results", step.results() == null ? build.results() : step.results())
                .with(
                        "state_string",
                        step.summary() == null
                                ? step.state()
                                : withResults(step.summary(), step.results()))
                .with("urls", List.of())
                .with("hidden", step.hidden());
    }

    static OptionalLong stepNumber(Build build, int step) {
        OptionalLong buildId = number(build);
        return buildId.isPresent()
                ? Numbered.ofPart(buildId.getAsLong(), step)
                : OptionalLong.empty();
    }
}
