package io.buildledger.scheduler.serving;

import io.buildledger.auditing.Audit;
import io.buildledger.auditing.Audit.AuditEntry;
import io.buildledger.auditing.RequestAudit;
import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.scheduler.explaining.Explanations;
import io.buildledger.scheduler.explaining.Explanations.OfRequest;
import io.buildledger.steplog.StepLogs;
import io.buildledger.viewing.BuildInputs;
import io.buildledger.viewing.BuildSteps;
import io.buildledger.viewing.Views;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/** Pages, and the parts of them that refresh themselves. They are of use without scripts, too. */
@Pages
class PageController {

    private static final String DIVERGING = "diverging";
    private static final int ROWS = 25;
    private static final int ARTIFACTS = 100;
    private static final int CHANGES = 20;

    /** The events in which people and builds ask for builds, as the log calls them. */
    private static final Set<String> ASKING =
            Set.of("build-forced", "build-triggered", "patch-submitted", "buildset-submitted");

    private record Status(Views.Build build, BuildSteps.Steps steps) {}

    private final Views views;
    private final HomeStanding standing;
    private final BuildSteps buildSteps;
    private final BuildInputs inputs;
    private final ShownLags lags;
    private final PublishedBuilders builders;
    private final RequestAudit audits;
    private final StepLogs logs;
    private final ShownTriggers triggers;
    private final Explanations explanations;
    private final LivePages live;

    PageController(
            Views views,
            HomeStanding standing,
            BuildSteps buildSteps,
            BuildInputs inputs,
            ShownLags lags,
            PublishedBuilders builders,
            RequestAudit audits,
            StepLogs logs,
            ShownTriggers triggers,
            Explanations explanations,
            LivePages live) {
        this.views = views;
        this.standing = standing;
        this.buildSteps = buildSteps;
        this.inputs = inputs;
        this.lags = lags;
        this.builders = builders;
        this.audits = audits;
        this.logs = logs;
        this.triggers = triggers;
        this.explanations = explanations;
        this.live = live;
    }

    @GetMapping("/")
    String home(Model model) {
        live.begin(model);
        standing(model);
        masters(model);
        requests(model);
        builds(model);
        changes(model);
        return "home";
    }

    /** What is red, what runs, and what waits and why. */
    @GetMapping("/sections/standing")
    String standing(Model model) {
        standing.addTo(model);
        diverging(model);
        return "sections :: standing";
    }

    @GetMapping("/sections/masters")
    String masters(Model model) {
        model.addAttribute("masters", views.masters());
        lags.addLate(model);
        diverging(model);
        return "sections :: masters";
    }

    @GetMapping("/sections/requests")
    String requests(Model model) {
        model.addAttribute("requests", views.requests(ROWS));
        diverging(model);
        return "sections :: requests";
    }

    @GetMapping("/sections/builds")
    String builds(Model model) {
        model.addAttribute("builds", views.builds(ROWS));
        diverging(model);
        return "sections :: builds";
    }

    /** The parts of a page share one look. */
    private void diverging(Model model) {
        if (!model.containsAttribute(DIVERGING)) {
            model.addAttribute(DIVERGING, Divergence.of(builders.diverging()));
        }
    }

    @GetMapping("/sections/changes")
    String changes(Model model) {
        model.addAttribute("changes", views.changes(ROWS));
        return "sections :: changes";
    }

    @GetMapping("/builds/{builder}/{number}")
    String build(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @RequestParam(name = "hidden", defaultValue = "false") boolean hidden,
            Model model) {
        live.begin(model);
        Status shown = addStatus(builder, number, hidden, model);
        StepsByNumber steps = StepsByNumber.of(shown.steps().all());
        model.addAttribute("inputs", inputs.of(shown.build(), CHANGES));
        model.addAttribute(
                "logs",
                LogExcerpt.of(
                        logs,
                        logs.locate(builder, number).stream()
                                .filter(log -> hidden || !steps.isHidden(log.step()))
                                .toList(),
                        steps));
        return "build";
    }

    @GetMapping("/builds/{builder}/{number}/status")
    String status(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @RequestParam(name = "hidden", defaultValue = "false") boolean hidden,
            Model model) {
        addStatus(builder, number, hidden, model);
        return "sections :: status";
    }

    /** What it was asked for with, and what it was told since. */
    @GetMapping("/builds/{builder}/{number}/inputs")
    String inputs(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            Model model) {
        Views.Build build = build(builder, number);
        model.addAttribute("build", build);
        model.addAttribute("inputs", inputs.of(build, CHANGES));
        return "build :: inputs";
    }

    private Views.Build build(String builder, long number) {
        return views.build(builder, number)
                .orElseThrow(() ->
                        new NotThereException(
                                "There is no build %s/%d.".formatted(builder, number)));
    }

    /**
     * @param hidden whether hidden steps are wanted, too
     */
    private Status addStatus(String builder, long number, boolean hidden, Model model) {
        Views.Build build = build(builder, number);
        BuildSteps.Steps steps = buildSteps.of(build);
        model.addAttribute("build", build);
        model.addAttribute("hasNext", views.build(builder, number + 1).isPresent());
        model.addAttribute(DIVERGING, Divergence.ofOne(builder, builders.fingerprints(builder)));
        model.addAttribute("steps", steps.shown(hidden));
        model.addAttribute("hiddenSteps", steps.hiddenCount());
        model.addAttribute("hidden", hidden);
        model.addAttribute("triggered", triggers.of(builder, number));
        List<Views.Artifact> artifacts = views.artifacts(builder, number, 0, ARTIFACTS + 1);
        model.addAttribute("artifacts", artifacts.stream().limit(ARTIFACTS).toList());
        model.addAttribute("moreArtifacts", artifacts.size() > ARTIFACTS);
        return new Status(build, steps);
    }

    @GetMapping("/requests/{id}")
    String request(@PathVariable("id") long id, Model model) {
        live.begin(model);
        addAudit(id, model);
        return "request";
    }

    @GetMapping("/requests/{id}/timeline")
    String timeline(@PathVariable("id") long id, Model model) {
        addAudit(id, model);
        return "sections :: timeline";
    }

    /** By whom a request was asked for; null if a scheduler has decided it by itself. */
    private static @Nullable String asked(Audit audit) {
        return audit.entries().stream()
                .filter(it -> ASKING.contains(it.type()))
                .map(AuditEntry::actor)
                .filter(it -> it != null && !it.isBlank())
                // What is built once more was asked for before.
                .reduce((_, last) -> last)
                .orElse(null);
    }

    private void addAudit(long id, Model model) {
        Audit audit =
                audits.of(id)
                        .orElseThrow(() ->
                                new NotThereException("There is no request %d.".formatted(id)));
        // A request has one.
        String builder = Objects.requireNonNull(audit.builder());
        model.addAttribute("audit", audit);
        model.addAttribute("asked", asked(audit));
        model.addAttribute(
                "why",
                "completed".equals(audit.state())
                        ? List.of()
                        : explanations.ofRequest(id).map(OfRequest::reasons).orElse(List.of()));
        model.addAttribute(DIVERGING, Divergence.ofOne(builder, builders.fingerprints(builder)));
    }
}
