package io.buildledger.scheduler.serving;

import io.buildledger.claiming.RequestCommands;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.viewing.Views;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * What people ask of masters and requests, as a form or a JSON object. An answer of 200 means that
 * it is in the log. Nobody logs in yet: {@code requestedBy} is who they say that they are.
 */
@RestController
@RequestMapping("/api")
class CommandController {

    /**
     * @param changed false if it was so already
     * @param self whether the master that answers is the one that was told
     */
    record Told(boolean changed, boolean self, Views.Master master) {}

    record Cancelled(long requestId, String results) {}

    record Prioritized(long requestId, int priority) {}

    private static final String REQUESTED_BY = "requestedBy";
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_REASON = 500;

    private final MasterRegistry masters;
    private final RequestCommands requests;
    private final Views views;
    private final Author author;

    CommandController(
            MasterRegistry masters, RequestCommands requests, Views views, Author author) {
        this.masters = masters;
        this.requests = requests;
        this.views = views;
        this.author = author;
    }

    @PostMapping("/masters/{name}/drain")
    Told drain(@PathVariable("name") String name, HttpServletRequest request) throws IOException {
        SentFields fields = SentFields.of(request, List.of("now", REQUESTED_BY));
        return told(name, masters.drain(author, name, fields.flag("now"), requestedBy(fields)));
    }

    @PostMapping("/masters/{name}/undrain")
    Told undrain(@PathVariable("name") String name, HttpServletRequest request) throws IOException {
        SentFields fields = SentFields.of(request, List.of(REQUESTED_BY));
        return told(name, masters.undrain(author, name, requestedBy(fields)));
    }

    private Told told(String name, MasterRegistry.Answer answer) {
        return switch (answer) {
            case DONE, NO_CHANGE ->
                    new Told(
                            answer == MasterRegistry.Answer.DONE,
                            name.equals(author.master()),
                            views.master(name).orElseThrow());
            case NOT_LIVING -> throw new NotThereException("there is no living master " + name);
        };
    }

    @PostMapping("/requests/{id}/cancel")
    Cancelled cancel(@PathVariable("id") long id, HttpServletRequest request) throws IOException {
        SentFields fields = SentFields.of(request, List.of("reason", REQUESTED_BY));
        requireDone(
                id,
                requests.cancel(
                        author,
                        id,
                        requestedBy(fields),
                        fields.line("reason", "", LONGEST_REASON)));
        return new Cancelled(id, "CANCELLED");
    }

    @PostMapping("/requests/{id}/priority")
    Prioritized priority(@PathVariable("id") long id, HttpServletRequest request)
            throws IOException {
        SentFields fields = SentFields.of(request, List.of("priority", REQUESTED_BY));
        int priority = fields.number("priority");
        requireDone(id, requests.changePriority(author, id, priority, requestedBy(fields)));
        return new Prioritized(id, priority);
    }

    private static void requireDone(long id, RequestCommands.Answer answer) {
        switch (answer) {
            case RequestCommands.Answer.Done _ -> {}
            case RequestCommands.Answer.Unknown _ ->
                    throw new NotThereException("there is no request " + id);
            case RequestCommands.Answer.Over over ->
                    throw new TooLateException(
                            "request %d has ended already as %s".formatted(id, over.results()));
        }
    }

    private static String requestedBy(SentFields fields) {
        return fields.line(REQUESTED_BY, "somebody", LONGEST_NAME);
    }
}
