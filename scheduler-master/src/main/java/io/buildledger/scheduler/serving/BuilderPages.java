package io.buildledger.scheduler.serving;

import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.mastering.PublishedBuilder;
import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.scheduler.explaining.Explanations;
import io.buildledger.scheduler.scheduling.ConfiguredSchedulers;
import io.buildledger.viewing.BuilderStandings;
import io.buildledger.viewing.BuilderStandings.Waiting;
import io.buildledger.viewing.Views;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/** The pages of builders: all of them, and one. They are of use without scripts, too. */
@Pages
class BuilderPages {

    /** More would take longer than people wait; a tag, a project or a state chooses. */
    private static final int BUILDERS = 100;

    private static final int BUILDS = 50;
    private static final int REQUESTS = 25;

    private final PublishedBuilders builders;
    private final BuilderStandings standings;
    private final ConfiguredSchedulers schedulers;
    private final Views views;
    private final Explanations explanations;
    private final LivePages live;

    BuilderPages(
            PublishedBuilders builders,
            BuilderStandings standings,
            ConfiguredSchedulers schedulers,
            Views views,
            Explanations explanations,
            LivePages live) {
        this.builders = builders;
        this.standings = standings;
        this.schedulers = schedulers;
        this.views = views;
        this.explanations = explanations;
        this.live = live;
    }

    /**
     * @param skip how many of the first ones are on other pages
     */
    @GetMapping("/builders")
    String builders(
            @RequestParam(name = "tag", required = false) @Nullable String tag,
            @RequestParam(name = "project", required = false) @Nullable String project,
            @RequestParam(name = "state", required = false) @Nullable String state,
            @RequestParam(name = "skip", defaultValue = "0") int skip,
            Model model) {
        live.begin(model);
        addBuilders(tag, project, state, skip, model);
        return "builders";
    }

    @GetMapping("/sections/builders")
    String list(
            @RequestParam(name = "tag", required = false) @Nullable String tag,
            @RequestParam(name = "project", required = false) @Nullable String project,
            @RequestParam(name = "state", required = false) @Nullable String state,
            @RequestParam(name = "skip", defaultValue = "0") int skip,
            Model model) {
        addBuilders(tag, project, state, skip, model);
        return "builders :: list";
    }

    private void addBuilders(
            @Nullable String tag,
            @Nullable String project,
            @Nullable String state,
            int skip,
            Model model) {
        Map<String, Long> running = standings.runningOf();
        Map<String, Waiting> waiting = waiting();
        List<String> found = builders.names(tag, project, Views.MOST);
        if (state != null) {
            Set<String> wanted =
                    switch (state) {
                        case "red" -> standings.redNames();
                        case "running" -> running.keySet();
                        case "waiting" -> waiting.keySet();
                        default ->
                                throw new BadParameterException(
                                        "state: '%s' is none of red, running and waiting"
                                                .formatted(state));
                    };
            // Also those that no living master has, which have no tag and no project.
            found =
                    tag == null && project == null
                            ? wanted.stream().sorted().toList()
                            : found.stream().filter(wanted::contains).toList();
        }
        Excerpt<String> onPage = Excerpt.of(found, skip, BUILDERS);
        onPage.addPlaceTo(model);
        model.addAttribute("builders", described(onPage.items()));
        model.addAttribute("latest", standings.latest(onPage.items()));
        model.addAttribute("running", running);
        model.addAttribute("waiting", waiting);
        model.addAttribute("tag", tag);
        model.addAttribute("project", project);
        model.addAttribute("state", state);
    }

    private List<PublishedBuilder> described(List<String> names) {
        Map<String, PublishedBuilder> published =
                builders.ofNames(names).stream()
                        .collect(Collectors.toMap(PublishedBuilder::name, Function.identity()));
        return names.stream()
                .map(name -> published.getOrDefault(name, PublishedBuilder.ofNobody(name)))
                .toList();
    }

    private Map<String, Waiting> waiting() {
        return standings.waiting().stream()
                .collect(Collectors.toMap(Waiting::builder, Function.identity()));
    }

    /**
     * @param before of builds with lower numbers alone
     */
    @GetMapping("/builders/{name}")
    String builder(
            @PathVariable("name") String name,
            @RequestParam(name = "before", defaultValue = "" + Long.MAX_VALUE) long before,
            Model model) {
        live.begin(model);
        addBuilder(name, before, model);
        return "builder";
    }

    @GetMapping("/builders/{name}/now")
    String now(
            @PathVariable("name") String name,
            @RequestParam(name = "before", defaultValue = "" + Long.MAX_VALUE) long before,
            Model model) {
        addBuilder(name, before, model);
        return "builder :: now";
    }

    private void addBuilder(String name, long before, Model model) {
        Optional<PublishedBuilder> published = builders.builder(name);
        List<Views.Build> builds = views.builds(name, before, BUILDS + 1);
        List<Views.Request> requests = views.requestsOnOffer(List.of(name), REQUESTS);
        if (published.isEmpty() && builds.isEmpty() && requests.isEmpty()) {
            throw new NotThereException("There is no builder %s.".formatted(name));
        }
        model.addAttribute("name", name);
        model.addAttribute("builder", published.orElse(null));
        model.addAttribute(
                "forced",
                schedulers.all().stream()
                        .filter(it -> it instanceof ForceScheduler)
                        .filter(it -> it.settings().builderNames().contains(name))
                        .toList());
        model.addAttribute("builds", builds.stream().limit(BUILDS).toList());
        model.addAttribute(
                "older", builds.size() > BUILDS ? builds.get(BUILDS - 1).buildNumber() : null);
        model.addAttribute("isNewest", before == Long.MAX_VALUE);
        model.addAttribute("latest", standings.latest(List.of(name)).getOrDefault(name, List.of()));
        model.addAttribute("requests", requests);
        model.addAttribute(
                "why", requests.isEmpty() ? null : explanations.ofQueues(List.of(name)).get(name));
        model.addAttribute("running", standings.runningOf().getOrDefault(name, 0L));
        model.addAttribute("waiting", standings.waiting(name).orElse(null));
        model.addAttribute("diverging", Divergence.ofOne(name, builders.fingerprints(name)));
    }
}
