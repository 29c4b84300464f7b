package io.buildledger.scheduler.serving;

import io.buildledger.claiming.RequestCommands;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.reloading.ReloadRequests;
import io.buildledger.reloading.ReloadRequests.Outcome;
import io.buildledger.viewing.Views;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
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

    /**
     * What came of a reload.
     *
     * @param outcome {@code reloaded}; {@code refused}: the master goes on as before; or {@code
     *     pending}: it has not come to it yet
     * @param differences from the configuration before, if it was reloaded
     * @param problems with the file, if it was refused
     */
    record Reload(String master, String outcome, List<String> differences, List<String> problems) {}

    record Cancelled(long requestId, String results) {}

    record Prioritized(long requestId, int priority) {}

    private static final String REQUESTED_BY = "requestedBy";
    private static final int LONGEST_NAME = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int LONGEST_REASON = 500;

    private final MasterRegistry masters;
    private final RequestCommands requests;
    private final ReloadRequests reloads;
    private final Views views;
    private final Author author;

    CommandController(
            MasterRegistry masters,
            RequestCommands requests,
            ReloadRequests reloads,
            Views views,
            Author author) {
        this.masters = masters;
        this.requests = requests;
        this.reloads = reloads;
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
            case NOT_LIVING -> throw noLivingMaster(name);
        };
    }

    @PostMapping("/masters/{name}/reload")
    ResponseEntity<Reload> reload(@PathVariable("name") String name, HttpServletRequest request)
            throws IOException, InterruptedException {
        SentFields fields = SentFields.of(request, List.of(REQUESTED_BY));
        return switch (reloads.askAndWait(author, name, requestedBy(fields), PATIENCE)) {
            case Outcome.Reloaded reloaded ->
                    ResponseEntity.ok(
                            new Reload(name, "reloaded", reloaded.differences(), List.of()));
            case Outcome.Refused refused ->
                    ResponseEntity.ok(new Reload(name, "refused", List.of(), refused.problems()));
            case Outcome.Pending _ ->
                    ResponseEntity.status(HttpStatus.ACCEPTED)
                            .body(new Reload(name, "pending", List.of(), List.of()));
            case Outcome.Over _ ->
                    throw new TooLateException(
                            "master %s has ended before it came to it: it reads its file when it is started again"
                                    .formatted(name));
            case Outcome.NotLiving _ -> throw noLivingMaster(name);
        };
    }

    private static NotThereException noLivingMaster(String name) {
        return new NotThereException("there is no living master " + name);
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
