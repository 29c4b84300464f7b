package io.buildledger.builder.attaching;

import io.buildledger.builder.attaching.Attachments.Admission;
import io.buildledger.builder.attaching.Attachments.Admission.Admitted;
import io.buildledger.builder.attaching.Attachments.Admission.Refused;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What passes between a worker's authentication and its being attached, on a thread of its own. */
final class Introduction implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Introduction.class);

    /**
     * What a stock worker takes for the end of a line beside the newline: the carriage returns,
     * cursor movements and backspaces of progress bars.
     */
    private static final String NEWLINES =
            "(\\r\\n|\\r(?=.)|\\x1b\\[(?:u|2J|[0-9]+;[0-9]+[Hf])|\\x08+)";

    private static final Map<String, Object> SETTINGS =
            Map.of(
                    "buffer_size",
                    64 * 1024,
                    // Seconds, of the one within which followers see a line; the way from here
                    // takes the rest.
                    "buffer_timeout",
                    0.2,
                    "newline_re",
                    NEWLINES,
                    // Stock workers lose parts of longer lines. In characters of up to four bytes,
                    // which must fit into a message.
                    "max_line_length",
                    1_000_000);

    private final Conversation conversation;
    private final HandshakeLimits limits;
    private final Attachments attachments;
    private final CompletableFuture<@Nullable Void> over = new CompletableFuture<>();

    Introduction(Conversation conversation, HandshakeLimits limits, Attachments attachments) {
        this.conversation = conversation;
        this.limits = limits;
        this.attachments = attachments;
    }

    /**
     * Completed when the connection is gone for everybody: after {@link Attachments#gone} has
     * returned, where it is to be told.
     */
    CompletableFuture<@Nullable Void> over() {
        return over;
    }

    @Override
    public void run() {
        WorkerConnection admitted = introduce();
        CompletableFuture<Void> _ =
                conversation
                        .ended()
                        .thenCombine(conversation.closed(), (_, reason) -> reason)
                        .thenAccept(reason -> {
                            if (admitted != null) {
                                gone(admitted, reason);
                            }
                            over.complete(null);
                        });
    }

    /**
     * @return null if the worker is not admitted
     */
    private @Nullable WorkerConnection introduce() {
        WorkerInfo info;
        try {
            ask("print", Map.of("message", "attached"));
            info = WorkerInfo.of(ask("get_worker_info", Map.of()));
            ask("set_worker_settings", Map.of("args", SETTINGS));
        } catch (ExecutionException e) {
            giveUp(e.getCause());
            return null;
        } catch (MalformedMessageException e) {
            giveUp(e);
            return null;
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
        WorkerConnection connection = new WorkerConnection(conversation, info);
        return switch (admission(connection)) {
            case Admitted() -> connection;
            case Refused(String reason) -> {
                conversation.closeLater(
                        WebSocketCloseStatus.POLICY_VIOLATION, reason, limits.refusalDelay());
                yield null;
            }
        };
    }

    private @Nullable Object ask(String op, Map<String, Object> fields)
            throws ExecutionException, InterruptedException {
        return conversation.request(op, fields, limits.answer()).get();
    }

    private void giveUp(@Nullable Throwable cause) {
        switch (cause) {
            case WorkerLostException lost -> LOG.debug("not attached", lost);
            case TimeoutException late ->
                    conversation.close(
                            WebSocketCloseStatus.POLICY_VIOLATION,
                            String.valueOf(late.getMessage()));
            case null -> throw new IllegalStateException("an ExecutionException without a cause");
            default ->
                    conversation.closeLater(
                            WebSocketCloseStatus.POLICY_VIOLATION,
                            "it can't be attached: " + cause.getMessage(),
                            limits.refusalDelay());
        }
    }

    private Admission admission(WorkerConnection connection) {
        try {
            return attachments.admit(connection);
        } catch (RuntimeException e) {
            LOG.error("worker {} could not be admitted", connection.name(), e);
            return new Refused("the master could not admit it: " + e);
        }
    }

    private void gone(WorkerConnection connection, String reason) {
        try {
            attachments.gone(connection, reason);
        } catch (RuntimeException e) {
            LOG.error("that worker {} is gone could not be noted", connection.name(), e);
        }
    }
}
