package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.domain.scheduling.CodebaseDefaults;
import io.buildledger.domain.scheduling.ForceParameter;
import io.buildledger.domain.scheduling.ForceParameter.Choice;
import io.buildledger.domain.scheduling.ForceParameter.Codebase;
import io.buildledger.domain.scheduling.ForceParameter.Fixed;
import io.buildledger.domain.scheduling.ForceParameter.Flag;
import io.buildledger.domain.scheduling.ForceParameter.Nested;
import io.buildledger.domain.scheduling.ForceParameter.Text;
import io.buildledger.domain.scheduling.ForceParameter.UserName;
import io.buildledger.domain.scheduling.ForceParameter.Whole;
import java.util.List;
import java.util.Objects;

/** A field of the form by which builds are forced, as Buildbot's clients know it. */
final class FormField {

    private FormField() {}

    static Row row(ForceParameter parameter) {
        return row(parameter, "");
    }

    /**
     * @param prefix what its full name begins with
     */
    private static Row row(ForceParameter parameter, String prefix) {
        return switch (parameter) {
            case Text text ->
                    field(text, prefix, text.multiline() ? "textarea" : "text")
                            .with("default", text.byDefault())
                            .with("required", text.required());
            case Whole whole ->
                    field(whole, prefix, "int")
                            .with("default", whole.byDefault())
                            .with("required", whole.required());
            case Flag flag -> field(flag, prefix, "bool").with("default", flag.byDefault());
            case Choice choice ->
                    field(choice, prefix, "list")
                            .with("choices", choice.choices())
                            .with(
                                    "default",
                                    choice.byDefault().isEmpty()
                                            ? ""
                                            : choice.byDefault().getFirst())
                            .with("required", choice.required())
                            .with("multiple", choice.multiple())
                            .with("strict", choice.strict());
            case UserName user ->
                    field(user, prefix, "username")
                            .with("default", user.byDefault())
                            .with("required", user.required())
                            .with("need_email", user.needEmail());
            case Fixed fixed ->
                    field(fixed, prefix, "fixed").with("default", fixed.value()).with("hide", true);
            case Codebase codebase ->
                    field(codebase, prefix, "nested")
                            .with("codebase", codebase.name())
                            .with("fields", ofCodebase(codebase, prefix));
            case Nested nested ->
                    field(nested, prefix, "nested")
                            .with(
                                    "fields",
                                    nested.fields().stream()
                                            .map(it -> row(it, full(nested.name(), prefix)))
                                            .toList());
        };
    }

    private static Row field(ForceParameter parameter, String prefix, String type) {
        return new Row()
                .with("name", parameter.name())
                .with("fullName", full(parameter.name(), prefix))
                .with("label", parameter.label())
                .with("type", type);
    }

    private static String full(String name, String prefix) {
        return prefix.isEmpty() || name.isEmpty() ? prefix + name : prefix + "_" + name;
    }

    private static List<Row> ofCodebase(Codebase codebase, String prefix) {
        CodebaseDefaults byDefault = codebase.byDefault();
        return Codebase.FIELDS.stream()
                .map(name ->
                        new Row()
                                .with("name", name)
                                .with("fullName", full(name, full(codebase.name(), prefix)))
                                .with("label", name)
                                .with("type", "text")
                                .with("default", value(byDefault, name))
                                .with("required", codebase.required().contains(name))
                                .with("hide", codebase.fixed().contains(name)))
                .toList();
    }

    private static String value(CodebaseDefaults byDefault, String field) {
        return switch (field) {
            case "branch" -> Objects.requireNonNullElse(byDefault.branch(), "");
            case "revision" -> Objects.requireNonNullElse(byDefault.revision(), "");
            case "repository" -> byDefault.repository();
            default -> byDefault.project();
        };
    }
}
