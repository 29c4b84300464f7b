package io.buildledger.scheduler.serving;

import io.buildledger.configuring.Access.Act;
import io.buildledger.domain.attaching.WorkerName;
import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.scheduler.admitting.Asker;
import io.buildledger.viewing.IndexWalks;
import io.buildledger.viewing.IndexWalks.Times;
import io.buildledger.viewing.IndexWalks.Walk;
import io.buildledger.viewing.Views;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;

/** The pages of workers: all of them, and one, on which it is paused and stopped. */
@Pages
class WorkerPages {

    private static final int BUILDS = 50;

    private final Views views;
    private final PublishedBuilders builders;
    private final IndexWalks walks;
    private final AskedWorkers asked;
    private final LivePages live;

    WorkerPages(
            Views views,
            PublishedBuilders builders,
            IndexWalks walks,
            AskedWorkers asked,
            LivePages live) {
        this.views = views;
        this.walks = walks;
        this.builders = builders;
        this.asked = asked;
        this.live = live;
    }

    @GetMapping("/workers")
    String workers(Model model) {
        live.begin(model);
        list(model);
        return "workers";
    }

    @GetMapping("/sections/workers")
    String list(Model model) {
        model.addAttribute("workers", views.workers(Views.MOST));
        return "workers :: list";
    }

    @GetMapping("/workers/{name}")
    String worker(@PathVariable("name") String name, Model model) {
        live.begin(model);
        now(name, model);
        return "worker";
    }

    @GetMapping("/workers/{name}/now")
    String now(@PathVariable("name") String name, Model model) {
        Views.Worker worker = views.worker(name).orElseThrow(() -> AskedWorkers.unknown(name));
        model.addAttribute("worker", worker);
        model.addAttribute("builds", builds(worker));
        model.addAttribute("diverging", Divergence.of(builders.diverging()));
        return "worker :: now";
    }

    private List<Views.Build> builds(Views.Worker worker) {
        Walk newest = new Walk(true, BUILDS);
        String name = worker.name();
        return worker.attaches()
                ? walks.buildsOn(name, null, Times.ALL, newest)
                : walks.buildsOn(
                        name.substring(name.indexOf('/') + 1), worker.master(), Times.ALL, newest);
    }

    /**
     * Leads from a build to its worker, which others know as {@code MASTER/NAME} if it is a local
     * one; to all workers if it is in no file any more.
     */
    @GetMapping("/masters/{master}/workers/{name}")
    String workerOf(@PathVariable("master") String master, @PathVariable("name") String name) {
        return Stream.of(false, true)
                .map(attaches -> WorkerName.of(attaches, master, name))
                .filter(it -> views.worker(it).isPresent())
                .findFirst()
                .map(WorkerPages::pageOf)
                .orElse("redirect:/workers");
    }

    /** Where its forms are: an address that was sent to is gone to, too. */
    @GetMapping({"/workers/{name}/pause", "/workers/{name}/unpause", "/workers/{name}/stop"})
    String form(@PathVariable("name") String name) {
        return pageOf(name);
    }

    @PostMapping("/workers/{name}/pause")
    String pause(@PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException {
        asked.pause(name, AskedBy.of(request, asker.require(Act.PAUSE)));
        return pageOf(name);
    }

    @PostMapping("/workers/{name}/unpause")
    String unpause(@PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException {
        asked.unpause(name, AskedBy.of(request, asker.require(Act.PAUSE)));
        return pageOf(name);
    }

    @PostMapping("/workers/{name}/stop")
    String stop(@PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException {
        asked.stop(name, AskedBy.of(request, asker.require(Act.PAUSE)));
        return pageOf(name);
    }

    private static String pageOf(String worker) {
        return "redirect:" + new Shown().pathOfWorker(worker);
    }
}
