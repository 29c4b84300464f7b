package io.buildledger.scheduler.serving;

import io.buildledger.attaching.WorkerCommands;
import io.buildledger.attaching.WorkerCommands.Answer;
import io.buildledger.log.Author;
import io.buildledger.viewing.Views;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Workers, and what people ask of them, as a form or a JSON object. A local worker's name is {@code
 * MASTER/NAME}, in one segment of the path with its slash encoded. Nobody logs in yet: {@code
 * requestedBy} is who they say that they are.
 */
@RestController
@RequestMapping("/api/workers")
class WorkerController {

    record Workers(List<Views.Worker> workers) {}

    /**
     * @param changed false if it was so already
     */
    record Told(boolean changed, Views.Worker worker) {}

    private static final String REQUESTED_BY = "requestedBy";
    private static final String REASON = "reason";
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_REASON = 500;

    /** What people ask of a worker, in whose name. */
    private interface Wish {
        Answer ask(Author author, String worker, String reason, String requestedBy);
    }

    private final WorkerCommands commands;
    private final Views views;
    private final Author author;

    WorkerController(WorkerCommands commands, Views views, Author author) {
        this.commands = commands;
        this.views = views;
        this.author = author;
    }

    @GetMapping
    Workers workers(@RequestParam(name = "limit", defaultValue = "1000") int limit) {
        return new Workers(views.workers(ApiController.checked(limit)));
    }

    @GetMapping("/{name}")
    Views.Worker worker(@PathVariable("name") String name) {
        return views.worker(name).orElseThrow(() -> unknown(name));
    }

    @PostMapping("/{name}/pause")
    Told pause(@PathVariable("name") String name, HttpServletRequest request) throws IOException {
        return ask(name, request, commands::pause);
    }

    @PostMapping("/{name}/unpause")
    Told unpause(@PathVariable("name") String name, HttpServletRequest request) throws IOException {
        return ask(name, request, commands::unpause);
    }

    @PostMapping("/{name}/stop")
    Told stop(@PathVariable("name") String name, HttpServletRequest request) throws IOException {
        return ask(name, request, commands::stop);
    }

    private Told ask(String name, HttpServletRequest request, Wish wish) throws IOException {
        SentFields fields = SentFields.of(request, List.of(REASON, REQUESTED_BY));
        Answer answer =
                wish.ask(
                        author,
                        name,
                        fields.line(REASON, "", LONGEST_REASON),
                        fields.line(REQUESTED_BY, "somebody", LONGEST_NAME));
        return switch (answer) {
            case DONE, NO_CHANGE -> new Told(answer == Answer.DONE, worker(name));
            case UNKNOWN -> throw unknown(name);
            case NOT_ATTACHED ->
                    throw new TooLateException(
                            "worker %s is not attached to any living master, so that none could stop it: pause it, and none claims for it when it comes back"
                                    .formatted(name));
            case LOCAL ->
                    throw new TooLateException(
                            "worker %s is a local one, which ends with its master: it can be paused, and not stopped"
                                    .formatted(name));
        };
    }

    private static NotThereException unknown(String name) {
        return new NotThereException(
                "there is no worker %s in the file of any master; a local one is MASTER/NAME"
                        .formatted(name));
    }
}
