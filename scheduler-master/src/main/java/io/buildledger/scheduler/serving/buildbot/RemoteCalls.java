package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.attaching.WorkerCommands;
import io.buildledger.claiming.Rebuilds;
import io.buildledger.claiming.RequestCommands;
import io.buildledger.claiming.RequestCommands.BuildAnswer;
import io.buildledger.configuring.Access.Act;
import io.buildledger.domain.scheduling.ForceForm;
import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.log.Author;
import io.buildledger.scheduler.admitting.Asker;
import io.buildledger.scheduler.admitting.Asker.Permit;
import io.buildledger.scheduler.scheduling.ConfiguredSchedulers;
import io.buildledger.scheduler.serving.AskedSchedulers;
import io.buildledger.scheduler.serving.AskedSchedulers.Asked;
import io.buildledger.scheduler.serving.BadParameterException;
import io.buildledger.scheduler.serving.NotThereException;
import io.buildledger.scheduler.serving.RequestPermits;
import io.buildledger.scheduler.serving.TooLateException;
import io.buildledger.scheduler.serving.buildbot.Numbered.Named;
import io.buildledger.scheduler.serving.buildbot.RemoteCall.Method;
import io.buildledger.scheduler.serving.buildbot.RemoteMethod.Parameters;
import io.buildledger.viewing.Views.Build;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * What people ask of builds, requests, schedulers and workers in Buildbot's way. An answer of 200
 * means that it is in the log.
 */
@RestController
@RequestMapping("/api/v2")
class RemoteCalls {

    private final RequestCommands requests;
    private final Rebuilds rebuilds;
    private final WorkerCommands workers;
    private final AskedSchedulers asked;
    private final ConfiguredSchedulers schedulers;
    private final BuildRows builds;
    private final RequestPermits permits;
    private final NamesByNumber names;
    private final Author author;

    RemoteCalls(
            RequestCommands requests,
            Rebuilds rebuilds,
            WorkerCommands workers,
            AskedSchedulers asked,
            ConfiguredSchedulers schedulers,
            BuildRows builds,
            RequestPermits permits,
            NamesByNumber names,
            Author author) {
        this.requests = requests;
        this.rebuilds = rebuilds;
        this.workers = workers;
        this.asked = asked;
        this.schedulers = schedulers;
        this.builds = builds;
        this.permits = permits;
        this.names = names;
        this.author = author;
    }

    @PostMapping("/builds/{id}")
    @Calls({RemoteMethod.STOP, RemoteMethod.REBUILD})
    ResponseEntity<Map<String, Object>> build(
            @PathVariable("id") long id, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        return answer(() -> builds.require(id), asker, request);
    }

    @PostMapping("/builders/{builder}/builds/{number}")
    @Calls({RemoteMethod.STOP, RemoteMethod.REBUILD})
    ResponseEntity<Map<String, Object>> build(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            Asker asker,
            HttpServletRequest request)
            throws IOException, InterruptedException {
        return answer(() -> builds.require(builder, number), asker, request);
    }

    private ResponseEntity<Map<String, Object>> answer(
            Supplier<Build> build, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        return RemoteCall.answer(
                request,
                Map.of(
                        RemoteMethod.STOP, call -> stop(build, asker, call),
                        RemoteMethod.REBUILD, call -> rebuild(build, asker, call)));
    }

    private @Nullable Object stop(Supplier<Build> built, Asker asker, RemoteCall call) {
        asker.require(Act.STOP);
        Build build = built.get();
        Permit permit = asker.require(Act.STOP, build.builder());
        BuildAnswer answer =
                requests.stop(
                        author,
                        build.builder(),
                        build.buildNumber(),
                        call.requestedBy(permit),
                        call.reason());
        return switch (answer) {
            case BuildAnswer.Done _ -> null;
            case BuildAnswer.Unknown _ -> throw new NotThereException("there is no such build");
            case BuildAnswer.Over over ->
                    throw new TooLateException(
                            "the build has ended already as %s".formatted(over.results()));
        };
    }

    private Object rebuild(Supplier<Build> built, Asker asker, RemoteCall call) {
        asker.require(Act.REBUILD);
        Build build = built.get();
        Permit permit = asker.require(Act.REBUILD, build.builder());
        return rebuilds.build(
                        author,
                        build.builder(),
                        build.buildNumber(),
                        call.requestedBy(permit),
                        call.reason())
                .map(it -> submitted(it.buildsetId(), it.requestIds()))
                .orElseThrow(() -> new NotThereException("there is no such build"));
    }

    /** A buildset, and the request of each builder by the builder's number. */
    private List<Object> submitted(long buildset, Map<String, Long> requestIds) {
        Map<String, Long> byNumber = new TreeMap<>();
        requestIds.forEach((builder, id) ->
                byNumber.put(String.valueOf(names.number(Named.BUILDER, builder)), id));
        return List.of(buildset, byNumber);
    }

    @PostMapping("/buildrequests/{id}")
    @Calls({RemoteMethod.CANCEL, RemoteMethod.SET_PRIORITY})
    ResponseEntity<Map<String, Object>> request(
            @PathVariable("id") long id, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        return RemoteCall.answer(
                request,
                Map.of(
                        RemoteMethod.CANCEL,
                        call ->
                                done(
                                        id,
                                        requests.cancel(
                                                author,
                                                id,
                                                call.requestedBy(permit(asker, Act.CANCEL, id)),
                                                call.reason())),
                        RemoteMethod.SET_PRIORITY,
                        call ->
                                done(
                                        id,
                                        requests.changePriority(
                                                author,
                                                id,
                                                call.number(Parameters.PRIORITY),
                                                call.requestedBy(
                                                        permit(asker, Act.PRIORITY, id))))));
    }

