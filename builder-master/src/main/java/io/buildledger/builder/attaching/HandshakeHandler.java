package io.buildledger.builder.attaching;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Answers the one HTTP request of a connection: who is it, may it attach, and then the WebSocket.
 * Nothing more is read until the answer is given.
 */
final class HandshakeHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

    private final Credentials credentials;
    private final HandshakeLimits limits;
    private final WebSocketDecoderConfig frames;
    private final RefusalLog refusals;
    private final Semaphore checks;
    private final Executor threads;
    private final Opened opened;
    private boolean asked;
    private boolean decided;

    /** Takes over a channel on its event loop, after the answer was sent. */
    @FunctionalInterface
    interface Opened {
        void open(Channel channel, String name);
    }

    /**
     * @param why told to who is refused, unless the status is 401
     */
    private record Refusal(HttpResponseStatus status, String why) {

        static Refusal unauthorized(String why) {
            return new Refusal(HttpResponseStatus.UNAUTHORIZED, why);
        }

        /** Nothing was found out about the password: a stock worker comes back. */
        static Refusal unavailable(String why) {
            return new Refusal(HttpResponseStatus.SERVICE_UNAVAILABLE, why);
        }
    }

    HandshakeHandler(
            Credentials credentials,
            HandshakeLimits limits,
            WebSocketDecoderConfig frames,
            RefusalLog refusals,
            Semaphore checks,
            Executor threads,
            Opened opened) {
        this.credentials = credentials;
        this.limits = limits;
        this.frames = frames;
        this.refusals = refusals;
        this.checks = checks;
        this.threads = threads;
        this.opened = opened;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        if (asked) {
            return;
        }
        asked = true;
        context.channel().config().setAutoRead(false);
        String problem = problem(request);
        if (problem != null) {
            refuse(context, HttpResponseStatus.BAD_REQUEST, problem);
            return;
        }
        String header = request.headers().get(HttpHeaderNames.AUTHORIZATION);
        if (header == null) {
            refuseLater(context, Refusal.unauthorized("Authorization is missing"));
            return;
        }
        try {
            decide(context, opening(request), BasicAuthorization.parse(header));
        } catch (MalformedMessageException e) {
            refuse(context, HttpResponseStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable String problem(FullHttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return "it is not HTTP: " + request.decoderResult().cause().getMessage();
        }
        var headers = request.headers();
        boolean opensWebSocket =
                request.method().equals(HttpMethod.GET)
                        && request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                        && headers.containsValue(
                                HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                        && headers.containsValue(
                                HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                        && headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        if (!opensWebSocket) {
            return "this port is for Buildbot workers, which open a WebSocket";
        }
        if (!"13".equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            return "Sec-WebSocket-Version must be 13";
        }
        return null;
    }

    /** A copy that holds no buffer, for the time until the decision. */
    private static FullHttpRequest opening(FullHttpRequest request) {
        return new DefaultFullHttpRequest(
                request.protocolVersion(),
                request.method(),
                request.uri(),
                Unpooled.EMPTY_BUFFER,
                request.headers(),
                EmptyHttpHeaders.INSTANCE);
    }

    private void decide(
            ChannelHandlerContext context, FullHttpRequest opening, BasicAuthorization worker) {
        later(
                context,
                limits.decision(),
                () -> {
                    if (!decided) {
                        refuse(
                                context,
                                HttpResponseStatus.SERVICE_UNAVAILABLE,
                                "the password of worker %s could not be checked within %s ms"
                                        .formatted(worker.name(), limits.decision().toMillis()));
                    }
                });
        threads.execute(() -> {
            Refusal refusal = check(context.channel(), worker);
            context.executor().execute(() -> decided(context, opening, worker, refusal));
        });
    }

    /**
     * @return why it may not attach; null if it may
     */
    private @Nullable Refusal check(Channel channel, BasicAuthorization worker) {
        try {
            if (!checks.tryAcquire(limits.decision().toNanos(), TimeUnit.NANOSECONDS)) {
                return Refusal.unavailable("too many passwords are being checked");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
        try {
            // A flood's connections were closed, while their checks waited for their turn.
            if (!channel.isActive()) {
                return Refusal.unavailable("it has gone");
            }
            return credentials.accepts(worker.name(), worker.password())
                    ? null
                    : Refusal.unauthorized(
                            "there is no worker %s of this password in this master's file"
                                    .formatted(worker.name()));
        } catch (RuntimeException e) {
            refusals.checkFailed(worker.name(), e);
            return Refusal.unavailable(
                    "the password of worker %s can't be checked".formatted(worker.name()));
        } finally {
            checks.release();
        }
    }

    private void decided(
            ChannelHandlerContext context,
            FullHttpRequest opening,
            BasicAuthorization worker,
            @Nullable Refusal refusal) {
        if (decided || !context.channel().isActive()) {
            return;
        }
        decided = true;
        if (refusal == null) {
            open(context, opening, worker.name());
        } else {
            refuseLater(context, refusal);
        }
    }

    private void open(ChannelHandlerContext context, FullHttpRequest opening, String name) {
        WebSocketServerHandshaker handshaker =
                new WebSocketServerHandshakerFactory("ws://" + opening.uri(), null, frames)
                        .newHandshaker(opening);
        handshaker
                .handshake(context.channel(), opening)
                .addListener(future -> {
                    if (future.isSuccess()) {
                        opened.open(context.channel(), name);
                    } else {
                        ChannelFuture _ = context.close();
                    }
                });
    }

    private void refuseLater(ChannelHandlerContext context, Refusal refusal) {
        decided = true;
        later(
                context,
                limits.refusalDelay(),
                () -> refuse(context, refusal.status(), refusal.why()));
    }

    private void refuse(ChannelHandlerContext context, HttpResponseStatus status, String why) {
        decided = true;
        refusals.refused(context.channel().remoteAddress(), why);
        // Who is refused is not told which half was wrong.
        String text = status.equals(HttpResponseStatus.UNAUTHORIZED) ? "wrong password" : why;
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        status,
                        Unpooled.copiedBuffer(text + "\n", StandardCharsets.UTF_8));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (status.equals(HttpResponseStatus.UNAUTHORIZED)) {
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Basic realm=\"workers\"");
        }
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    private static void later(ChannelHandlerContext context, Duration delay, Runnable task) {
        ScheduledFuture<?> _ =
                context.executor()
                        .schedule(
                                () -> {
                                    if (context.channel().isActive() && !context.isRemoved()) {
                                        task.run();
                                    }
                                },
                                delay.toNanos(),
                                TimeUnit.NANOSECONDS);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        refusals.refused(context.channel().remoteAddress(), String.valueOf(cause.getMessage()));
        ChannelFuture _ = context.close();
    }
}
