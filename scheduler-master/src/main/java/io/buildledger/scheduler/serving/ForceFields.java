package io.buildledger.scheduler.serving;

import io.buildledger.domain.scheduling.ForceParameter;
import io.buildledger.domain.scheduling.ForceParameter.Choice;
import io.buildledger.domain.scheduling.ForceParameter.Codebase;
import io.buildledger.domain.scheduling.ForceParameter.Fixed;
import io.buildledger.domain.scheduling.ForceParameter.Flag;
import io.buildledger.domain.scheduling.ForceParameter.Nested;
import io.buildledger.domain.scheduling.ForceParameter.Text;
import io.buildledger.domain.scheduling.ForceParameter.UserName;
import io.buildledger.domain.scheduling.ForceParameter.Whole;
import io.buildledger.domain.scheduling.ForceScheduler;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The form of a force scheduler as fields of a page, by the names that its command has. */
final class ForceFields {

    /** How a field is entered. */
    enum Kind {
        LINE,
        TEXT,
        NUMBER,
        ONE_OF,
        SEVERAL_OF
    }

    /**
     * @param values what it holds; what was entered before, or what it is by default
     * @param choices of which one or several are chosen
     * @param absent what it means to leave it empty, as far as a text can say it; or null
     * @param problem what is wrong with what was entered, or null
     */
    record Field(
            String name,
            String label,
            Kind kind,
            List<String> values,
            List<String> choices,
            boolean required,
            @Nullable Long least,
            @Nullable Long most,
            @Nullable String absent,
            @Nullable String problem) {

        public String value() {
            return values.isEmpty() ? "" : values.getFirst();
        }
    }

    /** Fields that belong together. */
    record Group(String label, List<Field> fields) {}

    // As long as the domain takes them.
    private static final long LONGEST_TEXT = 2_000;
    private static final long LONGEST_NAME = 500;

    private final Map<String, Object> entered;
    private final Map<String, String> problems;
    private final @Nullable String builder;
    private final List<Group> groups = new ArrayList<>();

    private ForceFields(
            Map<String, Object> entered, Map<String, String> problems, @Nullable String builder) {
        this.entered = entered;
        this.problems = problems;
        this.builder = builder;
    }

    /**
     * @param entered by the fields' names; empty for a new form
     * @param problems with it, by the fields' names
     * @param builder the one that a new form has chosen; all, if it is null or can't have this one
     */
    static List<Group> of(
            ForceScheduler scheduler,
            Map<String, Object> entered,
            Map<String, String> problems,
            @Nullable String builder) {
        return new ForceFields(entered, problems, builder).read(scheduler);
    }

    private List<Group> read(ForceScheduler scheduler) {
        List<Field> own = new ArrayList<>();
        own.add(line("reason", "Reason", "", scheduler.needsReason(), LONGEST_TEXT));
        List<String> builders = scheduler.settings().builderNames();
        if (builders.size() > 1) {
            own.add(
                    field(
                            "builder_names",
                            "Builders",
                            Kind.SEVERAL_OF,
                            builder != null && builders.contains(builder)
                                    ? List.of(builder)
                                    : builders,
                            builders,
                            false,
                            null,
                            null));
        }
        add("", scheduler.parameters(), own);
        own.add(
                field(
                        "priority",
                        "Priority",
                        Kind.NUMBER,
                        List.of(),
                        List.of(),
                        false,
                        (long) Integer.MIN_VALUE,
                        (long) Integer.MAX_VALUE));
        groups.addFirst(new Group("", own));
        groups.removeIf(it -> it.fields().isEmpty());
        return groups;
    }

