package io.buildledger.scheduler.serving;

import io.buildledger.scheduler.explaining.Explanations;
import io.buildledger.viewing.BuilderStandings;
import io.buildledger.viewing.BuilderStandings.Waiting;
import java.util.List;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** The page of what waits and why: all builders with requests, whether a master has them or not. */
@Pages
class WaitingPages {

    private static final int BUILDERS = 100;

    private final BuilderStandings standings;
    private final Explanations explanations;
    private final LivePages live;

    WaitingPages(BuilderStandings standings, Explanations explanations, LivePages live) {
        this.standings = standings;
        this.explanations = explanations;
        this.live = live;
    }

    /**
     * @param skip how many of the first ones are on other pages
     */
    @GetMapping("/waiting")
    String waiting(@RequestParam(name = "skip", defaultValue = "0") int skip, Model model) {
        live.begin(model);
        list(skip, model);
        return "waiting";
    }

    @GetMapping("/sections/waiting")
    String list(@RequestParam(name = "skip", defaultValue = "0") int skip, Model model) {
        List<Waiting> waiting = standings.waiting();
        Excerpt<Waiting> onPage = Excerpt.of(waiting, skip, BUILDERS);
        onPage.addPlaceTo(model);
        model.addAttribute("waiting", onPage.items());
        model.addAttribute("why", explanations.ofQueues(Waiting.builders(onPage.items())));
        model.addAttribute("requests", waiting.stream().mapToLong(Waiting::requests).sum());
        return "waiting :: list";
    }
}
