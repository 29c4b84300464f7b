package io.buildledger.configuring;

import io.buildledger.configuring.ConfiguredScheduler.Codebases;
import io.buildledger.configuring.ConfiguredScheduler.Dependent;
import io.buildledger.configuring.ConfiguredScheduler.Filter;
import io.buildledger.configuring.ConfiguredScheduler.Force;
import io.buildledger.configuring.ConfiguredScheduler.ImportantFiles;
import io.buildledger.configuring.ConfiguredScheduler.Nightly;
import io.buildledger.configuring.ConfiguredScheduler.OnCalendar;
import io.buildledger.configuring.ConfiguredScheduler.OnChanges;
import io.buildledger.configuring.ConfiguredScheduler.Periodic;
import io.buildledger.configuring.ConfiguredScheduler.Priority;
import io.buildledger.configuring.ConfiguredScheduler.SingleBranch;
import io.buildledger.domain.changing.PathGlob;
import io.buildledger.domain.changing.TextPattern;
import io.buildledger.domain.scheduling.Cron;
import io.buildledger.domain.scheduling.ForceForm;
import io.buildledger.domain.scheduling.ForceParameter;
import io.buildledger.filtering.OneOrMore;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a scheduler that parses can still have wrong, by itself. */
final class SchedulerCheck {

    /** Where problems are told. */
    interface Told {

        void problem(String pointer, String message);

        /** A key is missing, unless it was given in a way that is itself told. */
        void missing(String object, String key, String message);
    }

    private static final Instant SOME_MOMENT = Instant.EPOCH;

    private final String at;
    private final String called;
    private final Told told;

    /**
     * @param at pointer of the scheduler's keys
     * @param called how messages name it
     */
    SchedulerCheck(String at, String called, Told told) {
        this.at = at;
        this.called = called;
        this.told = told;
    }

    void check(ConfiguredScheduler scheduler) {
        if (scheduler.queueTimeout() != null && scheduler.queueTimeout().isZero()) {
            told.problem(
                    at + "/queue_timeout",
                    called + ": queue_timeout must be more than 0; leave it out to wait for ever");
        }
        if (scheduler.name() != null && scheduler.name().equals(scheduler.renamedFrom())) {
            told.problem(at + "/renamed_from", called + ": renamed_from is its name: leave it out");
        }
        if (scheduler.startAtChange() != null && scheduler.startAtChange() < 1) {
            told.problem(
                    at + "/start_at_change",
                    called + ": start_at_change is a change's number, from 1");
        }
        codebases(scheduler.codebases());
        priority(scheduler.priority());
        if (scheduler instanceof OnChanges onChanges) {
            changes(onChanges);
        }
        if (scheduler instanceof OnCalendar onCalendar) {
            calendar(onCalendar);
        }
        own(scheduler);
    }

    private void own(ConfiguredScheduler scheduler) {
        switch (scheduler) {
            case SingleBranch it when it.branch() == null && it.changeFilter() == null ->
                    told.missing(
                            at,
                            "change_filter",
                            called
                                    + ": neither branch nor change_filter says which changes it takes: add change_filter: {branch: ...}");
            case Dependent it when it.upstream() == null ->
                    told.missing(
                            at,
                            "upstream",
                            called + ": upstream is missing: name the scheduler that it follows");
            case Periodic it -> period(it.periodicBuildTimer());
            case Nightly it -> forceAt(it.forceAt());
            case Force it -> {
                parameters(at + "/parameters", "", it.parameters(), new HashSet<>());
                formCodebases(it, it.parameters(), new HashSet<>());
            }
            case SingleBranch _,
                    Dependent _,
                    ConfiguredScheduler.AnyBranch _,
                    ConfiguredScheduler.Triggerable _,
                    ConfiguredScheduler.NightlyTriggerable _,
                    ConfiguredScheduler.Try _ -> {
                // Nothing more can be wrong with it.
            }
        }
    }

    private void period(@Nullable Duration period) {
        if (period == null) {
            told.missing(
                    at,
                    "periodic_build_timer",
                    called + ": periodic_build_timer is missing: say how often it builds");
        } else if (period.isZero()) {
            told.problem(
                    at + "/periodic_build_timer",
                    called + ": periodic_build_timer must be more than 0");
        }
    }

