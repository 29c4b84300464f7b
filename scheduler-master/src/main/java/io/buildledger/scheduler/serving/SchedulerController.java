package io.buildledger.scheduler.serving;

import io.buildledger.commanding.SchedulerCommands;
import io.buildledger.commanding.SchedulerCommands.Outcome;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.ForceForm;
import io.buildledger.domain.scheduling.ForceParameter;
import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.TryScheduler;
import io.buildledger.log.Author;
import io.buildledger.scheduler.scheduling.ConfiguredSchedulers;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Schedulers: what they know, and what people ask of them. An answer of 200 means that it was done,
 * 202 that it is in the log and that no master has come to it yet. Nobody logs in yet: {@code
 * requestedBy} is who they say that they are.
 */
@RestController
@RequestMapping("/api")
class SchedulerController {

    record Known(List<SchedulerStatuses.Status> schedulers) {}

    /**
     * @param fields of the form by which builds are forced
     */
    record Form(
            String scheduler,
            String label,
            String buttonName,
            boolean needsReason,
            List<String> builderNames,
            List<ForceParameter> fields) {}

    /**
     * What came of a command.
     *
     * @param done false while no master has come to it
     * @param buildsetId null if none came of it yet
     * @param requestIds the request of each builder
     */
    record Asked(
            String scheduler,
            boolean done,
            @Nullable Long buildsetId,
            Map<String, Long> requestIds) {}

    private static final String REQUESTED_BY = "requestedBy";
    private static final String REASON = "reason";
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_REASON = 500;
    private static final int LONGEST_PATCH = 4 * 1024 * 1024;
    private static final String BY_TRY = "try build";

    private final ConfiguredSchedulers schedulers;
    private final SchedulerStatuses statuses;
    private final SchedulerCommands commands;
    private final Author author;
    private final CommandPatience patience;

    SchedulerController(
            ConfiguredSchedulers schedulers,
            SchedulerStatuses statuses,
            SchedulerCommands commands,
            Author author,
            CommandPatience patience) {
        this.schedulers = schedulers;
        this.statuses = statuses;
        this.commands = commands;
        this.author = author;
        this.patience = patience;
    }

    @GetMapping("/schedulers")
    Known schedulers() {
        return new Known(statuses.all());
    }

    @PostMapping("/schedulers/{name}/enable")
    ResponseEntity<Asked> enable(@PathVariable("name") String name, HttpServletRequest request)
            throws IOException, InterruptedException {
        return switchTo(true, name, request);
    }

    @PostMapping("/schedulers/{name}/disable")
    ResponseEntity<Asked> disable(@PathVariable("name") String name, HttpServletRequest request)
            throws IOException, InterruptedException {
        return switchTo(false, name, request);
    }

    private ResponseEntity<Asked> switchTo(boolean on, String name, HttpServletRequest request)
            throws IOException, InterruptedException {
        SentFields fields = SentFields.of(request, List.of(REASON, REQUESTED_BY));
        SchedulerStatuses.Status status = status(name).orElseThrow(() -> noScheduler(name));
        // What was asked before may not have been done yet.
        if (status.renamedTo() == null
                && status.enabled() == on
                && commands.lastSwitch(name).orElse(on) == on) {
            return ResponseEntity.ok(new Asked(name, true, null, Map.of()));
        }
        return ask(
                new SchedulerSwitched(
                        name,
                        on,
                        fields.line(REQUESTED_BY, "somebody", LONGEST_NAME),
                        fields.line(REASON, "", LONGEST_REASON)));
    }

    private Optional<SchedulerStatuses.Status> status(String name) {
        return statuses.all().stream().filter(it -> it.name().equals(name)).findFirst();
    }

    /**
     * @throws TooLateException if it has another name by now, and does nothing under this one
     */
    private void requireThatItGoesOn(String name) {
        status(name)
                .map(SchedulerStatuses.Status::renamedTo)
                .ifPresent(renamedTo -> {
                    throw new TooLateException(
                            "scheduler %s goes on as %s: ask that".formatted(name, renamedTo));
                });
    }

    @GetMapping("/schedulers/{name}/form")
    Form form(@PathVariable("name") String name) {
        ForceScheduler scheduler = force(name);
        return new Form(
                name,
                scheduler.label(),
                scheduler.buttonName(),
                scheduler.needsReason(),
                scheduler.settings().builderNames(),
                scheduler.parameters());
    }

