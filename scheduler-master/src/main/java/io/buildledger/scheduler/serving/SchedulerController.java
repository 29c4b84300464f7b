package io.buildledger.scheduler.serving;

import io.buildledger.configuring.Access.Act;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.ForceForm;
import io.buildledger.domain.scheduling.ForceParameter;
import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;
import io.buildledger.domain.scheduling.TryScheduler;
import io.buildledger.scheduler.admitting.Asker;
import io.buildledger.scheduler.admitting.Asker.Permit;
import io.buildledger.scheduler.scheduling.ConfiguredSchedulers;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import io.buildledger.scheduler.serving.AskedSchedulers.Asked;
import io.buildledger.scheduler.serving.Sent.Fields;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * 202 that it is in the log and that no master has come to it yet.
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

    private static final String BY_TRY = "try build";

    private final ConfiguredSchedulers schedulers;
    private final SchedulerStatuses statuses;
    private final AskedSchedulers asked;

    SchedulerController(
            ConfiguredSchedulers schedulers, SchedulerStatuses statuses, AskedSchedulers asked) {
        this.schedulers = schedulers;
        this.statuses = statuses;
        this.asked = asked;
    }

    @GetMapping("/schedulers")
    Known schedulers() {
        return new Known(statuses.all());
    }

    @PostMapping("/schedulers/{name}/enable")
    @Takes(Sent.WHY)
    ResponseEntity<Asked> enable(
            @PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        return switchTo(true, name, asker, request);
    }

    @PostMapping("/schedulers/{name}/disable")
    @Takes(Sent.WHY)
    ResponseEntity<Asked> disable(
            @PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        return switchTo(false, name, asker, request);
    }

    private ResponseEntity<Asked> switchTo(
            boolean on, String name, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        AskedBy by = AskedBy.of(request, asked.requireSwitch(asker, name));
        return answer(asked.switchTo(on, name, by.name(), by.reason()));
    }

    private static ResponseEntity<Asked> answer(Asked asked) {
        return ResponseEntity.status(asked.done() ? HttpStatus.OK : HttpStatus.ACCEPTED)
                .body(asked);
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
    @Takes(Sent.FORM)
    ResponseEntity<Asked> force(
            @PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        Permit permit = asker.require(Act.FORCE);
        ForceScheduler scheduler = force(name);
        SentFields fields = SentFields.of(request, Sent.FORM);
        String by = permit.nameOr(fields.line(Fields.REQUESTED_BY));
        Map<String, Object> given = new LinkedHashMap<>(fields.values());
        given.remove(Fields.REQUESTED_BY.name());
        return switch (scheduler.read(by, given)) {
            case ForceForm.Answer.Accepted accepted ->
                    answer(asked.force(asker, scheduler, accepted.command()));
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
    @Takes(Sent.TRY)
    ResponseEntity<Asked> tryPatch(
            @PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        asker.require(Act.TRY);
        if (!(schedulers.find(name).orElseThrow(() -> AskedSchedulers.noScheduler(name))
                instanceof TryScheduler scheduler)) {
            throw new BadParameterException("scheduler %s is not of type try".formatted(name));
        }
        SentFields fields = SentFields.of(request, Sent.TRY);
        List<String> builders = builders(scheduler, fields.texts(Fields.BUILDER_NAMES));
        String requestedBy =
                AskedBy.nameIn(
                        fields,
                        AskedSchedulers.requireBuilders(asker, Act.TRY, scheduler, builders));
        String comment = fields.text(Fields.COMMENT);
        SourceStamp stamp =
                new SourceStamp(
                        fields.line(Fields.REPOSITORY),
                        fields.lineOrNull(Fields.BRANCH),
                        fields.lineOrNull(Fields.REVISION),
                        fields.line(Fields.PROJECT),
                        fields.line(Fields.CODEBASE),
                        new Patch(
                                fields.text(Fields.PATCH),
                                fields.number(Fields.LEVEL),
                                requestedBy,
                                comment,
                                fields.line(Fields.SUBDIR)));
        Map<String, Property> properties = new HashMap<>();
        fields.map(Fields.PROPERTIES)
                .forEach((key, value) -> properties.put(key, new Property(value, BY_TRY)));
        return answer(
                asked.ask(
                        new PatchSubmitted(
                                name,
                                requestedBy,
                                comment,
                                builders,
                                ofListedCodebase(scheduler, stamp),
                                properties,
                                fields.lineOrNull(Fields.EXTERNAL_ID))));
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
        if (schedulers.find(name).orElseThrow(() -> AskedSchedulers.noScheduler(name))
                instanceof ForceScheduler scheduler) {
            return scheduler;
        }
        throw new BadParameterException("scheduler %s is not of type force".formatted(name));
    }
}