    private void add(String prefix, List<ForceParameter> parameters, List<Field> fields) {
        for (ForceParameter parameter : parameters) {
            String name = prefix + parameter.name();
            String label = parameter.label();
            switch (parameter) {
                case Text it when it.multiline() ->
                        fields.add(
                                field(
                                        name,
                                        label,
                                        Kind.TEXT,
                                        List.of(it.byDefault()),
                                        List.of(),
                                        it.required(),
                                        null,
                                        (long) it.maxSize()));
                case Text it ->
                        fields.add(line(name, label, it.byDefault(), it.required(), it.maxSize()));
                case UserName it ->
                        fields.add(line(name, label, it.byDefault(), it.required(), LONGEST_NAME));
                case Whole it ->
                        fields.add(
                                field(
                                        name,
                                        label,
                                        Kind.NUMBER,
                                        List.of(String.valueOf(it.byDefault())),
                                        List.of(),
                                        it.required(),
                                        it.min(),
                                        it.max()));
                case Flag it ->
                        fields.add(
                                field(
                                        name,
                                        label,
                                        Kind.ONE_OF,
                                        List.of(String.valueOf(it.byDefault())),
                                        List.of("true", "false"),
                                        true,
                                        null,
                                        null));
                case Choice it -> fields.add(choice(name, it));
                case Fixed _ -> {
                    // Whatever is entered, it is the same.
                }
                case Codebase it -> groups.add(new Group(it.label(), places(prefix, it)));
                case Nested it -> {
                    List<Field> inside = new ArrayList<>();
                    // Before the groups that are in it.
                    groups.add(new Group(it.label(), inside));
                    add(it.name().isEmpty() ? prefix : name + "_", it.fields(), inside);
                }
            }
        }
    }

    private Field choice(String name, Choice choice) {
        Kind kind = choice.multiple() ? Kind.SEVERAL_OF : choice.strict() ? Kind.ONE_OF : Kind.LINE;
        return field(
                name,
                choice.label(),
                kind,
                choice.byDefault(),
                choice.choices(),
                choice.required(),
                null,
                kind == Kind.LINE ? LONGEST_TEXT : null);
    }

    private List<Field> places(String prefix, Codebase codebase) {
        String names = prefix + (codebase.name().isEmpty() ? "" : codebase.name() + "_");
        List<Field> fields = new ArrayList<>();
        for (String place : Codebase.FIELDS) {
            if (!codebase.fixed().contains(place)) {
                fields.add(place(names + place, place, codebase));
            }
        }
        return fields;
    }

    /** Empty: what it means then depends on the others. */
    private Field place(String name, String place, Codebase codebase) {
        String byDefault = byDefault(codebase, place);
        return new Field(
                name,
                place,
                Kind.LINE,
                texts(entered.get(name)),
                List.of(),
                codebase.required().contains(place),
                null,
                LONGEST_NAME,
                byDefault.isEmpty() ? null : byDefault,
                problems.get(name));
    }

    private static String byDefault(Codebase codebase, String place) {
        return Objects.requireNonNullElse(
                switch (place) {
                    case "branch" -> codebase.byDefault().branch();
                    case "revision" -> codebase.byDefault().revision();
                    case "repository" -> codebase.byDefault().repository();
                    default -> codebase.byDefault().project();
                },
                "");
    }

    private Field line(String name, String label, String byDefault, boolean required, long most) {
        return field(name, label, Kind.LINE, List.of(byDefault), List.of(), required, null, most);
    }

    private Field field(
            String name,
            String label,
            Kind kind,
            List<String> byDefault,
            List<String> choices,
            boolean required,
            @Nullable Long least,
            @Nullable Long most) {
        return new Field(
                name,
                label,
                kind,
                entered.isEmpty() ? byDefault : texts(entered.get(name)),
                choices,
                required,
                least,
                most,
                byDefault.isEmpty() ? null : String.join(", ", byDefault),
                problems.get(name));
    }

    private static List<String> texts(@Nullable Object value) {
        return switch (value) {
            case null -> List.of();
            case String text when text.isBlank() -> List.of();
            case Collection<?> several -> several.stream().map(String::valueOf).toList();
            default -> List.of(String.valueOf(value));
        };
    }
}