    private Permit permit(Asker asker, Act act, long id) {
        return permits.request(asker, act, id).orElseThrow(() -> noRequest(id));
    }

    private static NotThereException noRequest(long id) {
        return new NotThereException("there is no build request " + id);
    }

    private static @Nullable Object done(long id, RequestCommands.Answer answer) {
        return switch (answer) {
            case RequestCommands.Answer.Done _ -> null;
            case RequestCommands.Answer.Unknown _ -> throw noRequest(id);
            case RequestCommands.Answer.Over over ->
                    throw new TooLateException(
                            "build request %d has ended already as %s"
                                    .formatted(id, over.results()));
        };
    }

    @PostMapping("/forceschedulers/{name}")
    @Calls(RemoteMethod.FORCE)
    ResponseEntity<Map<String, Object>> force(
            @PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        return RemoteCall.answer(
                request, Map.of(RemoteMethod.FORCE, call -> force(name, asker, call)));
    }

    private @Nullable Object force(String name, Asker asker, RemoteCall call)
            throws InterruptedException {
        Permit permit = asker.require(Act.FORCE);
        ForceScheduler scheduler =
                schedulers
                        .find(name)
                        .filter(ForceScheduler.class::isInstance)
                        .map(ForceScheduler.class::cast)
                        .orElseThrow(
                                () -> new NotThereException("there is no force scheduler " + name));
        return switch (scheduler.read(call.requestedByIfAny(permit), fields(call))) {
            case ForceForm.Answer.Accepted accepted ->
                    result(asked.force(asker, scheduler, accepted.command()));
            case ForceForm.Answer.Refused refused ->
                    throw new BadParameterException(
                            String.join(
                                    "; ",
                                    refused.problems().entrySet().stream()
                                            .map(it -> it.getKey() + ": " + it.getValue())
                                            .toList()));
        };
    }

    /** What a form knows of what Buildbot's clients send. */
    private Map<String, Object> fields(RemoteCall call) {
        Map<String, Object> fields = new LinkedHashMap<>(call.parameters());
        fields.remove(Parameters.OWNER.name());
        fields.remove(Parameters.REQUESTED_BY.name());
        fields.remove(Parameters.BUILDER_NAMES.name());
        fields.remove(Parameters.BUILDER_ID.name());
        List<String> builderNames = call.texts(Parameters.BUILDER_NAMES);
        String builderId = call.line(Parameters.BUILDER_ID);
        if (!builderNames.isEmpty()) {
            fields.put("builder_names", builderNames);
        } else if (call.parameters().containsKey(Parameters.BUILDER_ID.name())) {
            fields.put(
                    "builder_names",
                    List.of(
                            names.nameOf(Named.BUILDER, builderId)
                                    .orElseThrow(() ->
                                            new BadParameterException(
                                                    "builderid: there is no builder "
                                                            + builderId))));
        }
        return fields;
    }

    /** Null where no master has come to it yet. */
    private @Nullable Object result(Asked outcome) {
        Long buildset = outcome.buildsetId();
        return buildset == null ? null : submitted(buildset, outcome.requestIds());
    }

    @PostMapping("/schedulers/{scheduler}")
    @Calls(RemoteMethod.ENABLE)
    ResponseEntity<Map<String, Object>> scheduler(
            @PathVariable("scheduler") String scheduler, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        return RemoteCall.answer(
                request,
                Map.of(
                        RemoteMethod.ENABLE,
                        call -> {
                            asker.require(Act.ENABLE);
                            String name = require(Named.SCHEDULER, scheduler);
                            asked.switchTo(
                                    call.flag(Parameters.ENABLED),
                                    name,
                                    call.requestedBy(asked.requireSwitch(asker, name)),
                                    call.reason());
                            return null;
                        }));
    }

    @PostMapping("/workers/{worker}")
    @Calls({RemoteMethod.PAUSE, RemoteMethod.UNPAUSE, RemoteMethod.STOP})
    ResponseEntity<Map<String, Object>> worker(
            @PathVariable("worker") String worker, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        return RemoteCall.answer(
                request,
                Map.of(
                        RemoteMethod.PAUSE, ask(worker, asker, workers::pause),
                        RemoteMethod.UNPAUSE, ask(worker, asker, workers::unpause),
                        RemoteMethod.STOP, ask(worker, asker, workers::stop)));
    }

    /** What people ask of a worker, in whose name. */
    private interface Wish {
        WorkerCommands.Answer ask(Author author, String worker, String reason, String requestedBy);
    }

    private Method ask(String worker, Asker asker, Wish wish) {
        return call -> {
            Permit permit = asker.require(Act.PAUSE);
            return switch (wish.ask(
                    author,
                    require(Named.WORKER, worker),
                    call.reason(),
                    call.requestedBy(permit))) {
                case DONE, NO_CHANGE -> null;
                case UNKNOWN -> throw new NotThereException("there is no worker " + worker);
                case NOT_ATTACHED ->
                        throw new TooLateException(
                                "worker %s is not attached to any living master".formatted(worker));
                case LOCAL ->
                        throw new TooLateException(
                                "worker %s is a local one, which ends with its master"
                                        .formatted(worker));
            };
        };
    }

    private String require(Named kind, String numberOrName) {
        return names.nameOf(kind, numberOrName)
                .orElseThrow(() ->
                        new NotThereException(
                                "there is no %s %s"
                                        .formatted(
                                                kind == Named.WORKER ? "worker" : "scheduler",
                                                numberOrName)));
    }
}
