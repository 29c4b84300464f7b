package io.buildledger.scheduler.serving;

import io.buildledger.claiming.RequestCommands;
import io.buildledger.configuring.Access.Act;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.reloading.ReloadRequests;
import io.buildledger.reloading.ReloadRequests.Outcome;
import io.buildledger.scheduler.admitting.Asker;
import io.buildledger.scheduler.admitting.Asker.Permit;
import io.buildledger.scheduler.serving.Sent.Fields;
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
 * it is in the log.
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

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final MasterRegistry masters;
    private final RequestCommands requests;
    private final ReloadRequests reloads;
    private final Views views;
    private final RequestPermits permits;
    private final Author author;

    CommandController(
            MasterRegistry masters,
            RequestCommands requests,
            ReloadRequests reloads,
            Views views,
            RequestPermits permits,
            Author author) {
        this.masters = masters;
        this.requests = requests;
        this.reloads = reloads;
        this.views = views;
        this.permits = permits;
        this.author = author;
    }

    @PostMapping("/masters/{name}/drain")
    @Takes(Sent.DRAIN)
    Told drain(@PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException {
        Permit permit = asker.require(Act.DRAIN);
        SentFields fields = SentFields.of(request, Sent.DRAIN);
        return told(
                name,
                masters.drain(
                        author, name, fields.flag(Fields.NOW), AskedBy.nameIn(fields, permit)));
    }

    @PostMapping("/masters/{name}/undrain")
    @Takes(Sent.WHO)
    Told undrain(@PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException {
        String by = AskedBy.nameOf(request, asker.require(Act.DRAIN));
        return told(name, masters.undrain(author, name, by));
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
    @Takes(Sent.WHO)
    ResponseEntity<Reload> reload(
            @PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        String by = AskedBy.nameOf(request, asker.require(Act.RELOAD));
        return switch (reloads.askAndWait(author, name, by, PATIENCE)) {
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
    @Takes(Sent.WHY)
    Cancelled cancel(@PathVariable("id") long id, Asker asker, HttpServletRequest request)
            throws IOException {
        AskedBy asked =
                AskedBy.of(
                        request,
                        permits.request(asker, Act.CANCEL, id).orElseThrow(() -> noRequest(id)));
        requireDone(id, requests.cancel(author, id, asked.name(), asked.reason()));
        return new Cancelled(id, "CANCELLED");
    }

    @PostMapping("/requests/{id}/priority")
    @Takes(Sent.PRIORITY)
    Prioritized priority(@PathVariable("id") long id, Asker asker, HttpServletRequest request)
            throws IOException {
        Permit permit = permits.request(asker, Act.PRIORITY, id).orElseThrow(() -> noRequest(id));
        SentFields fields = SentFields.of(request, Sent.PRIORITY);
        int priority = fields.number(Fields.PRIORITY);
        requireDone(
                id, requests.changePriority(author, id, priority, AskedBy.nameIn(fields, permit)));
        return new Prioritized(id, priority);
    }

    private static void requireDone(long id, RequestCommands.Answer answer) {
        switch (answer) {
            case RequestCommands.Answer.Done _ -> {}
            case RequestCommands.Answer.Unknown _ -> throw noRequest(id);
            case RequestCommands.Answer.Over over ->
                    throw new TooLateException(
                            "request %d has ended already as %s".formatted(id, over.results()));
        }
    }

    private static NotThereException noRequest(long id) {
        return new NotThereException("there is no request " + id);
    }
}