    private void forceAt(@Nullable String line) {
        if (line != null) {
            cron("force_at", () -> Cron.parse(line));
        }
    }

    private void codebases(@Nullable Codebases codebases) {
        if (codebases != null && codebases.byName().isEmpty()) {
            told.problem(
                    at + "/codebases",
                    called + ": codebases is empty: leave it out, or name at least one");
        }
    }

    private void priority(Priority priority) {
        for (int i = 0; i < priority.byBranch().size(); i++) {
            Priority.@Nullable OfBranch rule = priority.byBranch().get(i);
            String place = at + "/priority/by_branch/" + i;
            if (rule == null || rule.branch() == null) {
                told.missing(
                        place,
                        "branch",
                        called + ": a priority lacks its branch: write {branch: ..., priority: N}");
            } else {
                parsed(place + "/branch", rule.branch(), TextPattern::new);
            }
        }
    }

    private void changes(OnChanges scheduler) {
        Filter filter = scheduler.changeFilter();
        if (filter != null) {
            if (scheduler.branch() != null && filter.isOnBranches()) {
                told.problem(
                        at + "/branch",
                        called + ": give branch or a change_filter on branches, not both");
            }
            filter.check((key, message) ->
                    told.problem(at + "/change_filter/" + key, called + ": " + message));
        }
        ImportantFiles files = scheduler.fileIsImportant();
        if (files != null) {
            each(at + "/file_is_important/include", files.include(), PathGlob::new);
            each(at + "/file_is_important/exclude", files.exclude(), PathGlob::new);
        } else if (scheduler.onlyImportant()) {
            told.problem(
                    at + "/only_important",
                    called
                            + ": only_important needs file_is_important, without which every change is important");
        }
    }

    private void each(String within, @Nullable OneOrMore texts, Consumer<String> parser) {
        OneOrMore.valuesOf(texts).forEach(it -> parsed(within, it, parser));
    }

    private void parsed(String pointer, String text, Consumer<String> parser) {
        try {
            parser.accept(text);
        } catch (IllegalArgumentException e) {
            told.problem(pointer, called + ": " + e.getMessage());
        }
    }

    private void calendar(OnCalendar scheduler) {
        boolean hasFields =
                scheduler.minute() != null
                        || scheduler.hour() != null
                        || scheduler.dayOfMonth() != null
                        || scheduler.month() != null
                        || scheduler.dayOfWeek() != null;
        if (scheduler.cron() != null && hasFields) {
            told.problem(
                    at + "/cron",
                    called + ": give cron or fields such as minute and hour, not both");
        }
        cron("cron", () -> BoundScheduler.cron(scheduler));
        try {
            ZoneId _ = ZoneId.of(scheduler.timeZone());
        } catch (DateTimeException e) {
            told.problem(
                    at + "/time_zone",
                    "%s: there is no time zone '%s': write one such as Europe/Berlin or UTC"
                            .formatted(called, scheduler.timeZone()));
        }
    }

    private interface Moments {
        Cron read();
    }

    private void cron(String key, Moments moments) {
        try {
            if (moments.read().next(SOME_MOMENT, ZoneOffset.UTC).isEmpty()) {
                told.problem(
                        at + "/" + key, called + ": there is never such a moment: mend the day");
            }
        } catch (IllegalArgumentException e) {
            told.problem(at + "/" + key, called + ": " + e.getMessage());
        }
    }

    /**
     * @param prefix of the full names of the fields
     * @param names full names that are given
     */
    private void parameters(
            String within, String prefix, List<ConfiguredParameter> fields, Set<String> names) {
        for (int i = 0; i < fields.size(); i++) {
            @Nullable ConfiguredParameter field = fields.get(i);
            String place = within + "/" + i;
            if (field == null) {
                told.problem(place, called + ": a parameter is empty: write string: {name: ...}");
            } else {
                parameter(place, prefix, field, names);
            }
        }
    }

