package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.ForceParameter.Choice;
import io.buildledger.domain.scheduling.ForceParameter.Codebase;
import io.buildledger.domain.scheduling.ForceParameter.Fixed;
import io.buildledger.domain.scheduling.ForceParameter.Flag;
import io.buildledger.domain.scheduling.ForceParameter.Nested;
import io.buildledger.domain.scheduling.ForceParameter.Text;
import io.buildledger.domain.scheduling.ForceParameter.UserName;
import io.buildledger.domain.scheduling.ForceParameter.Whole;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes a command of what somebody has entered, or tells all that is wrong with it. */
public final class ForceForm {

    /** What came of it: a command, or problems by the full names of the fields. */
    public sealed interface Answer {

        record Accepted(BuildForced command) implements Answer {}

        record Refused(Map<String, String> problems) implements Answer {}
    }

    /** Fields that every form has; no parameter may be called so. */
    public static final Set<String> OWN_FIELDS =
            Set.of("builder_names", "owner", "priority", "reason");

    /**
     * Under this name it comes beside the fields who asks; no parameter may be called so, either.
     */
    public static final String REQUESTED_BY = "requestedBy";

    static final String SOURCE = "Force Build Form";

    private static final Pattern EMAIL = Pattern.compile("[^@\\s<>]{1,200}@[^@\\s<>]{1,200}");
    private static final String NOBODY_KNOWN = "somebody";
    private static final int LONGEST_NAME = 500;
    private static final int LONGEST_OWNER = 100;
    private static final int LONGEST_TEXT = 2_000;
    private static final int LONGEST_QUOTE = 100;

    private final SchedulerSettings settings;
    private final List<ForceParameter> parameters;
    private final Map<String, ?> given;
    private final Map<String, String> problems = new LinkedHashMap<>();
    private final Set<String> known = new TreeSet<>(OWN_FIELDS);
    private final List<SourceStamp> stamps = new ArrayList<>();

    /** What the first user name's field says that says anything. */
    private String userName = "";

    private ForceForm(
            SchedulerSettings settings, List<ForceParameter> parameters, Map<String, ?> given) {
        this.settings = settings;
        this.parameters = parameters;
        this.given = given;
    }

    /**
     * @param requestedBy who is logged in, or says to be
     * @param given texts, numbers, booleans and lists of texts, by the full names of the fields; a
     *     blank text counts as not given
     */
    static Answer read(
            SchedulerSettings settings,
            List<ForceParameter> parameters,
            boolean needsReason,
            String requestedBy,
            Map<String, ?> given) {
        return new ForceForm(settings, parameters, given).read(needsReason, requestedBy);
    }

    private Answer read(boolean needsReason, String requestedBy) {
        Map<String, Object> values = new LinkedHashMap<>();
        parameters.forEach(it -> read("", it, values));
        String reason = text("reason", "reason", "", needsReason, LONGEST_TEXT, true);
        String said = text("owner", "owner", "", false, LONGEST_OWNER, false);
        List<String> builders = builders();
        Integer priority = priority();
        refuseUnknown();
        if (!problems.isEmpty()) {
            return new Answer.Refused(problems);
        }
        String owner =
                Stream.of(requestedBy, said, userName, NOBODY_KNOWN)
                        .filter(it -> !it.isBlank())
                        .findFirst()
                        .orElseThrow();
        values.put("owner", owner);
        if (!reason.isEmpty()) {
            values.put("reason", reason);
        }
        Map<String, Property> properties = new HashMap<>();
        values.forEach((name, value) -> properties.put(name, new Property(value, SOURCE)));
        return new Answer.Accepted(
                new BuildForced(
                        settings.name(), owner, reason, builders, stamps, properties, priority));
    }

    private void refuseUnknown() {
        String right = "there is no such field; known are " + String.join(", ", known);
        for (String name : given.keySet()) {
            if (!known.contains(name)) {
                problem(name, right);
            }
        }
    }

