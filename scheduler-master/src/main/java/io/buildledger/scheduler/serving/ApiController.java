package io.buildledger.scheduler.serving;

import io.buildledger.auditing.Audit;
import io.buildledger.auditing.RequestAudit;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Unserved;
import io.buildledger.mastering.PublishedBuilder;
import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.steplog.StepLogs;
import io.buildledger.viewing.BuildSteps;
import io.buildledger.viewing.Views;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * The answers as JSON, one object each. A builder's name is one segment of the path, with its
 * slashes encoded. Of a list that has {@code next}, that is what {@code after} is for those that
 * follow; it is null if there are none.
 */
@RestController
@RequestMapping("/api")
class ApiController {

    record Changes(List<Views.Change> changes, @Nullable String next) {}

    /**
     * @param unserved builders with requests on offer that no living master claims for
     * @param diverging builders, not of these requests alone
     */
    record Requests(
            List<Views.Request> requests,
            List<Unserved> unserved,
            List<Divergence> diverging,
            @Nullable String next) {}

    record SourceStamps(List<Views.SourceStamp> sourceStamps) {}

    /**
     * @param buildsets numbers of those that are of it, newest first
     */
    record OneSourceStamp(
            Views.SourceStamp sourceStamp, List<Long> buildsets, @Nullable String next) {}

    /**
     * @param diverging builders, not of these builds alone
     */
    record Builds(List<Views.Build> builds, List<Divergence> diverging, @Nullable String next) {}

    record Builders(List<PublishedBuilder> builders, @Nullable String next) {}

    /**
     * @param steps without the hidden ones, unless these were asked for
     * @param hiddenSteps how many the build has
     * @param triggered what its steps have asked schedulers for
     * @param diverging none, or its builder, as it is now
     */
    record OneBuild(
            Views.Build build,
            List<BuildSteps.Step> steps,
            long hiddenSteps,
            List<ShownTriggers.Shown> triggered,
            List<Divergence> diverging) {}

    record Artifacts(List<Views.Artifact> artifacts, @Nullable String next) {}

    /**
     * @param diverging builders for which these masters build different things
     */
    record Masters(
            List<Views.Master> masters,
            long headOfLog,
            List<Divergence> diverging,
            @Nullable String next) {}

    /**
     * @param stepName null while it is not written yet that the step has begun
     * @param hidden whether the step is
     */
    record Log(
            int step, @Nullable String stepName, String name, boolean complete, boolean hidden) {}

    /**
     * @param finished whether the build has ended, so that no further step comes
     * @param complete whether, besides, all its logs are there to their ends; logs arrive by
     *     themselves, those of a killed master perhaps never
     */
    record Logs(List<Log> logs, boolean finished, boolean complete) {}

    private final Views views;
    private final BuildSteps buildSteps;
    private final MasterRegistry masters;
    private final PublishedBuilders builders;
    private final RequestAudit audits;
    private final StepLogs logs;
    private final ShownTriggers triggers;

    ApiController(
            Views views,
            BuildSteps buildSteps,
            MasterRegistry masters,
            PublishedBuilders builders,
            RequestAudit audits,
            StepLogs logs,
            ShownTriggers triggers) {
        this.views = views;
        this.buildSteps = buildSteps;
        this.masters = masters;
        this.builders = builders;
        this.audits = audits;
        this.logs = logs;
        this.triggers = triggers;
    }

    @GetMapping("/changes")
    Changes changes(
            @RequestParam(name = "limit", defaultValue = "50") int limit,
            @RequestParam(name = "after", required = false) @Nullable String after) {
        Portion<Views.Change> portion =
                Portion.of(
                        views.changes(beforeOrAll(after), checked(limit) + 1),
                        limit,
                        Views.Change::changeId);
        return new Changes(portion.items(), portion.next());
    }