    private void parameter(
            String place, String prefix, ConfiguredParameter field, Set<String> names) {
        if (field.name() == null || (field.name().isBlank() && needsName(field))) {
            told.missing(place, "name", called + ": a parameter has no name: add name: ...");
            return;
        }
        String full = prefix + field.name();
        if (needsName(field)
                && (ForceForm.OWN_FIELDS.contains(full)
                        || full.equals(ForceForm.REQUESTED_BY)
                        || !names.add(full))) {
            told.problem(
                    place,
                    "%s: parameter '%s' is taken already: rename it".formatted(called, full));
        }
        switch (field) {
            case ConfiguredParameter.Line it when it.regex() != null ->
                    parsed(place + "/string/regex", it.regex(), TextPattern::new);
            case ConfiguredParameter.Lines it when it.regex() != null ->
                    parsed(place + "/text/regex", it.regex(), TextPattern::new);
            case ConfiguredParameter.Whole it when it.min() > it.max() ->
                    told.problem(place + "/int/min", called + ": min is more than max");
            case ConfiguredParameter.Whole it
                    when !it.required()
                            && (it.byDefault() < it.min() || it.byDefault() > it.max()) ->
                    told.problem(
                            place + "/int/default",
                            "%s: the default of parameter '%s' is not from %d to %d"
                                    .formatted(called, full, it.min(), it.max()));
            case ConfiguredParameter.Choice it -> choice(place, full, it);
            case ConfiguredParameter.Fixed it when it.value() == null ->
                    told.missing(
                            place + "/fixed",
                            "value",
                            "%s: parameter '%s' lacks its value".formatted(called, full));
            case ConfiguredParameter.OfCodebase it -> {
                codebaseFields(place + "/codebase/fixed", it.fixed());
                codebaseFields(place + "/codebase/required", it.required());
            }
            case ConfiguredParameter.Nested it ->
                    parameters(
                            place + "/nested/fields",
                            it.name().isEmpty() ? prefix : full + "_",
                            it.fields(),
                            names);
            case ConfiguredParameter.Line _,
                    ConfiguredParameter.Lines _,
                    ConfiguredParameter.Whole _,
                    ConfiguredParameter.Flag _,
                    ConfiguredParameter.UserName _,
                    ConfiguredParameter.Fixed _ -> {
                // Nothing more can be wrong with it.
            }
        }
    }

    /** Whether it is a property; a group with an empty name is none. */
    private static boolean needsName(ConfiguredParameter field) {
        return !(field instanceof ConfiguredParameter.OfCodebase
                || (field instanceof ConfiguredParameter.Nested group && group.name().isEmpty()));
    }

    /**
     * @param named codebases that are in the form already
     */
    private void formCodebases(Force force, List<ConfiguredParameter> fields, Set<String> named) {
        Codebases ofScheduler = force.codebases();
        Set<String> known = ofScheduler == null ? Set.of("") : ofScheduler.byName().keySet();
        for (ConfiguredParameter field : fields) {
            if (field instanceof ConfiguredParameter.Nested group) {
                formCodebases(force, group.fields(), named);
            } else if (field instanceof ConfiguredParameter.OfCodebase codebase) {
                if (!known.contains(codebase.name())) {
                    told.problem(
                            at + "/parameters",
                            "%s: its form has codebase '%s', which is not one of its codebases: add it to them"
                                    .formatted(called, codebase.name()));
                } else if (!named.add(codebase.name())) {
                    told.problem(
                            at + "/parameters",
                            "%s: its form has codebase '%s' twice: keep one"
                                    .formatted(called, codebase.name()));
                }
            }
        }
    }

    private void choice(String place, String name, ConfiguredParameter.Choice choice) {
        if (choice.choices().isEmpty()) {
            told.missing(
                    place + "/choice",
                    "choices",
                    "%s: parameter '%s' has no choices: list some".formatted(called, name));
        }
        List<String> byDefault =
                choice.byDefault() == null ? List.of() : choice.byDefault().values();
        if (choice.strict() && !choice.choices().containsAll(byDefault)) {
            told.problem(
                    place + "/choice/default",
                    "%s: the default of parameter '%s' is not one of its choices"
                            .formatted(called, name));
        }
    }

    private void codebaseFields(String place, List<String> fields) {
        for (String field : fields) {
            if (!ForceParameter.Codebase.FIELDS.contains(field)) {
                told.problem(
                        place,
                        "%s: a codebase has no field '%s'; known are %s"
                                .formatted(
                                        called,
                                        field,
                                        String.join(", ", ForceParameter.Codebase.FIELDS)));
            }
        }
    }
}
