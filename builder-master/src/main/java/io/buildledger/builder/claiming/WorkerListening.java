package io.buildledger.builder.claiming;

import io.buildledger.builder.attaching.Attachments;
import io.buildledger.builder.attaching.Credentials;
import io.buildledger.builder.attaching.ListenSettings;
import io.buildledger.builder.attaching.ListenSettings.TlsFiles;
import io.buildledger.builder.attaching.WorkerServer;
import io.buildledger.configuring.Configuration.WorkerProtocol;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.starting.StartRefusedException;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for workers while the configuration has any that attach, with the passwords that it has
 * at the moment.
 */
final class WorkerListening implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerListening.class);

    private final WorkerProtocol protocol;
    private final @Nullable TlsFiles tls;
    private final Attachments attachments;
    private volatile Credentials credentials;
    private @Nullable WorkerServer server;

    WorkerListening(ConfigurationFile file, Credentials credentials, Attachments attachments) {
        this.protocol = file.configuration().workerProtocol();
        this.tls =
                protocol.tlsCertificateFile() == null || protocol.tlsKeyFile() == null
                        ? null
                        : new TlsFiles(
                                file.beside(protocol.tlsCertificateFile()),
                                file.beside(protocol.tlsKeyFile()));
        this.attachments = attachments;
        this.credentials = credentials;
    }

    /** Goes by other passwords from now on; workers that are attached stay. */
    synchronized void use(Credentials next, boolean isWanted) {
        credentials = next;
        if (isWanted && server == null) {
            start();
        }
    }

    /**
     * @throws StartRefusedException if the address can't be listened on
     */
    synchronized void start() {
        try {
            server =
                    WorkerServer.start(
                            new ListenSettings(
                                    new InetSocketAddress(protocol.address(), protocol.port()),
                                    tls),
                            (name, password) -> credentials.accepts(name, password),
                            attachments);
            LOG.info("listening for workers on {}:{}", protocol.address(), server.port());
        } catch (IOException e) {
            throw new StartRefusedException(
                    "worker_protocol: %s: stop what uses it, or set another worker_protocol.port"
                            .formatted(e.getMessage()));
        }
    }

    /** The port on which it listens; 0 if it does not. */
    synchronized int port() {
        return server == null ? 0 : server.port();
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            server.close();
            server = null;
        }
    }
}
