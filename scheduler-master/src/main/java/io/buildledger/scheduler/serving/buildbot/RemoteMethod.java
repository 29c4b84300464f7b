package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.scheduler.serving.SentField;
import io.buildledger.scheduler.serving.SentField.Flag;
import io.buildledger.scheduler.serving.SentField.Line;
import io.buildledger.scheduler.serving.SentField.NumberOrLine;
import io.buildledger.scheduler.serving.SentField.Text;
import io.buildledger.scheduler.serving.SentField.Texts;
import io.buildledger.scheduler.serving.SentField.Whole;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What can be called by JSON-RPC, with the parameters that it reads, by which programs are told of
 * it. Others are passed over, as Buildbot does.
 */
enum RemoteMethod {
    CANCEL(why()),
    ENABLE(why(), Parameters.ENABLED),

    /** Besides the fields of the form, which the form itself reads. */
    FORCE(
            List.of(Parameters.OWNER, Parameters.REQUESTED_BY),
            Parameters.BUILDER_ID,
            Parameters.BUILDER_NAMES,
            Parameters.FORM_PRIORITY,
            Parameters.FORM_REASON),
    PAUSE(why()),
    REBUILD(why()),
    SET_PRIORITY(Parameters.WHO, Parameters.PRIORITY),
    STOP(why()),
    UNPAUSE(why());

    /** What is read by their names. */
    static final class Parameters {
        static final Line OWNER = new Line("owner", 100, "who asks, where nobody logs in");
        static final Line USERNAME = new Line("username", 100, "as owner, if that is not there");
        static final Line REQUESTED_BY =
                new Line("requestedBy", 100, "as owner, if that is not there");
        static final List<SentField> WHO = List.of(OWNER, USERNAME, REQUESTED_BY);
        static final Line REASON = new Line("reason", 500, "");
        static final Flag ENABLED = new Flag("enabled", true, "");
        static final Whole PRIORITY =
                Whole.any("priority", true, "requests with a higher one are built first");
        static final NumberOrLine BUILDER_ID =
                new NumberOrLine("builderid", 500, "of the one that is wanted");
        static final Texts BUILDER_NAMES =
                new Texts("builderNames", "all of the scheduler if none is named");
        static final Whole FORM_PRIORITY = Whole.any("priority", false, "");
        static final Text FORM_REASON =
                new Text("reason", 2_000, false, "needed where the scheduler says so");

        private Parameters() {}
    }

    @SuppressWarnings("ImmutableEnumChecker") // a list that can't be changed
    private final List<SentField> parameters;

    RemoteMethod(List<SentField> parameters, SentField... others) {
        this.parameters = Stream.concat(parameters.stream(), Arrays.stream(others)).toList();
    }

    private static List<SentField> why() {
        return Stream.concat(Parameters.WHO.stream(), Stream.of(Parameters.REASON)).toList();
    }

    /** As it is called. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    List<SentField> parameters() {
        return parameters;
    }
}
