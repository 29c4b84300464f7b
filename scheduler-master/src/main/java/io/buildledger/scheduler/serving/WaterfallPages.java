package io.buildledger.scheduler.serving;

import io.buildledger.mastering.PublishedBuilder;
import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.viewing.Views;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
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
    private final PublishedBuilders builders;
    private final LivePages live;

    WaterfallPages(Views views, PublishedBuilders builders, LivePages live) {
        this.views = views;
        this.builders = builders;
        this.live = live;
    }

    /**
     * @param tag of the builders that are shown; null for all, as with the project
     */
    @GetMapping("/waterfall")
    String waterfall(
            @RequestParam(name = "tag", required = false) @Nullable String tag,
            @RequestParam(name = "project", required = false) @Nullable String project,
            Model model) {
        live.begin(model);
        bars(tag, project, model);
        return "waterfall";
    }

    @GetMapping("/sections/waterfall")
    String bars(
            @RequestParam(name = "tag", required = false) @Nullable String tag,
            @RequestParam(name = "project", required = false) @Nullable String project,
            Model model) {
        List<Views.Build> builds = views.builds(BUILDS);
        if (tag != null || project != null) {
            Set<String> wanted =
                    builders.builders(tag, project, Views.MOST).stream()
                            .map(PublishedBuilder::name)
                            .collect(Collectors.toSet());
            builds = builds.stream().filter(it -> wanted.contains(it.builder())).toList();
        }
        model.addAttribute("waterfall", Waterfall.of(builds, views.now(), BUILDERS));
        model.addAttribute("tag", tag);
        model.addAttribute("project", project);
        return "waterfall :: bars";
    }
}
