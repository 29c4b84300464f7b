package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.TextPattern;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A field of the form by which builds are forced. What is entered becomes a property of that name,
 * but for {@link Codebase}, of which a source stamp is made.
 */
public sealed interface ForceParameter {

    String name();

    /** What people see; never empty. */
    String label();

    /**
     * A text.
     *
     * @param multiline whether it may have several lines
     * @param regex what it must match as a whole, or null
     * @param maxSize the most characters that it may have
     */
    record Text(
            String name,
            String label,
            String byDefault,
            boolean required,
            boolean multiline,
            @Nullable TextPattern regex,
            int maxSize)
            implements ForceParameter {}

    /** A whole number within bounds, which are in. */
    record Whole(String name, String label, long byDefault, boolean required, long min, long max)
            implements ForceParameter {}

    record Flag(String name, String label, boolean byDefault) implements ForceParameter {}

    /**
     * One of some texts, or several.
     *
     * @param byDefault one at most, unless it is multiple
     * @param multiple whether the property is a list
     * @param strict whether nothing but a choice may be given
     */
    record Choice(
            String name,
            String label,
            List<String> choices,
            List<String> byDefault,
            boolean required,
            boolean multiple,
            boolean strict)
            implements ForceParameter {

        public Choice {
            choices = List.copyOf(choices);
            byDefault = List.copyOf(byDefault);
        }
    }

    /**
     * Who asks for the build.
     *
     * @param needEmail whether there must be an address in it
     */
    record UserName(
            String name, String label, String byDefault, boolean required, boolean needEmail)
            implements ForceParameter {}

    /** The same whatever is entered; people don't see it. */
    record Fixed(String name, Object value) implements ForceParameter {
        @Override
        public String label() {
            return name;
        }
    }

    /**
     * Which source of a codebase is built: the fields {@code branch}, {@code revision}, {@code
     * repository} and {@code project}, whose names begin with that of the codebase and an
     * underscore if it has one.
     *
     * @param name of the codebase; may be empty
     * @param byDefault what an empty field means
     * @param fixed fields that people don't see
     * @param required fields that must not be empty
     */
    record Codebase(
            String name,
            String label,
            CodebaseDefaults byDefault,
            Set<String> fixed,
            Set<String> required)
            implements ForceParameter {

        public static final List<String> FIELDS =
                List.of("branch", "revision", "repository", "project");

        public Codebase {
            fixed = Set.copyOf(fixed);
            required = Set.copyOf(required);
        }
    }

    /**
     * A group of fields. The property is a map of theirs; with an empty name they are as if there
     * were no group. Their full names begin with the group's and an underscore.
     */
    record Nested(String name, String label, List<ForceParameter> fields)
            implements ForceParameter {

        public Nested {
            fields = List.copyOf(fields);
        }
    }
}
