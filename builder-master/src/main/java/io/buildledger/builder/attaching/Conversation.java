package io.buildledger.builder.attaching;

import io.buildledger.builder.attaching.CommandListener.Update;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two sides' requests and responses over one WebSocket. Each side numbers its requests from 0
 * and gets exactly one response to each.
 *
 * <p>When the connection is lost, what came before is still handled; commands that have not ended
 * by then fail. When the master closes it, what was not handled is dropped.
 *
 * <p>Futures are completed on threads of their own: what hangs on them may block.
 */
final class Conversation implements Inbox.Connection {

    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);

    /** For the worker to read why, before the connection is cut. */
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    /** Of the reason in a WebSocket's closing frame. */
    private static final int REASON_BYTES = 123;

    /** A worker is free to ask for less than a file's rest, and gets no more than this at once. */
    private static final int READ_BYTES = 1024 * 1024;

    private final String worker;
    private final Channel channel;
    private final Executor threads;
    private final Liveness liveness;
    private final Inbox inbox;
    private final CompletableFuture<String> closed = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Void> disconnected = new CompletableFuture<>();

    private final Object lock = new Object();
    private final Map<Long, Request> unanswered = new HashMap<>();
    private final Map<String, Command> commands = new HashMap<>();
    private long nextRequest;
    private @Nullable String lost;

    /** Only the inbox's thread touches these. */
    private long nextFromWorker;

    private boolean toldOfUnknownOp;

    private record Request(String op, CompletableFuture<@Nullable Object> answer) {}

    private static final class Command {

        private final String id;
        private final String name;
        private final CommandListener listener;
        private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();

        /** Why the listener can't take more, while the worker goes on. */
        private volatile @Nullable Exception failure;

        Command(String id, String name, CommandListener listener) {
            this.id = id;
            this.name = name;
            this.listener = listener;
        }

        boolean packsDirectory() {
            return name.equals("upload_directory") || name.equals("uploadDirectory");
        }
    }

    /** A request that gets an error for an answer, while the connection goes on. */
    private static final class UnanswerableException extends Exception {

        private static final long serialVersionUID = 1L;

        UnanswerableException(String message) {
            super(message);
        }
    }

    Conversation(
            String worker,
            Channel channel,
            LivenessLimits livenessLimits,
            MessageLimits messageLimits,
            Executor threads) {
        this.worker = worker;
        this.channel = channel;
        this.threads = threads;
        this.liveness = new Liveness(channel, livenessLimits, this::packsDirectory, this::cut);
        this.inbox = new Inbox(this, threads, messageLimits.queueBytes());
        channel.closeFuture().addListener(_ -> disconnected.complete(null));
    }

    String worker() {
        return worker;
    }

    Liveness liveness() {
        return liveness;
    }

    Inbox inbox() {
        return inbox;
    }

    /** Completed with the reason as soon as the connection is gone or being closed. */
    CompletableFuture<String> closed() {
        return closed;
    }

    /** Completed after {@link #closed}, when no listener is called any more. */
    CompletableFuture<@Nullable Void> ended() {
        return ended;
    }

    /** Completed when nothing can be sent any more, the reason why included. */
    CompletableFuture<@Nullable Void> disconnected() {
        return disconnected;
    }

    // The master's requests.

    /**
     * Sends a request.
     *
     * @return the answer; fails with {@link RequestRefusedException} or {@link WorkerLostException}
     */
    CompletableFuture<@Nullable Object> request(String op, Map<String, ? extends Object> fields) {
        CompletableFuture<@Nullable Object> answer = new CompletableFuture<>();
        String reason;
        synchronized (lock) {
            reason = lost;
            if (reason == null) {
                Map<String, @Nullable Object> message = new LinkedHashMap<>(fields);
                message.put("op", op);
                message.put("seq_number", nextRequest);
                // Under the lock, so that requests leave in the order of their numbers.
                byte[] bytes = WireFormat.encode(message);
                unanswered.put(nextRequest, new Request(op, answer));
                nextRequest++;
                send(bytes);
            }
        }
        if (reason != null) {
            answer.completeExceptionally(new WorkerLostException(worker, reason));
        }
        return answer;
    }

    /**
     * The same, but fails with {@link TimeoutException} when there is no answer. The time in which
     * the master itself does not read is not counted.
     */
    CompletableFuture<@Nullable Object> request(
            String op, Map<String, ? extends Object> fields, Duration patience) {
        CompletableFuture<@Nullable Object> answer = request(op, fields);
        expire(op, answer, patience, System.nanoTime(), patience.toNanos());
        return answer;
    }

    private void expire(
            String op,
            CompletableFuture<@Nullable Object> answer,
            Duration patience,
            long since,
            long nanos) {
        if (answer.isDone()) {
            return;
        }
        Runnable look =
                () -> {
                    long left = patience.toNanos() - liveness.waitedNanos(since);
                    if (left > 0) {
                        expire(op, answer, patience, since, left);
                        return;
                    }
                    String message =
                            "worker %s has not answered %s within %s ms"
                                    .formatted(worker, op, patience.toMillis());
                    threads.execute(
                            () -> answer.completeExceptionally(new TimeoutException(message)));
                };
        later(look, nanos);
    }

    private void later(Runnable task, long nanos) {
        try {
            ScheduledFuture<?> _ = channel.eventLoop().schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The server was closed, and this connection with it: nothing is left to be done.
            LOG.debug("the connection of worker {} went with the server", worker, e);
        }
    }

    /**
     * Starts a command.
     *
     * @return done when the command has ended
     * @throws IllegalStateException if a command of this id runs on this connection
     */
    CompletableFuture<@Nullable Void> startCommand(
            String id, String name, Map<String, ? extends Object> args, CommandListener listener) {
        Command command = new Command(id, name, listener);
        CompletableFuture<@Nullable Object> answer;
        synchronized (lock) {
            if (lost != null) {
                return CompletableFuture.failedFuture(new WorkerLostException(worker, lost));
            }
            // The command must be known before: short ones are over before the answer comes.
            if (commands.putIfAbsent(id, command) != null) {
                throw new IllegalStateException(
                        "worker %s runs a command %s already".formatted(worker, id));
            }
            try {
                answer =
                        request(
                                "start_command",
                                Map.of("command_id", id, "command_name", name, "args", args));
            } catch (IllegalArgumentException e) {
                commands.remove(id);
                throw e;
            }
        }
        CompletableFuture<@Nullable Object> _ =
                answer.whenComplete((_, failure) -> {
                    // With a lost connection it ends as all others do.
                    if (failure instanceof RequestRefusedException) {
                        forget(command);
                        command.end.completeExceptionally(failure);
                    }
                });
        return command.end;
    }

    private void forget(Command command) {
        synchronized (lock) {
            commands.remove(command.id, command);
        }
    }

    private boolean packsDirectory() {
        synchronized (lock) {
            return commands.values().stream().anyMatch(Command::packsDirectory);
        }
    }

    // What the worker sends, on the inbox's thread.

    @Override
    public void handle(byte[] bytes) {
        try {
            Fields message = new Fields("message", WireFormat.decode(bytes));
            String op = message.text("op");
            long number = message.integer("seq_number");
            if (op.equals("response")) {
                answered(number, message);
            } else {
                requested(number, new Fields(op, message.map()));
            }
        } catch (MalformedMessageException e) {
            close(
                    WebSocketCloseStatus.PROTOCOL_ERROR,
                    "it sent a message that can't be read: " + e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.error("a message of worker {} could not be handled", worker, e);
            close(
                    WebSocketCloseStatus.INTERNAL_SERVER_ERROR,
                    "the master could not handle its message");
        }
    }

    private void answered(long number, Fields message) {
        Request request;
        boolean gone;
        synchronized (lock) {
            request = unanswered.remove(number);
            gone = lost != null;
        }
        if (request == null) {
            if (!gone) {
                close(
                        WebSocketCloseStatus.PROTOCOL_ERROR,
                        "it answered request %d, which was not asked or has been answered"
                                .formatted(number));
            }
            return;
        }
        Object result = message.map().get("result");
        // The key alone says it, even with false.
        if (message.map().containsKey("is_exception")) {
            RequestRefusedException refusal =
                    new RequestRefusedException(worker, request.op, String.valueOf(result));
            threads.execute(() -> request.answer.completeExceptionally(refusal));
        } else {
            threads.execute(() -> request.answer.complete(result));
        }
    }

    private void requested(long number, Fields request) {
        if (number != nextFromWorker) {
            String reason =
                    "its request %s has seq_number %d, %d was due"
                            .formatted(request.what(), number, nextFromWorker);
            close(WebSocketCloseStatus.PROTOCOL_ERROR, reason, response(number, reason, true));
            return;
        }
        nextFromWorker++;
        try {
            respond(number, perform(request), false);
        } catch (MalformedMessageException | UnanswerableException e) {
            respond(number, e.getMessage(), true);
        }
    }

    private @Nullable Object perform(Fields request)
            throws MalformedMessageException, UnanswerableException {
        switch (request.what()) {
            case "update" -> {
                List<Update> updates = request.updates("args");
                tell(request, listener -> listener.update(updates));
            }
            case "complete" -> complete(request);
            case "update_upload_file_write" -> {
                byte[] chunk = request.bytes("args");
                tell(request, listener -> listener.write(chunk));
            }
            case "update_upload_file_close" -> tell(request, CommandListener::closeWrite);
            case "update_upload_file_utime" -> {
                var accessed = request.time("access_time");
                var modified = request.time("modified_time");
                tell(request, listener -> listener.utime(accessed, modified));
            }
            case "update_upload_directory_write" -> {
                byte[] chunk = request.bytes("args");
                tell(request, listener -> listener.writeDirectory(chunk));
            }
            case "update_upload_directory_unpack" ->
                    tell(request, CommandListener::unpackDirectory);
            case "update_read_file" -> {
                return read(request);
            }
            case "update_read_file_close" -> tell(request, CommandListener::closeRead);
            default -> {
                if (!toldOfUnknownOp) {
                    toldOfUnknownOp = true;
                    LOG.warn("worker {} asks for {}, which is not known", worker, request.what());
                }
                throw new UnanswerableException(
                        "this master knows no op '%s'".formatted(request.what()));
            }
        }
        return null;
    }

    private byte[] read(Fields request) throws MalformedMessageException, UnanswerableException {
        long length = request.integer("length");
        if (length < 1) {
            throw request.wrong("length", "positive");
        }
        synchronized (lock) {
            if (lost != null) {
                throw new UnanswerableException("nobody is there who would get it");
            }
        }
        int most = (int) Math.min(length, READ_BYTES);
        return ask(
                request,
                listener -> {
                    byte[] bytes = listener.read(most);
                    if (bytes.length > most) {
                        throw new IllegalStateException(
                                "%d bytes were read instead of %d at most"
                                        .formatted(bytes.length, most));
                    }
                    return bytes;
                });
    }

    private void complete(Fields request) throws MalformedMessageException, UnanswerableException {
        String error = request.textOrNull("args");
        Command command = command(request);
        if (command.failure != null) {
            // Its end is on the way, and must not be overtaken by a better one.
            forget(command);
            return;
        }
        try {
            tell(request, listener -> listener.complete(error));
        } finally {
            forget(command);
        }
        threads.execute(() -> command.end.complete(null));
    }

    @FunctionalInterface
    private interface Telling {
        void to(CommandListener listener) throws Exception;
    }

    @FunctionalInterface
    private interface Asking<T> {
        T of(CommandListener listener) throws Exception;
    }

    private void tell(Fields request, Telling telling)
            throws MalformedMessageException, UnanswerableException {
        Boolean _ =
                ask(
                        request,
                        listener -> {
                            telling.to(listener);
                            return true;
                        });
    }

    private <T> T ask(Fields request, Asking<T> asking)
            throws MalformedMessageException, UnanswerableException {
        Command command = command(request);
        if (command.failure != null) {
            throw failed(command);
        }
        try {
            return asking.of(command.listener);
        } catch (Exception e) {
            command.failure = e;
            threads.execute(() -> command.end.completeExceptionally(e));
            throw failed(command);
        }
    }

    /** Why is for whoever waits for the command: it may tell of the master what is no worker's. */
    private static UnanswerableException failed(Command command) {
        return new UnanswerableException(
                "command %s has failed on the master".formatted(command.id));
    }

    private Command command(Fields request)
            throws MalformedMessageException, UnanswerableException {
        String id = request.text("command_id");
        Command command;
        synchronized (lock) {
            command = commands.get(id);
        }
        if (command == null) {
            throw new UnanswerableException(
                    "this master has started no command '%s' on this connection, or it has ended"
                            .formatted(id));
        }
        return command;
    }

    private void respond(long number, @Nullable Object result, boolean isException) {
        send(response(number, result, isException));
    }

    private static byte[] response(long number, @Nullable Object result, boolean isException) {
        Map<String, @Nullable Object> response = new LinkedHashMap<>();
        response.put("op", "response");
        response.put("seq_number", number);
        response.put("result", result);
        if (isException) {
            response.put("is_exception", true);
        }
        return WireFormat.encode(response);
    }

    private void send(byte[] message) {
        ChannelFuture _ =
                channel.writeAndFlush(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(message)));
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void reading(boolean on) {
        liveness.reading(on);
        channel.config().setAutoRead(on);
    }

    // The end.

    /** The connection is gone. Only the first reason counts. */
    void lose(String reason) {
        if (markLost(reason)) {
            LOG.info("worker {} is lost: {}", worker, reason);
            inbox.end();
        }
    }

    /** Cuts a connection that nobody seems to be at the other end of. */
    private void cut(String reason) {
        lose(reason);
        disconnect();
    }

    /** Tells the worker why, and closes the connection. Only the first reason counts. */
    void close(WebSocketCloseStatus status, String reason) {
        close(status, reason, null);
    }

    /**
     * @param lastWord sent after the reason was noted, or a worker that closes the connection on
     *     reading it would have its own reason noted
     */
    private void close(WebSocketCloseStatus status, String reason, byte @Nullable [] lastWord) {
        if (!markLost(reason)) {
            return;
        }
        LOG.info("closing the connection of worker {}: {}", worker, reason);
        inbox.abandon();
        if (lastWord != null) {
            send(lastWord);
        }
        later(() -> farewell(status, reason), 0);
    }

    void closeLater(WebSocketCloseStatus status, String reason, Duration delay) {
        later(() -> close(status, reason), delay.toNanos());
    }

    private void farewell(WebSocketCloseStatus status, String reason) {
        // Closing with unread bytes would reset the connection, and the worker not read why.
        channel.config().setAutoRead(true);
        ChannelFuture _ =
                channel.writeAndFlush(new CloseWebSocketFrame(status.code(), shortened(reason)));
        later(this::disconnect, FAREWELL.toNanos());
    }

    private void disconnect() {
        ChannelFuture _ = channel.close();
    }

    private static String shortened(String reason) {
        byte[] bytes = reason.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= REASON_BYTES) {
            return reason;
        }
        int end = REASON_BYTES;
        // Not in the middle of a character.
        while ((bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    private boolean markLost(String reason) {
        List<Request> failed;
        synchronized (lock) {
            if (lost != null) {
                return false;
            }
            lost = reason;
            failed = new ArrayList<>(unanswered.values());
            unanswered.clear();
        }
        for (Request request : failed) {
            threads.execute(() ->
                    request.answer.completeExceptionally(new WorkerLostException(worker, reason)));
        }
        threads.execute(() -> closed.complete(reason));
        return true;
    }

    @Override
    public void handledAll() {
        List<Command> unfinished;
        WorkerLostException loss;
        synchronized (lock) {
            unfinished = new ArrayList<>(commands.values());
            commands.clear();
            loss = new WorkerLostException(worker, String.valueOf(lost));
        }
        for (Command command : unfinished) {
            threads.execute(() -> command.end.completeExceptionally(loss));
        }
        CompletableFuture<?>[] ends =
                unfinished.stream().map(command -> command.end).toArray(CompletableFuture[]::new);
        CompletableFuture<Void> _ =
                CompletableFuture.allOf(ends)
                        .whenComplete((_, _) -> threads.execute(() -> ended.complete(null)));
    }
}