    @PostMapping("/schedulers/{name}/force")
    ResponseEntity<?> force(@PathVariable("name") String name, HttpServletRequest request)
            throws IOException, InterruptedException {
        ForceScheduler scheduler = force(name);
        Map<String, Object> given = new LinkedHashMap<>(SentFields.all(request).values());
        Object requestedBy = given.remove(REQUESTED_BY);
        return switch (scheduler.read(
                requestedBy == null ? "" : String.valueOf(requestedBy), given)) {
            case ForceForm.Answer.Accepted accepted -> ask(accepted.command());
            case ForceForm.Answer.Refused refused -> {
                ProblemDetail problem =
                        ProblemDetail.forStatusAndDetail(
                                HttpStatus.BAD_REQUEST,
                                String.join(
                                        "; ",
                                        refused.problems().entrySet().stream()
                                                .map(it -> it.getKey() + ": " + it.getValue())
                                                .toList()));
                problem.setProperty("fields", refused.problems());
                yield ResponseEntity.of(problem).build();
            }
        };
    }

    @PostMapping("/schedulers/{name}/try")
    ResponseEntity<Asked> tryPatch(@PathVariable("name") String name, HttpServletRequest request)
            throws IOException, InterruptedException {
        if (!(schedulers.find(name).orElseThrow(() -> noScheduler(name))
                instanceof TryScheduler scheduler)) {
            throw new BadParameterException("scheduler %s is not of type try".formatted(name));
        }
        SentFields fields =
                SentFields.of(
                        request,
                        List.of(
                                REQUESTED_BY,
                                "branch",
                                "builder_names",
                                "codebase",
                                "comment",
                                "externalId",
                                "level",
                                "patch",
                                "project",
                                "properties",
                                "repository",
                                "revision",
                                "subdir"),
                        LONGEST_PATCH);
        String requestedBy = fields.line(REQUESTED_BY, "somebody", LONGEST_NAME);
        String comment = fields.text("comment", "", LONGEST_REASON);
        SourceStamp stamp =
                new SourceStamp(
                        fields.line("repository", "", LONGEST_REASON),
                        fields.lineOrNull("branch", LONGEST_REASON),
                        fields.lineOrNull("revision", LONGEST_REASON),
                        fields.line("project", "", LONGEST_REASON),
                        fields.line("codebase", "", LONGEST_NAME),
                        new Patch(
                                fields.required("patch", LONGEST_PATCH),
                                fields.number("level", 1, 0, 100),
                                requestedBy,
                                comment,
                                fields.line("subdir", "", LONGEST_REASON)));
        Map<String, Property> properties = new HashMap<>();
        fields.map("properties")
                .forEach((key, value) -> properties.put(key, new Property(value, BY_TRY)));
        return ask(
                new PatchSubmitted(
                        name,
                        requestedBy,
                        comment,
                        builders(scheduler, fields.texts("builder_names")),
                        ofListedCodebase(scheduler, stamp),
                        properties,
                        fields.lineOrNull("externalId", LONGEST_REASON)));
    }

    private static SourceStamp ofListedCodebase(Scheduler scheduler, SourceStamp stamp) {
        Set<String> codebases = scheduler.settings().codebases().keySet();
        if (!codebases.contains(stamp.codebase())) {
            throw new BadParameterException(
                    "codebase: '%s' is not one of '%s'"
                            .formatted(stamp.codebase(), String.join("', '", codebases)));
        }
        return stamp;
    }

    private static List<String> builders(Scheduler scheduler, List<String> wanted) {
        Set<String> builders = new HashSet<>();
        for (String builder : wanted) {
            if (!builders.add(builder)) {
                throw new BadParameterException(
                        "builder_names: '%s' is there twice".formatted(builder));
            }
            if (!scheduler.settings().builderNames().contains(builder)) {
                throw new BadParameterException(
                        "builder_names: '%s' is not one of %s"
                                .formatted(
                                        builder,
                                        String.join(", ", scheduler.settings().builderNames())));
            }
        }
        return wanted;
    }

    private ForceScheduler force(String name) {
        if (schedulers.find(name).orElseThrow(() -> noScheduler(name))
                instanceof ForceScheduler scheduler) {
            return scheduler;
        }
        throw new BadParameterException("scheduler %s is not of type force".formatted(name));
    }

    private static NotThereException noScheduler(String name) {
        return new NotThereException("there is no scheduler " + name);
    }

    private ResponseEntity<Asked> ask(SchedulerCommandEvent command) throws InterruptedException {
        String name = command.scheduler();
        requireThatItGoesOn(name);
        Outcome outcome = commands.askAndWait(author, command, patience.atMost()).orElse(null);
        return switch (outcome) {
            case Outcome.Submitted submitted ->
                    ResponseEntity.ok(
                            new Asked(
                                    name,
                                    true,
                                    submitted.buildset().buildsetId(),
                                    submitted.buildset().requestIds()));
            case Outcome.Done _ -> ResponseEntity.ok(new Asked(name, true, null, Map.of()));
            case Outcome.Refused refused ->
                    throw new TooLateException("%s: %s".formatted(name, refused.reason()));
            case null ->
                    ResponseEntity.status(HttpStatus.ACCEPTED)
                            .body(new Asked(name, false, null, Map.of()));
        };
    }
}
