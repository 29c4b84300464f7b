package io.buildledger.builder.attaching;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From a worker's frames to its conversation. Frames of text say nothing in this protocol. */
final class FrameHandler extends SimpleChannelInboundHandler<WebSocketFrame> {

    private static final Logger LOG = LoggerFactory.getLogger(FrameHandler.class);

    private final Conversation conversation;

    FrameHandler(Conversation conversation) {
        this.conversation = conversation;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
        switch (frame) {
            case BinaryWebSocketFrame binary ->
                    conversation.inbox().offer(ByteBufUtil.getBytes(binary.content()));
            case PingWebSocketFrame ping -> {
                // Answers to somebody who does not read them must not pile up.
                if (context.channel().isWritable()) {
                    ChannelFuture _ =
                            context.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
                }
            }
            case CloseWebSocketFrame close -> {
                String why = close.reasonText();
                conversation.lose(
                        "it closed the connection" + (why.isEmpty() ? "" : " (" + why + ")"));
                ChannelFuture _ = context.close();
            }
            default -> LOG.trace("ignored {} of worker {}", frame, conversation.worker());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        conversation.lose("its connection broke");
        context.fireChannelInactive();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        conversation.inbox().writabilityChanged();
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        switch (cause) {
            case CorruptedWebSocketFrameException corrupted ->
                    conversation.close(
                            corrupted.closeStatus(), "it broke WebSocket: " + cause.getMessage());
            case TooLongFrameException _ ->
                    conversation.close(
                            WebSocketCloseStatus.MESSAGE_TOO_BIG,
                            "it sent too large a message: " + cause.getMessage());
            case IOException _ -> {
                conversation.lose("its connection broke: " + cause.getMessage());
                ChannelFuture _ = context.close();
            }
            default -> {
                LOG.warn("the connection of worker {} failed", conversation.worker(), cause);
                conversation.lose("its connection failed: " + cause);
                ChannelFuture _ = context.close();
            }
        }
    }
}
