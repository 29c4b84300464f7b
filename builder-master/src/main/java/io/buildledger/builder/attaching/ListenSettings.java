package io.buildledger.builder.attaching;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where workers attach.
 *
 * @param address port 0 for a free one
 * @param tls null for plain TCP
 */
public record ListenSettings(
        InetSocketAddress address,
        @Nullable TlsFiles tls,
        HandshakeLimits handshake,
        LivenessLimits liveness,
        MessageLimits messages) {

    /**
     * PEM files.
     *
     * @param certificateChain the server's certificate first
     * @param privateKey PKCS#8, not encrypted
     */
    public record TlsFiles(Path certificateChain, Path privateKey) {}

    /** With the default limits. */
    public ListenSettings(InetSocketAddress address, @Nullable TlsFiles tls) {
        this(address, tls, HandshakeLimits.DEFAULT, LivenessLimits.DEFAULT, MessageLimits.DEFAULT);
    }
}