    private List<String> builders() {
        List<String> wanted = texts("builder_names");
        if (wanted.isEmpty()) {
            return settings.builderNames();
        }
        for (String builder : wanted) {
            if (!settings.builderNames().contains(builder)) {
                problem(
                        "builder_names",
                        "%s is not one of %s"
                                .formatted(
                                        quoted(builder),
                                        String.join(", ", settings.builderNames())));
            }
        }
        return settings.builderNames().stream().filter(wanted::contains).toList();
    }

    private @Nullable Integer priority() {
        if (entered("priority") == null) {
            return null;
        }
        long priority =
                whole(
                        "priority",
                        new Whole(
                                "priority",
                                "priority",
                                0,
                                false,
                                Integer.MIN_VALUE,
                                Integer.MAX_VALUE));
        return Math.toIntExact(priority);
    }

    private void read(String prefix, ForceParameter parameter, Map<String, Object> values) {
        String field = prefix + parameter.name();
        switch (parameter) {
            case Text text ->
                    put(
                            values,
                            text,
                            matching(
                                    field,
                                    text,
                                    text(
                                            field,
                                            text.label(),
                                            text.byDefault(),
                                            text.required(),
                                            text.maxSize(),
                                            text.multiline())));
            case Whole whole -> put(values, whole, whole(field, whole));
            case Flag flag -> put(values, flag, flag(field, flag));
            case Choice choice -> put(values, choice, choice(field, choice));
            case UserName user -> put(values, user, user(field, user));
            case Fixed fixed -> {
                known.add(field);
                put(values, fixed, fixed.value());
            }
            case Codebase codebase -> stamps.add(stamp(prefix, codebase));
            case Nested group -> {
                Map<String, Object> ofGroup =
                        group.name().isEmpty() ? values : new LinkedHashMap<>();
                String within = group.name().isEmpty() ? prefix : field + "_";
                group.fields().forEach(it -> read(within, it, ofGroup));
                if (!group.name().isEmpty()) {
                    put(values, group, ofGroup);
                }
            }
        }
    }

    private static void put(Map<String, Object> values, ForceParameter parameter, Object value) {
        values.put(parameter.name(), value);
    }

    private String text(
            String field,
            String label,
            String byDefault,
            boolean required,
            int maxSize,
            boolean multiline) {
        String text = entered(field);
        if (text == null) {
            if (required && byDefault.isBlank()) {
                problem(field, "'%s' is missing: fill it in".formatted(label));
            }
            return byDefault;
        }
        if (text.length() > maxSize) {
            problem(field, "has more than %d characters".formatted(maxSize));
        } else if (!multiline && text.chars().anyMatch(Character::isISOControl)) {
            problem(field, "has a control character, such as a newline: remove it");
        }
        return text;
    }

    private String matching(String field, Text parameter, String text) {
        if (parameter.regex() != null
                && !problems.containsKey(field)
                && !text.isEmpty()
                && !parameter.regex().matches(text)) {
            problem(
                    field,
                    "%s does not match /%s/ as a whole".formatted(quoted(text), parameter.regex()));
        }
        return text;
    }

    private long whole(String field, Whole parameter) {
        String text = entered(field);
        if (text == null) {
            if (parameter.required()) {
                problem(field, "'%s' is missing: fill it in".formatted(parameter.label()));
            }
            return parameter.byDefault();
        }
        try {
            long number = Long.parseLong(text.strip());
            if (number >= parameter.min() && number <= parameter.max()) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told like any other number that is out of range.
        }
        problem(
                field,
                "%s is not a whole number from %d to %d"
                        .formatted(quoted(text), parameter.min(), parameter.max()));
        return parameter.byDefault();
    }

