package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.Access.Act;
import io.buildledger.configuring.AccessName;
import io.buildledger.showing.Printable;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who asks. A controller's method has it as a parameter, and gets a permit of it for what it does.
 */
public final class Asker {

    /** That somebody may. There is none but from an asker. */
    public static final class Permit {
        private final @Nullable String name;

        private Permit(@Nullable String name) {
            this.name = name;
        }

        /**
         * In whose name it is done, for the log.
         *
         * @param said who they say that they are; believed only where nobody logs in
         */
        public String nameOr(String said) {
            return name == null ? said : name;
        }
    }

    /** No builder has it for a name, so that only roles for all builders cover it. */
    private static final String ANY_BUILDER = "";

    private static final Logger LOG = LoggerFactory.getLogger(Asker.class);

    private final Admission admission;
    private final @Nullable Person person;

    Asker(Admission admission, @Nullable Person person) {
        this.admission = admission;
        this.person = person;
    }

    /** Whether they have a session, which they can end. */
    public boolean hasLoggedIn() {
        return Visitors.hasSession();
    }

    /** Null if nobody has logged in. */
    public @Nullable String name() {
        return person == null ? null : person.name();
    }

    /**
     * What they may, if only with some builders, as roles call it, with spaces between; null where
     * nobody logs in.
     */
    public @Nullable String acts() {
        return admission.isOpen()
                ? null
                : admission.acts(person).stream().map(Asker::word).collect(Collectors.joining(" "));
    }

    /**
     * Of what is not of single builders, or where there is nothing to be done it to.
     *
     * @throws NotAllowedException if they may not
     */
    public Permit require(Act act) {
        return require(act, List.of());
    }

    /**
     * Of what may be of any builder.
     *
     * @throws NotAllowedException if they may not with each builder that there is
     */
    public Permit requireForAll(Act act) {
        return require(act, List.of(ANY_BUILDER));
    }

    /**
     * @throws NotAllowedException if they may not with one of the builders
     */
    public Permit require(Act act, String builder) {
        return require(act, List.of(builder));
    }

    /**
     * @param builders with which it is done
     * @throws NotAllowedException if they may not with one of them
     */
    public Permit require(Act act, Collection<String> builders) {
        if (admission.isOpen()) {
            return new Permit(null);
        }
        if (admission.may(person, act, builders)) {
            return new Permit(person == null ? AccessName.NOBODY_KNOWN : person.name());
        }
        String of =
                switch (String.join(", ", builders)) {
                    case ANY_BUILDER -> "";
                    case String names -> " of " + names;
                };
        // Who may not look at builders does not hear of them in this way.
        String told = admission.may(person, Act.VIEW) ? of : "";
        LOG.info(
                "refused: {} asked for {}{}",
                person == null ? "somebody who is not logged in" : Printable.of(person.name()),
                word(act),
                Printable.of(of));
        throw person == null
                ? new NotAllowedException(
                        false,
                        "nobody is logged in, and no role gives '%s'%s to everyone: log in, or send a token"
                                .formatted(word(act), told))
                : new NotAllowedException(
                        true,
                        "no role gives '%s'%s to %s%s: ask who configures this cluster"
                                .formatted(
                                        word(act),
                                        told,
                                        person.name(),
                                        person.only() == null ? "" : " by this token"));
    }

    private static String word(Act act) {
        return act.name().toLowerCase(Locale.ROOT);
    }
}
