package io.buildledger.builder.attaching;

import io.buildledger.builder.attaching.ListenSettings.TlsFiles;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port that unmodified Buildbot workers attach to, with {@code
 * --protocol=msgpack_experimental_v7}. Any path is accepted.
 *
 * <p>Whatever comes in, memory is bounded: before authentication by the number of connections and
 * the size of their headers, afterwards for each worker by the size of a message and of its queue.
 * An idle worker has no thread.
 */
public final class WorkerServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerServer.class);

    /** For what listeners are doing when the server is closed. */
    private static final Duration LAST_CALLS = Duration.ofSeconds(10);

    /** Passwords that are checked at once; what checks them may be a small pool of connections. */
    private static final int CHECKS = 64;

    private static final int REQUEST_LINE = 4096;
    private static final int REQUEST_BODY = 1024;

    private final ListenSettings settings;
    private final Credentials credentials;
    private final Attachments attachments;
    private final @Nullable SslContext tls;
    private final WebSocketDecoderConfig frames;
    private final Unauthenticated unauthenticated;
    private final Semaphore checks;
    private final RefusalLog refusals = new RefusalLog();
    private final Map<Conversation, Introduction> conversations = new ConcurrentHashMap<>();
    private final Executor threads = task -> Thread.ofVirtual().name("attached-worker").start(task);
    private final EventLoopGroup loops;
    private final Channel listening;

    /** Set before the workers are told; a worker that comes meanwhile sees it. */
    private volatile boolean closing;

    /**
     * Listens from now on.
     *
     * @throws IOException if the address can't be listened on, or the TLS files not be used; the
     *     message says why
     */
    public static WorkerServer start(
            ListenSettings settings, Credentials credentials, Attachments attachments)
            throws IOException {
        return new WorkerServer(settings, credentials, attachments);
    }

    private WorkerServer(ListenSettings settings, Credentials credentials, Attachments attachments)
            throws IOException {
        this.settings = settings;
        this.credentials = credentials;
        this.attachments = attachments;
        this.tls = settings.tls() == null ? null : tls(settings.tls());
        this.unauthenticated = new Unauthenticated(settings.handshake().unauthenticated());
        this.checks = new Semaphore(CHECKS, true);
        this.frames =
                WebSocketDecoderConfig.newBuilder()
                        .maxFramePayloadLength(settings.messages().messageBytes())
                        .expectMaskedFrames(true)
                        .allowExtensions(false)
                        // The conversation itself tells the worker and its listeners why.
                        .closeOnProtocolViolation(false)
                        .build();
        this.loops =
                new MultiThreadIoEventLoopGroup(
                        Runtime.getRuntime().availableProcessors(),
                        new DefaultThreadFactory("workers", true),
                        NioIoHandler.newFactory());
        try {
            this.listening = listen(settings.address());
        } catch (IOException | RuntimeException e) {
            Future<?> _ = loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw e;
        }
    }

    /** The port that it listens on. */
    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /**
     * Closes all connections. Returns after {@link Attachments#gone} was told of each, or after 10
     * s, if a listener does not come to an end.
     */
    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        listening.close().syncUninterruptibly();
        Map<Conversation, Introduction> open = Map.copyOf(conversations);
        open.keySet().forEach(WorkerServer::goAway);
        CompletableFuture<?>[] ends =
                open.entrySet().stream()
                        .flatMap(e -> Stream.of(e.getKey().disconnected(), e.getValue().over()))
                        .toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(ends).get(LAST_CALLS.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("not all listeners of workers' commands have come to an end", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loops.shutdownGracefully(0, LAST_CALLS.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly();
    }

    private static void goAway(Conversation conversation) {
        conversation.close(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE, "the master goes away");
    }

    private static SslContext tls(TlsFiles files) throws IOException {
        requireReadable(files.certificateChain(), "certificate chain");
        requireReadable(files.privateKey(), "private key");
        try {
            return SslContextBuilder.forServer(
                            files.certificateChain().toFile(), files.privateKey().toFile())
                    .sslProvider(SslProvider.JDK)
                    .build();
        } catch (IllegalArgumentException | IOException e) {
            throw new IOException(
                    "%s and %s are no certificate chain and its private key in PEM (the key as"
                                    .formatted(files.certificateChain(), files.privateKey())
                            + " PKCS#8 without a password, as `openssl pkcs8 -topk8 -nocrypt`"
                            + " makes it): "
                            + e.getMessage(),
                    e);
        }
    }

    private static void requireReadable(Path file, String what) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("the TLS %s %s can't be read".formatted(what, file));
        }
    }

    private Channel listen(InetSocketAddress address) throws IOException {
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .option(ChannelOption.SO_BACKLOG, 1024)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        accept(channel);
                                    }
                                })
                        .bind(address)
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "can't listen for workers on %s: %s"
                            .formatted(address, bound.cause().getMessage()),
                    bound.cause());
        }
        return bound.channel();
    }

    private void accept(SocketChannel channel) {
        HandshakeLimits limits = settings.handshake();
        unauthenticated.add(channel);
        channel.closeFuture().addListener(_ -> unauthenticated.remove(channel));
        ScheduledFuture<?> _ =
                channel.eventLoop()
                        .schedule(
                                () -> {
                                    if (unauthenticated.remove(channel)) {
                                        refusals.refused(
                                                channel.remoteAddress(),
                                                "it did not say who it is within %s s, as a worker does that was created with --protocol=msgpack_experimental_v7"
                                                        .formatted(limits.deadline().toSeconds()));
                                        ChannelFuture _ = channel.close();
                                    }
                                },
                                limits.deadline().toNanos(),
                                TimeUnit.NANOSECONDS);
        if (tls != null) {
            SslHandler handler = tls.newHandler(channel.alloc());
            handler.setHandshakeTimeoutMillis(limits.deadline().toMillis());
            channel.pipeline().addLast(handler);
        }
        channel.pipeline()
                .addLast(
                        new HttpServerCodec(
                                new HttpDecoderConfig()
                                        .setMaxInitialLineLength(REQUEST_LINE)
                                        .setMaxHeaderSize(limits.headerBytes())))
                .addLast(new HttpObjectAggregator(REQUEST_BODY))
                .addLast(
                        new HandshakeHandler(
                                credentials,
                                limits,
                                frames,
                                refusals,
                                checks,
                                threads,
                                this::open));
    }

    private void open(Channel channel, String name) {
        unauthenticated.remove(channel);
        Conversation conversation =
                new Conversation(name, channel, settings.liveness(), settings.messages(), threads);
        Introduction introduction =
                new Introduction(conversation, settings.handshake(), attachments);
        channel.pipeline().addFirst(conversation.liveness());
        channel.pipeline().remove(HandshakeHandler.class);
        channel.pipeline()
                .addLast(new WebSocketFrameAggregator(settings.messages().messageBytes()))
                .addLast(new FrameHandler(conversation));
        if (!channel.isActive()) {
            conversation.lose("its connection broke");
            return;
        }
        conversations.put(conversation, introduction);
        CompletableFuture<Void> _ =
                introduction.over().thenRun(() -> conversations.remove(conversation));
        conversation.liveness().start();
        channel.config().setAutoRead(true);
        threads.execute(introduction);
        // Whichever of the two comes later sees what the other did.
        if (closing) {
            goAway(conversation);
        }
    }
}
