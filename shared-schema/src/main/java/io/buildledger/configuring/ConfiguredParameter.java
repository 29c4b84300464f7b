package io.buildledger.configuring;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.buildledger.filtering.OneOrMore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A field of a force scheduler's form, as it is written. Its label is its name by default. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
@JsonSubTypes({
    @JsonSubTypes.Type(value = ConfiguredParameter.Line.class, name = "string"),
    @JsonSubTypes.Type(value = ConfiguredParameter.Lines.class, name = "text"),
    @JsonSubTypes.Type(value = ConfiguredParameter.Whole.class, name = "int"),
    @JsonSubTypes.Type(value = ConfiguredParameter.Flag.class, name = "bool"),
    @JsonSubTypes.Type(value = ConfiguredParameter.Choice.class, name = "choice"),
    @JsonSubTypes.Type(value = ConfiguredParameter.UserName.class, name = "user_name"),
    @JsonSubTypes.Type(value = ConfiguredParameter.Fixed.class, name = "fixed"),
    @JsonSubTypes.Type(value = ConfiguredParameter.OfCodebase.class, name = "codebase"),
    @JsonSubTypes.Type(value = ConfiguredParameter.Nested.class, name = "nested")
})
public sealed interface ConfiguredParameter {

    int LONGEST_LINE = 1_000;
    int LONGEST_TEXT = 64 * 1024;

    String name();

    @Nullable String label();

    /**
     * @param regex what it must match as a whole
     * @param maxSize the most characters; default 1,000
     */
    record Line(
            String name,
            @Nullable String label,
            @JsonProperty("default") String byDefault,
            boolean required,
            @Nullable String regex,
            Integer maxSize)
            implements ConfiguredParameter {

        public Line {
            byDefault = byDefault == null ? "" : byDefault;
            maxSize = maxSize == null ? LONGEST_LINE : maxSize;
        }
    }

    /**
     * A text of several lines.
     *
     * @param maxSize the most characters; default 65,536
     */
    record Lines(
            String name,
            @Nullable String label,
            @JsonProperty("default") String byDefault,
            boolean required,
            @Nullable String regex,
            Integer maxSize)
            implements ConfiguredParameter {

        public Lines {
            byDefault = byDefault == null ? "" : byDefault;
            maxSize = maxSize == null ? LONGEST_TEXT : maxSize;
        }
    }

    /** A whole number; the bounds are in. */
    record Whole(
            String name,
            @Nullable String label,
            @JsonProperty("default") long byDefault,
            boolean required,
            Long min,
            Long max)
            implements ConfiguredParameter {

        public Whole {
            min = min == null ? Long.MIN_VALUE : min;
            max = max == null ? Long.MAX_VALUE : max;
        }
    }

    record Flag(String name, @Nullable String label, @JsonProperty("default") boolean byDefault)
            implements ConfiguredParameter {}

    /**
     * @param multiple whether several may be chosen; the property is a list then
     * @param strict whether nothing but a choice may be given; default true
     */
    record Choice(
            String name,
            @Nullable String label,
            List<String> choices,
            @JsonProperty("default") @Nullable OneOrMore byDefault,
            boolean required,
            boolean multiple,
            Boolean strict)
            implements ConfiguredParameter {

        public Choice {
            choices = choices == null ? List.of() : choices;
            strict = strict == null ? Boolean.TRUE : strict;
        }
    }

    /**
     * @param needEmail whether there must be an address in it; default true
     */
    record UserName(
            String name,
            @Nullable String label,
            @JsonProperty("default") String byDefault,
            boolean required,
            Boolean needEmail)
            implements ConfiguredParameter {

        public UserName {
            name = name == null ? "username" : name;
            byDefault = byDefault == null ? "" : byDefault;
            needEmail = needEmail == null ? Boolean.TRUE : needEmail;
        }
    }

    /** A property that nobody can enter. */
    record Fixed(String name, @Nullable String label, @Nullable Object value)
            implements ConfiguredParameter {}

    /**
     * What may be entered of a codebase, whose defaults are the scheduler's.
     *
     * @param name of the codebase; default the empty one
     * @param fixed of {@code branch}, {@code revision}, {@code repository} and {@code project}
     *     those that nobody can enter
     * @param required those that must not be empty
     */
    record OfCodebase(
            String name, @Nullable String label, List<String> fixed, List<String> required)
            implements ConfiguredParameter {

        public OfCodebase {
            name = name == null ? "" : name;
            fixed = fixed == null ? List.of() : fixed;
            required = required == null ? List.of() : required;
        }
    }

    /**
     * Fields that belong together; the property is a map of theirs.
     *
     * @param name may be empty: then they are properties of their own
     */
    record Nested(String name, @Nullable String label, List<ConfiguredParameter> fields)
            implements ConfiguredParameter {

        public Nested {
            name = name == null ? "" : name;
            fields = fields == null ? List.of() : fields;
        }
    }
}
