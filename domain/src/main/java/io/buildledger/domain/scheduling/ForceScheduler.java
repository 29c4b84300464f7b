package io.buildledger.domain.scheduling;

import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Builds when somebody asks for it, by way of a form. */
public final class ForceScheduler extends Scheduler {

    public static final String TYPE = "force";

    private final String label;
    private final String buttonName;
    private final List<ForceParameter> parameters;
    private final boolean needsReason;

    /**
     * @param label what people call the form
     * @param buttonName what they press
     * @param parameters the fields of the form; those of the codebases are added where it has none
     * @param needsReason whether who asks has to say why
     */
    public ForceScheduler(
            SchedulerSettings settings,
            String label,
            String buttonName,
            List<ForceParameter> parameters,
            boolean needsReason) {
        super(TYPE, settings);
        this.label = label;
        this.buttonName = buttonName;
        this.parameters = withCodebases(settings, parameters);
        this.needsReason = needsReason;
    }

    private static List<ForceParameter> withCodebases(
            SchedulerSettings settings, List<ForceParameter> parameters) {
        List<ForceParameter> all = new ArrayList<>(parameters);
        if (parameters.stream().noneMatch(ForceScheduler::hasCodebase)) {
            settings.codebases()
                    .forEach((name, defaults) ->
                            all.add(
                                    new ForceParameter.Codebase(
                                            name,
                                            name.isEmpty() ? "source" : name,
                                            defaults,
                                            Set.of(),
                                            Set.of())));
        }
        return List.copyOf(all);
    }

    private static boolean hasCodebase(ForceParameter parameter) {
        return parameter instanceof ForceParameter.Codebase
                || (parameter instanceof ForceParameter.Nested group
                        && group.fields().stream().anyMatch(ForceScheduler::hasCodebase));
    }

    public String label() {
        return label;
    }

    public String buttonName() {
        return buttonName;
    }

    public List<ForceParameter> parameters() {
        return parameters;
    }

    public boolean needsReason() {
        return needsReason;
    }

    /**
     * Makes a command of what somebody has entered.
     *
     * @param requestedBy who is logged in, or says to be; empty if nobody knows
     * @param given texts, numbers, booleans and lists of texts, by the full names of the fields
     */
    public ForceForm.Answer read(String requestedBy, Map<String, ?> given) {
        return ForceForm.read(settings(), parameters, needsReason, requestedBy, given);
    }

    @Override
    void forced(Deliberation deliberation, BuildForced forced) {
        deliberation.fire(forced);
    }
}
