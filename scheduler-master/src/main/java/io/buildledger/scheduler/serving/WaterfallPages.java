package io.buildledger.scheduler.serving;

import io.buildledger.mastering.PublishedBuilder;
import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.viewing.BuilderStandings;
import io.buildledger.viewing.Views;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** The page on which one sees what was built beside what. */
@Pages
class WaterfallPages {

    private static final int BUILDS = 300;
    private static final int BUILDERS = 40;

    private final Views views;
    private final BuilderStandings standings;
    private final PublishedBuilders builders;
    private final LivePages live;

    WaterfallPages(
            Views views, BuilderStandings standings, PublishedBuilders builders, LivePages live) {
        this.views = views;
        this.standings = standings;
        this.builders = builders;
        this.live = live;
    }

    /**
     * @param tag of the builders that are shown; null for all, as with the project
     * @param before of all builders, what was claimed before this build, as {@code linux/12}; null
     *     for the newest
     */
    @GetMapping("/waterfall")
    String waterfall(
            @RequestParam(name = "tag", required = false) @Nullable String tag,
            @RequestParam(name = "project", required = false) @Nullable String project,
            @RequestParam(name = "before", required = false) @Nullable String before,
            Model model) {
        live.begin(model);
        if (before == null) {
            bars(tag, project, model);
            return "waterfall";
        }
        if (tag != null || project != null) {
            throw new BadParameterException(
                    "before: of the builders of a tag or project the newest builds alone are shown;"
                            + " leave out 'before', or 'tag' and 'project'");
        }
        addBuilds(views.buildsBefore(NamedBuild.of("before", before, views), BUILDS + 1), model);
        model.addAttribute("isNewest", false);
        return "waterfall";
    }

    @GetMapping("/sections/waterfall")
    String bars(
            @RequestParam(name = "tag", required = false) @Nullable String tag,
            @RequestParam(name = "project", required = false) @Nullable String project,
            Model model) {
        if (tag == null && project == null) {
            addBuilds(views.builds(BUILDS + 1), model);
        } else {
            List<String> wanted =
                    builders.builders(tag, project, Views.MOST).stream()
                            .map(PublishedBuilder::name)
                            .toList();
            List<Views.Build> builds =
                    standings.latest(wanted).values().stream().flatMap(List::stream).toList();
            model.addAttribute("waterfall", Waterfall.of(builds, views.now(), BUILDERS));
        }
        model.addAttribute("tag", tag);
        model.addAttribute("project", project);
        model.addAttribute("isNewest", true);
        return "waterfall :: bars";
    }

    /**
     * @param builds the newest first, one more than are shown if there are more
     */
    private void addBuilds(List<Views.Build> builds, Model model) {
        List<Views.Build> shown = builds.subList(0, Math.min(BUILDS, builds.size()));
        model.addAttribute("waterfall", Waterfall.of(shown, views.now(), BUILDERS));
        model.addAttribute("older", builds.size() > BUILDS ? shown.getLast() : null);
    }
}
