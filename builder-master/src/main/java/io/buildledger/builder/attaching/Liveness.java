package io.buildledger.builder.attaching;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Pings a worker and tells when it has not been heard of for too long. It hears every byte, since a
 * large message takes minutes over a slow line. While the master does not read, nothing is counted.
 */
final class Liveness extends ChannelInboundHandlerAdapter {

    private final Channel channel;
    private final LivenessLimits limits;
    private final BooleanSupplier uploading;
    private final Consumer<String> lost;
    private volatile boolean reading = true;
    private volatile long resumedAt = System.nanoTime();
    private volatile long countsFrom = System.nanoTime();
    private @Nullable Long stalledSince;
    private long lastPing;
    private long due;

    /**
     * @param uploading whether the worker may be packing a directory
     * @param lost told why, on the event loop, perhaps more than once
     */
    Liveness(
            Channel channel,
            LivenessLimits limits,
            BooleanSupplier uploading,
            Consumer<String> lost) {
        this.channel = channel;
        this.limits = limits;
        this.uploading = uploading;
        this.lost = lost;
    }

    void start() {
        lastPing = System.nanoTime();
        lookAgain(limits.ping().toNanos());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        countsFrom = System.nanoTime();
        context.fireChannelRead(message);
    }

    void reading(boolean on) {
        resumedAt = System.nanoTime();
        countsFrom = resumedAt;
        reading = on;
    }

    /** For how long an answer has been awaited since then, and would have been read. */
    long waitedNanos(long since) {
        return reading ? System.nanoTime() - since - Math.max(0, resumedAt - since) : 0;
    }

    private void look() {
        if (!channel.isActive()) {
            return;
        }
        long now = System.nanoTime();
        if (now - due > limits.ping().toNanos()) {
            // It was the master itself that stood still.
            countsFrom = now;
        }
        if (!channel.isWritable()) {
            lookAtStall(now);
            return;
        }
        if (stalledSince != null) {
            stalledSince = null;
            countsFrom = now;
        }
        Duration limit = uploading.getAsBoolean() ? limits.uploadSilence() : limits.silence();
        long left = reading ? limit.toNanos() - (now - countsFrom) : limit.toNanos();
        if (left <= 0) {
            lost.accept("nothing was heard of it for " + seconds(limit));
            return;
        }
        if (now - lastPing >= limits.ping().toNanos()) {
            lastPing = now;
            ChannelFuture _ = channel.writeAndFlush(new PingWebSocketFrame(Unpooled.EMPTY_BUFFER));
        }
        lookAgain(Math.min(left, limits.ping().toNanos()));
    }

    private void lookAtStall(long now) {
        if (stalledSince == null) {
            stalledSince = now;
        } else if (now - stalledSince > limits.stall().toNanos()) {
            lost.accept("it has not read what was sent to it for " + seconds(limits.stall()));
            return;
        }
        lookAgain(Math.min(limits.ping().toNanos(), limits.stall().toNanos()));
    }

    private void lookAgain(long nanos) {
        due = System.nanoTime() + nanos;
        ScheduledFuture<?> _ =
                channel.eventLoop().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }
}
