package io.buildledger.builder.attaching;

import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One attached worker. No method blocks. A future that is under way when the connection goes, and
 * every one asked for later, fails with {@link WorkerLostException}; one whose request the worker
 * answers with an error fails with {@link RequestRefusedException}. Futures are completed on
 * threads that may block.
 */
public final class WorkerConnection {

    private final Conversation conversation;
    private final WorkerInfo info;

    WorkerConnection(Conversation conversation, WorkerInfo info) {
        this.conversation = conversation;
        this.info = info;
    }

    public String name() {
        return conversation.worker();
    }

    public WorkerInfo info() {
        return info;
    }

    /** Has the worker write a message to its log. */
    public CompletableFuture<@Nullable Void> print(String message) {
        return done(conversation.request("print", Map.of("message", message)));
    }

    public CompletableFuture<@Nullable Void> keepalive() {
        return done(conversation.request("keepalive", Map.of()));
    }

    /** The worker's process ends a moment after it has answered. */
    public CompletableFuture<@Nullable Void> shutdown() {
        return done(conversation.request("shutdown", Map.of()));
    }

    /**
     * Asks for a sign of life from the worker itself, not only from its machine. The connection
     * stays as it is, whatever comes of it.
     *
     * @param patience time in which the master itself does not read from the worker, because a
     *     listener is slow, is not counted
     * @return fails with {@link java.util.concurrent.TimeoutException} when no answer comes
     */
    public CompletableFuture<@Nullable Void> ping(Duration patience) {
        return done(conversation.request("print", Map.of("message", "ping"), patience));
    }

    /**
     * Starts a command. The same id must not be used again while the worker's process lives, on
     * whichever master: it corrupts the worker's state.
     *
     * @param args maps and lists of text, numbers, booleans, {@code byte[]} and null; they are
     *     copied
     * @return done when the command has ended, which it does exactly once: after {@link
     *     CommandListener#complete} has returned; or failing, when the worker refuses to start it,
     *     with what the listener threw, or with the connection
     * @throws IllegalArgumentException if there is something else in args
     * @throws IllegalStateException if a command of this id runs on this connection
     */
    public CompletableFuture<@Nullable Void> startCommand(
            String commandId,
            String commandName,
            Map<String, ? extends @Nullable Object> args,
            CommandListener listener) {
        return conversation.startCommand(commandId, commandName, args, listener).copy();
    }

    /**
     * Asks for a command's end, which the command's own future tells. Commands of former
     * connections of this worker, also to other masters, can be interrupted as well.
     *
     * @return done also if the worker knows no such command
     */
    public CompletableFuture<@Nullable Void> interrupt(String commandId, String why) {
        return done(
                conversation.request(
                        "interrupt_command", Map.of("command_id", commandId, "why", why)));
    }

    /** Closes the connection; the worker comes back after a moment, here or elsewhere. */
    public void close(String reason) {
        conversation.close(WebSocketCloseStatus.NORMAL_CLOSURE, reason);
    }

    /**
     * Completed, never failing, with the reason, as soon as the connection is gone or being closed.
     * Listeners may still be told of what came before: see {@link Attachments#gone}.
     */
    public CompletableFuture<String> closed() {
        return conversation.closed().copy();
    }

    @Override
    public String toString() {
        return "worker " + name();
    }

    private static CompletableFuture<@Nullable Void> done(CompletableFuture<?> answer) {
        return answer.thenApply(_ -> null);
    }
}
