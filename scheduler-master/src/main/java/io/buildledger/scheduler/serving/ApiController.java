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
 * slashes encoded.
 */
@RestController
@RequestMapping("/api")
class ApiController {

    record Changes(List<Views.Change> changes) {}

    /**
     * @param unserved builders with requests on offer that no living master claims for
     * @param diverging builders, not of these requests alone
     */
    record Requests(
            List<Views.Request> requests, List<Unserved> unserved, List<Divergence> diverging) {}

    record SourceStamps(List<Views.SourceStamp> sourceStamps) {}

    /**
     * @param buildsets numbers of those that are of it, newest first
     */
    record OneSourceStamp(Views.SourceStamp sourceStamp, List<Long> buildsets) {}

    /**
     * @param diverging builders, not of these builds alone
     */
    record Builds(List<Views.Build> builds, List<Divergence> diverging) {}

    record Builders(List<PublishedBuilder> builders) {}

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

    /**
     * @param next what {@code after} is for those that follow; null if there are none
     */
    record Artifacts(List<Views.Artifact> artifacts, @Nullable Integer next) {}

    /**
     * @param diverging builders for which these masters build different things
     */
    record Masters(List<Views.Master> masters, long headOfLog, List<Divergence> diverging) {}

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
    Changes changes(@RequestParam(name = "limit", defaultValue = "50") int limit) {
        return new Changes(views.changes(checked(limit)));
    }

    /**
     * @param unserved whether only those are wanted that no living master would claim
     */
    @GetMapping("/requests")
    Requests requests(
            @RequestParam(name = "limit", defaultValue = "50") int limit,
            @RequestParam(name = "unserved", defaultValue = "false") boolean unserved) {
        List<Unserved> nobodys = masters.unservedBuilders();
        return new Requests(
                unserved
                        ? views.requestsOnOffer(
                                nobodys.stream().map(Unserved::builder).toList(), checked(limit))
                        : views.requests(checked(limit)),
                nobodys,
                diverging());
    }

    private List<Divergence> diverging() {
        return Divergence.of(builders.diverging());
    }

    /**
     * @param tag that they have
     * @param project that they are of
     */
    @GetMapping("/builders")
    Builders builders(
            @RequestParam(name = "limit", defaultValue = "1000") int limit,
            @RequestParam(name = "tag", required = false) @Nullable String tag,
            @RequestParam(name = "project", required = false) @Nullable String project) {
        return new Builders(builders.builders(tag, project, checked(limit)));
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
            @RequestParam(name = "limit", defaultValue = "50") int limit) {
        return new OneSourceStamp(
                views.sourceStamp(id)
                        .orElseThrow(() -> new NotThereException("there is no source stamp " + id)),
                views.buildsetsOf(id, checked(limit)));
    }

    @GetMapping("/builds")
    Builds builds(@RequestParam(name = "limit", defaultValue = "50") int limit) {
        return new Builds(views.builds(checked(limit)), diverging());
    }

    @GetMapping("/masters")
    Masters masters(@RequestParam(name = "limit", defaultValue = "1000") int limit) {
        return new Masters(
                views.masters().stream().limit(checked(limit)).toList(),
                views.headOfLog(),
                diverging());
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
            @RequestParam(name = "after", defaultValue = "0") int after,
            @RequestParam(name = "limit", defaultValue = "1000") int limit,
            @RequestParam(name = "path", required = false) @Nullable String path) {
        Views.Build build = found(builder, number);
        if (path != null) {
            return new Artifacts(List.of(StoredArtifacts.require(views, build, path)), null);
        }
        List<Views.Artifact> found = views.artifacts(builder, number, after, checked(limit));
        return new Artifacts(found, found.size() < limit ? null : found.getLast().artifact());
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
