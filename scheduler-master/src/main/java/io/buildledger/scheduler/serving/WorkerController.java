package io.buildledger.scheduler.serving;

import io.buildledger.configuring.Access.Act;
import io.buildledger.scheduler.admitting.Asker;
import io.buildledger.viewing.Views;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Workers, and what people ask of them, as a form or a JSON object. A local worker's name is {@code
 * MASTER/NAME}, in one segment of the path with its slash encoded.
 */
@RestController
@RequestMapping("/api/workers")
class WorkerController {

    /**
     * @param next what {@code after} is for those that follow; null if there are none
     */
    record Workers(List<Views.Worker> workers, @Nullable String next) {}

    /**
     * @param changed false if it was so already
     */
    record Told(boolean changed, Views.Worker worker) {}

    private final AskedWorkers asked;
    private final Views views;

    WorkerController(AskedWorkers asked, Views views) {
        this.asked = asked;
        this.views = views;
    }

    @GetMapping
    Workers workers(
            @RequestParam(name = "limit", defaultValue = "1000") int limit,
            @RequestParam(name = "after", required = false) @Nullable String after) {
        Portion<Views.Worker> portion =
                Portion.of(
                        views.workers(
                                ApiController.nameOrFirst(after), ApiController.checked(limit) + 1),
                        limit,
                        Views.Worker::name);
        return new Workers(portion.items(), portion.next());
    }

    @GetMapping("/{name}")
    Views.Worker worker(@PathVariable("name") String name) {
        return views.worker(name).orElseThrow(() -> AskedWorkers.unknown(name));
    }

    @PostMapping("/{name}/pause")
    @Takes(Sent.WHY)
    Told pause(@PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException {
        return new Told(
                asked.pause(name, AskedBy.of(request, asker.require(Act.PAUSE))), worker(name));
    }

    @PostMapping("/{name}/unpause")
    @Takes(Sent.WHY)
    Told unpause(@PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException {
        return new Told(
                asked.unpause(name, AskedBy.of(request, asker.require(Act.PAUSE))), worker(name));
    }

    @PostMapping("/{name}/stop")
    @Takes(Sent.WHY)
    Told stop(@PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException {
        return new Told(
                asked.stop(name, AskedBy.of(request, asker.require(Act.PAUSE))), worker(name));
    }
}
