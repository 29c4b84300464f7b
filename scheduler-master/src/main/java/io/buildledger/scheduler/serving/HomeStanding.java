package io.buildledger.scheduler.serving;

import io.buildledger.mastering.MasterRegistry;
import io.buildledger.scheduler.explaining.Explanations;
import io.buildledger.viewing.BuilderStandings;
import io.buildledger.viewing.BuilderStandings.Waiting;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.springframework.stereotype.Component;
import org.springframework.ui.Model;

/** What is red, what runs, and what waits and why, as the first page tells it. */
@Component
class HomeStanding {

    private static final int ROWS = 25;

    private final BuilderStandings standings;
    private final MasterRegistry masters;
    private final Explanations explanations;
    private final Executor beside = Thread.ofVirtual().name("count-waiting-", 0)::start;

    HomeStanding(BuilderStandings standings, MasterRegistry masters, Explanations explanations) {
        this.standings = standings;
        this.masters = masters;
        this.explanations = explanations;
    }

    void addTo(Model model) {
        // Of a long queue this takes as long as all else of the page: it is counted beside that.
        CompletableFuture<List<Waiting>> counted =
                CompletableFuture.supplyAsync(standings::waiting, beside);
        BuilderStandings.Reds red = standings.red(ROWS);
        model.addAttribute("red", red.last());
        model.addAttribute("redCount", red.count());
        model.addAttribute("running", standings.running(ROWS));
        model.addAttribute("runningCount", standings.runningCount());
        List<Waiting> waiting = result(counted);
        List<Waiting> first = waiting.stream().limit(ROWS).toList();
        model.addAttribute("waiting", first);
        model.addAttribute("waitingBuilders", waiting.size());
        model.addAttribute("waitingCount", waiting.stream().mapToLong(Waiting::requests).sum());
        model.addAttribute("why", explanations.ofQueues(Waiting.builders(first)));
        Set<String> served = masters.servedBuilders();
        model.addAttribute(
                "unserved", waiting.stream().filter(it -> !served.contains(it.builder())).count());
    }

    /** Fails as what was done beside has failed. */
    private static <T> T result(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
