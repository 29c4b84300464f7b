package io.buildledger.scheduler.serving;

import io.buildledger.configuring.Access.Act;
import io.buildledger.domain.scheduling.ForceForm;
import io.buildledger.domain.scheduling.ForceParameter.UserName;
import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.scheduler.admitting.Asker;
import io.buildledger.scheduler.admitting.Asker.Permit;
import io.buildledger.scheduler.scheduling.ConfiguredSchedulers;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import io.buildledger.scheduler.serving.AskedSchedulers.Asked;
import io.buildledger.scheduler.serving.Sent.Fields;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The pages of schedulers, and the forms on them: plain ones, which need no scripts. */
@Pages
class SchedulerPages {

    private static final String REQUESTED_BY = ForceForm.REQUESTED_BY;

    private final ConfiguredSchedulers configured;
    private final SchedulerStatuses statuses;
    private final ShownLags lags;
    private final AskedSchedulers asked;
    private final LivePages live;

    SchedulerPages(
            ConfiguredSchedulers configured,
            SchedulerStatuses statuses,
            ShownLags lags,
            AskedSchedulers asked,
            LivePages live) {
        this.configured = configured;
        this.statuses = statuses;
        this.lags = lags;
        this.asked = asked;
        this.live = live;
    }

    @GetMapping("/schedulers")
    String schedulers(Model model) {
        live.begin(model);
        list(model);
        return "schedulers";
    }

    @GetMapping("/sections/schedulers")
    String list(Model model) {
        model.addAttribute("schedulers", statuses.all());
        model.addAttribute("lags", lags.ofSchedulers());
        model.addAttribute(
                "forced",
                configured.all().stream().filter(ForceScheduler.class::isInstance).toList());
        return "schedulers :: list";
    }

    /**
     * @param isAsked whether something was just asked that no master has come to yet
     * @param builder which the form has chosen at first
     */
    @GetMapping("/schedulers/{name}")
    String scheduler(
            @PathVariable("name") String name,
            @RequestParam(name = "asked", defaultValue = "false") boolean isAsked,
            @RequestParam(name = "builder", required = false) @Nullable String builder,
            Model model) {
        live.begin(model);
        add(name, model);
        addForm(name, Map.of(), Map.of(), builder, model);
        model.addAttribute("isAsked", isAsked);
        return "scheduler";
    }

    @GetMapping("/schedulers/{name}/now")
    String now(@PathVariable("name") String name, Model model) {
        add(name, model);
        return "scheduler :: now";
    }

    private void add(String name, Model model) {
        Optional<Scheduler> scheduler = configured.find(name);
        Optional<SchedulerStatuses.Status> status = asked.status(name);
        if (scheduler.isEmpty() && status.isEmpty()) {
            throw new NotThereException("There is no scheduler %s.".formatted(name));
        }
        model.addAttribute("name", name);
        model.addAttribute("status", status.orElse(null));
        model.addAttribute(
                "builders", scheduler.map(it -> it.settings().builderNames()).orElse(List.of()));
        model.addAttribute("isConfigured", scheduler.isPresent());
    }

    private void addForm(
            String name,
            Map<String, Object> entered,
            Map<String, String> problems,
            @Nullable String builder,
            Model model) {
        if (configured.find(name).orElse(null) instanceof ForceScheduler force) {
            model.addAttribute("force", force);
            model.addAttribute("groups", ForceFields.of(force, entered, problems, builder));
            model.addAttribute("problems", problems);
            model.addAttribute(
                    "asksForName",
                    force.parameters().stream().noneMatch(UserName.class::isInstance));
            model.addAttribute(REQUESTED_BY, entered.getOrDefault(REQUESTED_BY, ""));
        }
    }

    /** Where its form is: an address that was sent to is gone to, too. */
    @GetMapping({
        "/schedulers/{name}/enable",
        "/schedulers/{name}/disable",
        "/schedulers/{name}/force"
    })
    String form(@PathVariable("name") String name) {
        return "redirect:" + new Shown().pathOfScheduler(name);
    }

    @PostMapping("/schedulers/{name}/enable")
    String enable(@PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        return switchTo(true, name, asker, request);
    }

    @PostMapping("/schedulers/{name}/disable")
    String disable(@PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        return switchTo(false, name, asker, request);
    }

    private String switchTo(boolean on, String name, Asker asker, HttpServletRequest request)
            throws IOException, InterruptedException {
        AskedBy by = AskedBy.of(request, asked.requireSwitch(asker, name));
        return "redirect:" + pathOf(asked.switchTo(on, name, by.name(), by.reason()));
    }

    @PostMapping("/schedulers/{name}/force")
    ModelAndView force(
            @PathVariable("name") String name, Asker asker, HttpServletRequest request, Model model)
            throws IOException, InterruptedException {
        Permit permit = asker.require(Act.FORCE);
        if (!(configured.find(name).orElseThrow(() -> AskedSchedulers.noScheduler(name))
                instanceof ForceScheduler scheduler)) {
            throw new BadParameterException("scheduler %s is not of type force".formatted(name));
        }
        SentFields fields = SentFields.of(request, Sent.FORM);
        String by = permit.nameOr(fields.line(Fields.REQUESTED_BY));
        Map<String, Object> entered = new LinkedHashMap<>(fields.values());
        entered.remove(REQUESTED_BY);
        // A browser ends each line of a text by two characters.
        entered.replaceAll(
                (_, value) -> value instanceof String text ? text.replace("\r\n", "\n") : value);
        return switch (scheduler.read(by, entered)) {
            case ForceForm.Answer.Accepted accepted ->
                    new ModelAndView(
                            "redirect:"
                                    + pathOf(asked.force(asker, scheduler, accepted.command())));
            case ForceForm.Answer.Refused refused -> {
                live.begin(model);
                add(name, model);
                entered.put(REQUESTED_BY, by);
                addForm(name, entered, refused.problems(), null, model);
                yield new ModelAndView("scheduler", model.asMap(), HttpStatus.BAD_REQUEST);
            }
        };
    }

    /** Where what was asked for can be followed: the first of its requests. */
    private String pathOf(Asked answer) {
        return answer.requestIds().values().stream()
                .min(Long::compare)
                .map(id -> "/requests/" + id)
                .orElseGet(() ->
                        new Shown().pathOfScheduler(answer.scheduler())
                                + (answer.done() ? "" : "?asked=true"));
    }
}