    /**
     * @param unserved whether only those are wanted that no living master would claim, in the order
     *     in which these would be claimed
     */
    @GetMapping("/requests")
    Requests requests(
            @RequestParam(name = "limit", defaultValue = "50") int limit,
            @RequestParam(name = "after", required = false) @Nullable String after,
            @RequestParam(name = "unserved", defaultValue = "false") boolean unserved) {
        List<Unserved> nobodys = masters.unservedBuilders();
        Portion<Views.Request> portion =
                unserved
                        ? Portion.of(
                                views.requestsOnOffer(
                                        nobodys.stream().map(Unserved::builder).toList(),
                                        OfferedPlace.read(after),
                                        checked(limit) + 1),
                                limit,
                                OfferedPlace::write)
                        : Portion.of(
                                views.requests(beforeOrAll(after), checked(limit) + 1),
                                limit,
                                Views.Request::requestId);
        return new Requests(portion.items(), nobodys, diverging(), portion.next());
    }

    private List<Divergence> diverging() {
        return Divergence.of(builders.diverging());
    }

    private static long number(String after) {
        try {
            return Long.parseLong(after);
        } catch (NumberFormatException e) {
            throw new BadParameterException("after: '%s' is not a number".formatted(after));
        }
    }

    /** Of lists in the order of numbers, the newest first. */
    private static long beforeOrAll(@Nullable String after) {
        return after == null ? Long.MAX_VALUE : number(after);
    }

    /** Of lists in the order of names. */
    static String nameOrFirst(@Nullable String after) {
        return after == null ? "" : after;
    }

    /**
     * @param tag that they have
     * @param project that they are of
     */
    @GetMapping("/builders")
    Builders builders(
            @RequestParam(name = "limit", defaultValue = "1000") int limit,
            @RequestParam(name = "after", required = false) @Nullable String after,
            @RequestParam(name = "tag", required = false) @Nullable String tag,
            @RequestParam(name = "project", required = false) @Nullable String project) {
        Portion<PublishedBuilder> portion =
                Portion.of(
                        builders.builders(tag, project, nameOrFirst(after), checked(limit) + 1),
                        limit,
                        PublishedBuilder::name);
        return new Builders(portion.items(), portion.next());
    }

    @GetMapping("/buildsets/{id}/sourcestamps")
    SourceStamps sourceStamps(@PathVariable("id") long buildsetId) {
        List<Views.SourceStamp> found = views.sourceStamps(buildsetId);
        if (found.isEmpty()) {
            throw new NotThereException("there is no buildset " + buildsetId);
        }
        return new SourceStamps(found);
    }

    @GetMapping("/sourcestamps/{id}")
    OneSourceStamp sourceStamp(
            @PathVariable("id") String id,
            @RequestParam(name = "limit", defaultValue = "50") int limit,
            @RequestParam(name = "after", required = false) @Nullable String after) {
        Views.SourceStamp stamp =
                views.sourceStamp(id)
                        .orElseThrow(() -> new NotThereException("there is no source stamp " + id));
        Portion<Long> portion =
                Portion.of(
                        views.buildsetsOf(id, beforeOrAll(after), checked(limit) + 1),
                        limit,
                        it -> it);
        return new OneSourceStamp(stamp, portion.items(), portion.next());
    }

    /**
     * @param after the build after which to go on, {@code BUILDER/NUMBER}
     */
    @GetMapping("/builds")
    Builds builds(
            @RequestParam(name = "limit", defaultValue = "50") int limit,
            @RequestParam(name = "after", required = false) @Nullable String after) {
        Portion<Views.Build> portion =
                Portion.of(
                        after == null
                                ? views.builds(checked(limit) + 1)
                                : views.buildsBefore(
                                        NamedBuild.of("after", after, views), checked(limit) + 1),
                        limit,
                        NamedBuild::of);
        return new Builds(portion.items(), diverging(), portion.next());
    }

    @GetMapping("/masters")
    Masters masters(
            @RequestParam(name = "limit", defaultValue = "1000") int limit,
            @RequestParam(name = "after", required = false) @Nullable String after) {
        Portion<Views.Master> portion =
                Portion.of(
                        views.masters(nameOrFirst(after), checked(limit) + 1),
                        limit,
                        Views.Master::name);
        return new Masters(portion.items(), views.headOfLog(), diverging(), portion.next());
    }