    private boolean flag(String field, Flag parameter) {
        String text = entered(field);
        if (text == null) {
            return parameter.byDefault();
        }
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> {
                problem(field, "%s is neither true nor false".formatted(quoted(text)));
                yield false;
            }
        };
    }

    private Object choice(String field, Choice parameter) {
        List<String> entered = texts(field);
        List<String> chosen = entered.isEmpty() ? parameter.byDefault() : entered;
        if (chosen.isEmpty() && parameter.required()) {
            problem(field, "'%s' is missing: choose".formatted(parameter.label()));
        }
        if (!parameter.multiple() && chosen.size() > 1) {
            problem(field, "several are chosen: choose one");
        }
        for (String choice : chosen) {
            if (parameter.strict() && !parameter.choices().contains(choice)) {
                problem(
                        field,
                        "%s is not one of %s"
                                .formatted(quoted(choice), String.join(", ", parameter.choices())));
            } else if (choice.length() > LONGEST_TEXT) {
                problem(field, "has more than %d characters".formatted(LONGEST_TEXT));
            }
        }
        if (parameter.multiple()) {
            return chosen;
        }
        return chosen.isEmpty() ? "" : chosen.getFirst();
    }

    private String user(String field, UserName parameter) {
        String user =
                text(
                        field,
                        parameter.label(),
                        parameter.byDefault(),
                        parameter.required(),
                        LONGEST_NAME,
                        false);
        if (parameter.needEmail()
                && !problems.containsKey(field)
                && !user.isEmpty()
                && !EMAIL.matcher(user).find()) {
            problem(
                    field,
                    "%s has no address in it: write NAME <USER@HOST>".formatted(quoted(user)));
        }
        if (userName.isBlank()) {
            userName = user;
        }
        return user;
    }

    private SourceStamp stamp(String prefix, Codebase codebase) {
        String names = prefix + (codebase.name().isEmpty() ? "" : codebase.name() + "_");
        CodebaseDefaults byDefault = codebase.byDefault();
        String branch = placeField(names, "branch", codebase, byDefault.branch());
        String revision = placeField(names, "revision", codebase, byDefault.revision());
        String repository = field(names, "repository", codebase, byDefault.repository());
        String project = field(names, "project", codebase, byDefault.project());
        return new SourceStamp(
                repository, orNull(branch), orNull(revision), project, codebase.name());
    }

    /** A default branch and its revision go together: neither is put beside one that was given. */
    private String placeField(
            String names, String field, Codebase codebase, @Nullable String byDefault) {
        boolean isPlaceEntered =
                Stream.of("branch", "revision")
                        .filter(it -> !codebase.fixed().contains(it))
                        .anyMatch(it -> entered(names + it) != null);
        boolean isFixed = codebase.fixed().contains(field);
        return field(names, field, codebase, isPlaceEntered && !isFixed ? null : byDefault);
    }

    private String field(
            String names, String field, Codebase codebase, @Nullable String byDefault) {
        String absent = Objects.requireNonNullElse(byDefault, "");
        if (codebase.fixed().contains(field)) {
            known.add(names + field);
            return absent;
        }
        return text(
                names + field,
                codebase.label() + " " + field,
                absent,
                codebase.required().contains(field),
                LONGEST_NAME,
                false);
    }

    /** What was entered as a single value; null if nothing was. */
    private @Nullable String entered(String field) {
        known.add(field);
        Object value = given.get(field);
        if (value instanceof Collection || value instanceof Map) {
            problem(field, "this is a list or a map: send a single value");
            return null;
        }
        return value == null ? null : orNull(String.valueOf(value));
    }

    /** What was entered as a list of texts, or as a single one; empty if nothing was. */
    private List<String> texts(String field) {
        if (!(given.get(field) instanceof Collection<?> several)) {
            String text = entered(field);
            return text == null ? List.of() : List.of(text);
        }
        known.add(field);
        List<String> texts = new ArrayList<>();
        for (Object value : several) {
            if (value instanceof Collection || value instanceof Map) {
                problem(field, "this is a list of lists or maps: send texts");
            } else if (value != null && !String.valueOf(value).isBlank()) {
                texts.add(String.valueOf(value));
            }
        }
        return texts;
    }

    /** The first problem of a field is the one that is told. */
    private void problem(String field, String problem) {
        problems.putIfAbsent(field, problem);
    }

    private static @Nullable String orNull(String text) {
        return text.isBlank() ? null : text;
    }

    private static String quoted(String text) {
        return text.length() <= LONGEST_QUOTE
                ? "'" + text + "'"
                : "'" + text.substring(0, LONGEST_QUOTE) + "…'";
    }
}
