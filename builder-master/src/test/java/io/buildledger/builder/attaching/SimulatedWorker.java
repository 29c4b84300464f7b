package io.buildledger.builder.attaching;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The worker's side of the protocol, without processes and files: it answers as a stock worker
 * does, and its script decides what its commands do. It takes no thread of its own, so that
 * thousands fit into one process; and it can misbehave on purpose.
 */
public final class SimulatedWorker implements AutoCloseable {

    /** What a simulated worker does. Called on its event loop: must not block. */
    public interface Script {

        /** A command was asked for; nothing has been answered yet. */
        void start(Command command);

        /** A command is to end, though it may be unknown or over. */
        default void interrupt(SimulatedWorker worker, String commandId, String why) {}

        /** Whether it answers a request of the master's; the request is dropped otherwise. */
        default boolean answers(String op) {
            return true;
        }

        /** What it tells about itself. */
        default Map<String, Object> info(String name) {
            return Map.of(
                    "environ",
                    Map.of("PATH", "/bin"),
                    "system",
                    "posix",
                    "basedir",
                    "/simulated/" + name,
                    "numcpus",
                    2,
                    "version",
                    "3.7.0",
                    "worker_commands",
                    Map.of("shell", "3.3"),
                    "host",
                    "simulated");
        }
    }

    /** A command that the master has started. */
    public record Command(SimulatedWorker worker, String id, String name, @Nullable Object args) {

        public CompletionStage<Object> update(String key, Object value) {
            return request("update", List.of(List.of(key, value)));
        }

        public CompletionStage<Object> stdout(String text) {
            return update("stdout", List.of(text, List.of(text.length() - 1), List.of(0.0)));
        }

        /**
         * @param error null if there is none
         */
        public CompletionStage<Object> complete(@Nullable String error) {
            return request("complete", error);
        }