    @GetMapping("/masters/{name}")
    Views.Master master(@PathVariable("name") String name) {
        return views.master(name)
                .orElseThrow(() -> new NotThereException("there is no master " + name));
    }

    /** The limit of a list, if it may be asked for. */
    static int checked(int limit) {
        if (limit < 1 || limit > Views.MOST) {
            throw new BadParameterException(
                    "limit: %d is not between 1 and %d".formatted(limit, Views.MOST));
        }
        return limit;
    }

    @GetMapping("/requests/{id}/audit")
    Audit audit(@PathVariable("id") long id) {
        return audits.of(id).orElseThrow(() -> new NotThereException("there is no request " + id));
    }

    /**
     * @param hidden whether hidden steps are wanted, too
     */
    @GetMapping("/builds/{builder}/{number}")
    OneBuild build(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @RequestParam(name = "hidden", defaultValue = "false") boolean hidden) {
        Views.Build build = found(builder, number);
        BuildSteps.Steps steps = buildSteps.of(build);
        return new OneBuild(
                build,
                steps.shown(hidden),
                steps.hiddenCount(),
                triggers.of(builder, number),
                Divergence.ofOne(builder, builders.fingerprints(builder)));
    }

    private Views.Build found(String builder, long number) {
        return views.build(builder, number)
                .orElseThrow(() ->
                        new NotThereException(
                                "there is no build %s/%d".formatted(builder, number)));
    }

    /**
     * @param after number of the artifact after which to go on
     * @param path of the one that is wanted alone
     */
    @GetMapping("/builds/{builder}/{number}/artifacts")
    Artifacts artifacts(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @RequestParam(name = "after", required = false) @Nullable String after,
            @RequestParam(name = "limit", defaultValue = "1000") int limit,
            @RequestParam(name = "path", required = false) @Nullable String path) {
        Views.Build build = found(builder, number);
        if (path != null) {
            return new Artifacts(List.of(StoredArtifacts.require(views, build, path)), null);
        }
        Portion<Views.Artifact> portion =
                Portion.of(
                        views.artifacts(
                                builder,
                                number,
                                after == null ? 0 : Math.clamp(number(after), 0, Integer.MAX_VALUE),
                                checked(limit) + 1),
                        limit,
                        Views.Artifact::artifact);
        return new Artifacts(portion.items(), portion.next());
    }

    @GetMapping("/builds/{builder}/{number}/logs")
    Logs logs(@PathVariable("builder") String builder, @PathVariable("number") long number) {
        // Before the list: a build that ends in between is asked for once more.
        Views.Build build = found(builder, number);
        List<BuildSteps.Step> all = buildSteps.of(build).all();
        StepsByNumber steps = StepsByNumber.of(all);
        List<Log> found =
                logs.of(builder, number).stream()
                        .map(log ->
                                new Log(
                                        log.step(),
                                        steps.name(log.step()),
                                        log.name(),
                                        log.complete(),
                                        steps.isHidden(log.step())))
                        .toList();
        boolean finished = build.finished();
        return new Logs(found, finished, finished && complete(all, found));
    }

    private static boolean complete(List<BuildSteps.Step> steps, List<Log> logs) {
        Set<Integer> logged = logs.stream().map(Log::step).collect(Collectors.toSet());
        return logs.stream().allMatch(Log::complete)
                && steps.stream().allMatch(step -> logged.contains(step.step()));
    }

    @GetMapping("/builds/{builder}/{number}/logs/{step}/{name}")
    StepLogs.Page log(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @PathVariable("step") int step,
            @PathVariable("name") String name,
            @RequestParam(name = "from", defaultValue = "0") long from) {
        if (from < 0) {
            throw new BadParameterException("from: %d is not a line's number".formatted(from));
        }
        boolean exists =
                logs.of(builder, number).stream()
                        .anyMatch(log -> log.step() == step && log.name().equals(name));
        if (!exists) {
            throw new NotThereException(
                    "step %d of build %s/%d has no log %s".formatted(step, builder, number, name));
        }
        return logs.read(builder, number, step, name, from);
    }
}
