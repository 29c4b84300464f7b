package io.buildledger.log;

import java.util.Set;

/**
 * In place of an event that a newer program wrote: of a type that this one does not know, or in a
 * revision that this one does not know.
 *
 * <p>Who shows what the log says passes over it. Who decides by all events of a stream {@linkplain
 * #refused refuses}, and so does who acts upon events of a type of which this {@linkplain #isOf is
 * one}: a guess at what it means may not become a fact.
 *
 * @param type its name on disk
 */
public record NewerEvent(String stream, long sequence, String type, String revision) {

    /** Of what its stream is: what the stream's name begins with. */
    public String kind() {
        return stream.substring(0, Math.max(stream.indexOf('/'), 0));
    }

    /** Whether it is one of these, in a revision that this program does not know. */
    public boolean isOf(Class<?> event) {
        return Upcasters.OF_THIS_PROGRAM.namesOf(event).contains(type);
    }

    /** Whether it is of a type that this program knows, and of none of these. */
    public boolean isKnownButNotOf(Set<Class<?>> events) {
        return EventNames.all().stream()
                .filter(event -> !events.contains(event))
                .anyMatch(this::isOf);
    }

    /** What it is, and what is to be done so that it is understood; for people. */
    public String told() {
        return "%s@%d is %s, revision %s, which a newer program wrote and this master does not understand: upgrade this master"
                .formatted(stream, sequence, type, revision);
    }

    /** To be thrown by who would have to decide upon it. */
    public NewerProgramException refused() {
        return new NewerProgramException(this);
    }
}