        public CompletionStage<Object> request(String op, @Nullable Object args) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("command_id", id);
            fields.put("args", args);
            return worker.request(op, fields);
        }
    }

    /** The master answered with an error. */
    public static final class RefusedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        RefusedException(@Nullable Object answer) {
            super(String.valueOf(answer));
        }
    }

    private final String name;
    private final Script script;
    private final CompletableFuture<String> closed = new CompletableFuture<>();
    private final Map<Long, CompletableFuture<Object>> unanswered = new ConcurrentHashMap<>();
    private final Channel channel;
    private long nextRequest;

    private SimulatedWorker(String name, Script script, Channel channel) {
        this.name = name;
        this.script = script;
        this.channel = channel;
    }

    /**
     * Connects and authenticates.
     *
     * @return fails with Netty's exception, which tells the status, if the master refuses
     */
    public static CompletableFuture<SimulatedWorker> connect(
            EventLoopGroup loops,
            InetSocketAddress master,
            String name,
            String password,
            Script script) {
        CompletableFuture<SimulatedWorker> opened = new CompletableFuture<>();
        String pair = name + ":" + password;
        HttpHeaders headers =
                new DefaultHttpHeaders()
                        .set(
                                HttpHeaderNames.AUTHORIZATION,
                                "Basic "
                                        + Base64.getEncoder()
                                                .encodeToString(
                                                        pair.getBytes(StandardCharsets.UTF_8)));
        WebSocketClientProtocolConfig config =
                WebSocketClientProtocolConfig.newBuilder()
                        .webSocketUri(
                                "ws://%s:%d".formatted(master.getHostString(), master.getPort()))
                        .customHeaders(headers)
                        .maxFramePayloadLength(16 * 1024 * 1024)
                        .handleCloseFrames(false)
                        .build();
        new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(
                        new ChannelInitializer<SocketChannel>() {
                            @Override
                            protected void initChannel(SocketChannel channel) {
                                SimulatedWorker worker = new SimulatedWorker(name, script, channel);
                                channel.pipeline()
                                        .addLast(new HttpClientCodec())
                                        .addLast(new HttpObjectAggregator(64 * 1024))
                                        .addLast(new WebSocketClientProtocolHandler(config))
                                        .addLast(new WebSocketFrameAggregator(16 * 1024 * 1024))
                                        .addLast(worker.new Frames(opened));
                            }
                        })
                .connect(master)
                .addListener(future -> {
                    if (!future.isSuccess()) {
                        opened.completeExceptionally(future.cause());
                    }
                });
        return opened;
    }

    public String name() {
        return name;
    }

    /** Completed when the connection is over: with the master's reason, or empty without one. */
    public CompletableFuture<String> closed() {
        return closed;
    }

    /**
     * Sends a request under the next number.
     *
     * @return fails with {@link RefusedException} if the master answers with an error
     */
    public CompletionStage<Object> request(String op, Map<String, ?> fields) {
        CompletableFuture<Object> answer = new CompletableFuture<>();
        synchronized (this) {
            unanswered.put(nextRequest, answer);
            send(op, nextRequest++, fields);
        }
        return answer;
    }

    /** Sends whatever it is told to, be it against the protocol. */
    public void send(String op, long number, Map<String, ?> fields) {
        Map<String, Object> message = new LinkedHashMap<>(fields);
        message.put("op", op);
        message.put("seq_number", number);
        send(WireFormat.encode(message));
    }

    public void send(byte[] message) {
        send(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(message)));
    }

    public void send(WebSocketFrame frame) {
        ChannelFuture _ = channel.writeAndFlush(frame);
    }

    /** Neither reads nor answers pings, as a process that was stopped. */
    public void freeze() {
        reading(false);
    }

    public void thaw() {
        reading(true);
    }

    /** On the event loop, or else one more message might be read after this has returned. */
    private void reading(boolean on) {
        if (channel.eventLoop().inEventLoop()) {
            channel.config().setAutoRead(on);
        } else {
            channel.eventLoop()
                    .submit(() -> channel.config().setAutoRead(on))
                    .syncUninterruptibly();
        }
    }

    /** What was sent but has not left, because the master does not read. */
    public long unsentBytes() {
        return channel.unsafe().outboundBuffer().totalPendingWriteBytes();
    }

    /** Cuts the connection without a word. */
    @Override
    public void close() {
        channel.close().syncUninterruptibly();
    }

    private void handle(Fields message) throws MalformedMessageException {
        String op = message.text("op");
        long number = message.integer("seq_number");
        if (op.equals("response")) {
            answered(number, message);
            return;
        }
        if (!script.answers(op)) {
            return;
        }
        switch (op) {
            case "print", "keepalive", "set_worker_settings" -> respond(number, null);
            case "get_worker_info" -> respond(number, script.info(name));
            case "start_command" -> {
                script.start(
                        new Command(
                                this,
                                message.text("command_id"),
                                message.text("command_name"),
                                message.map().get("args")));
                respond(number, null);
            }
            case "interrupt_command" -> {
                script.interrupt(this, message.text("command_id"), message.text("why"));
                respond(number, null);
            }
            case "shutdown" -> {
                respond(number, null);
                // As a stock worker does.
                Future<?> _ =
                        channel.eventLoop()
                                .schedule(
                                        () -> {
                                            ChannelFuture _ = channel.close();
                                        },
                                        200,
                                        TimeUnit.MILLISECONDS);
            }
            default -> throw new IllegalStateException("the master asks for " + op);
        }
    }

    private void answered(long number, Fields message) {
        CompletableFuture<Object> answer = unanswered.remove(number);
        if (answer == null) {
            closed.complete("the master answered %d, which was not asked".formatted(number));
            ChannelFuture _ = channel.close();
        } else if (message.map().containsKey("is_exception")) {
            answer.completeExceptionally(new RefusedException(message.map().get("result")));
        } else {
            answer.complete(message.map().get("result"));
        }
    }

    private void respond(long number, @Nullable Object result) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("result", result);
        send("response", number, fields);
    }

    private final class Frames extends SimpleChannelInboundHandler<WebSocketFrame> {

        private final CompletableFuture<SimulatedWorker> opened;

        Frames(CompletableFuture<SimulatedWorker> opened) {
            this.opened = opened;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
                opened.complete(SimulatedWorker.this);
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame)
                throws MalformedMessageException {
            switch (frame) {
                case BinaryWebSocketFrame binary ->
                        handle(
                                new Fields(
                                        "message",
                                        WireFormat.decode(ByteBufUtil.getBytes(binary.content()))));
                case CloseWebSocketFrame close -> {
                    closed.complete(close.reasonText());
                    ChannelFuture _ = context.close();
                }
                default -> {
                    // Nothing else is sent to workers.
                }
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            closed.complete("");
            opened.completeExceptionally(
                    new WebSocketClientHandshakeException("the master closed the connection"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            opened.completeExceptionally(cause);
            ChannelFuture _ = context.close();
        }
    }
}
