package io.buildledger.scheduler.tracing;

import static io.opentelemetry.api.common.AttributeKey.booleanKey;
import static io.opentelemetry.api.common.AttributeKey.longArrayKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.buildledger.domain.building.Results;
import io.buildledger.showing.Printable;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.List;
import java.util.Locale;

/**
 * What is said of a span besides its name and its times: in OpenTelemetry's words for continuous
 * integration where it has some, else in this program's. No names of people are among them.
 */
final class SpanAttributes {

    static final AttributeKey<Long> BUILDSET = longKey("buildledger.buildset");
    static final AttributeKey<String> SCHEDULER = stringKey("buildledger.scheduler");
    static final AttributeKey<String> REASON = stringKey("buildledger.reason");
    static final AttributeKey<List<Long>> CHANGES = longArrayKey("buildledger.changes");
    static final AttributeKey<Long> CHANGE = longKey("buildledger.change");
    static final AttributeKey<String> PARENT_BUILD = stringKey("buildledger.parent_build");
    static final AttributeKey<Long> REQUEST = longKey("buildledger.request");
    static final AttributeKey<String> BUILDER = stringKey("buildledger.builder");
    static final AttributeKey<Long> PRIORITY = longKey("buildledger.priority");
    static final AttributeKey<Long> ATTEMPT = longKey("buildledger.attempt");
    static final AttributeKey<String> MASTER = stringKey("buildledger.master");
    static final AttributeKey<Long> STEP = longKey("buildledger.step");
    static final AttributeKey<String> RESULTS = stringKey("buildledger.results");
    static final AttributeKey<Boolean> HIDDEN = booleanKey("buildledger.hidden");
    static final AttributeKey<Boolean> INTERRUPTED = booleanKey("buildledger.interrupted");

    static final AttributeKey<String> BRANCH = stringKey("vcs.ref.head.name");
    static final AttributeKey<String> REVISION = stringKey("vcs.ref.head.revision");
    static final AttributeKey<String> REPOSITORY = stringKey("vcs.repository.url.full");

    static final AttributeKey<String> ACTION = stringKey("cicd.pipeline.action.name");
    static final AttributeKey<String> PIPELINE = stringKey("cicd.pipeline.name");
    static final AttributeKey<String> PIPELINE_RUN = stringKey("cicd.pipeline.run.id");
    static final AttributeKey<String> PIPELINE_RESULT = stringKey("cicd.pipeline.result");
    static final AttributeKey<String> WORKER = stringKey("cicd.worker.name");
    static final AttributeKey<String> TASK = stringKey("cicd.pipeline.task.name");
    static final AttributeKey<String> TASK_RUN = stringKey("cicd.pipeline.task.run.id");
    static final AttributeKey<String> TASK_RESULT = stringKey("cicd.pipeline.task.run.result");
    static final AttributeKey<Long> EXIT_CODE = longKey("process.exit.code");
    static final AttributeKey<String> ERROR = stringKey("error.type");

    /** Of what people or programs write, so many characters. */
    private static final int LONGEST_TEXT = 1_000;

    private SpanAttributes() {}

    static String cut(String text) {
        return Printable.cut(text, LONGEST_TEXT);
    }

    /** Results in both kinds of words. */
    static void results(
            AttributesBuilder attributes, AttributeKey<String> result, Results results) {
        attributes.put(RESULTS, results.name());
        attributes.put(result, word(results));
        if (isError(results)) {
            attributes.put(ERROR, results.name().toLowerCase(Locale.ROOT));
        }
    }

    private static String word(Results results) {
        return switch (results) {
            case SUCCESS, WARNINGS -> "success";
            case FAILURE -> "failure";
            case EXCEPTION, RETRY -> "error";
            case CANCELLED -> "cancellation";
            case SKIPPED -> "skip";
        };
    }

    /** A build that was cancelled or left out has not failed. */
    private static boolean isError(Results results) {
        return switch (results) {
            case FAILURE, EXCEPTION, RETRY -> true;
            case SUCCESS, WARNINGS, CANCELLED, SKIPPED -> false;
        };
    }

    /**
     * @param why of a failure, for people
     */
    static StatusData status(Results results, String why) {
        return isError(results)
                ? StatusData.create(StatusCode.ERROR, cut(why))
                : StatusData.unset();
    }
}
