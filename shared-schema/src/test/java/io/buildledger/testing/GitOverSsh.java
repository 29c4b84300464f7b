package io.buildledger.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.shell.ProcessShellFactory;
import org.apache.sshd.server.shell.UnknownCommandFactory;

/** Git's own server over SSH on the loopback, for the repositories in a directory. */
public final class GitOverSsh implements AutoCloseable {

    private static final Pattern UPLOAD = Pattern.compile("git-upload-pack '/([a-z./]+)'");

    private final SshServer server;
    private final KeyPair hostKey;
    private final KeyPair userKey;

    private GitOverSsh(SshServer server, KeyPair hostKey, KeyPair userKey) {
        this.server = server;
        this.hostKey = hostKey;
        this.userKey = userKey;
    }

    public static GitOverSsh start(Path root) throws IOException, GeneralSecurityException {
        KeyPair hostKey = newKey();
        KeyPair userKey = newKey();
        SshServer server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        server.setPort(0);
        server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
        server.setPublickeyAuthenticator(
                (_, key, _) -> KeyUtils.compareKeys(key, userKey.getPublic()));
        server.setCommandFactory((channel, command) -> {
            Matcher upload = UPLOAD.matcher(command);
            return upload.matches()
                    ? new ProcessShellFactory(
                                    command,
                                    List.of("git-upload-pack", root.resolve(upload.group(1)) + ""))
                            .createShell(channel)
                    : UnknownCommandFactory.INSTANCE.createCommand(channel, command);
        });
        server.start();
        return new GitOverSsh(server, hostKey, userKey);
    }

    private static KeyPair newKey() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    public String url(String path) {
        return "ssh://git@127.0.0.1:%d/%s".formatted(server.getPort(), path);
    }

    /** Writes the key that is let in to a file. */
    public Path writeUserKey(Path file) throws IOException, GeneralSecurityException {
        return writeKey(userKey, file);
    }

    /** Writes a key that is not let in to a file. */
    public static Path writeAnotherKey(Path file) throws IOException, GeneralSecurityException {
        return writeKey(newKey(), file);
    }

    private static Path writeKey(KeyPair key, Path file)
            throws IOException, GeneralSecurityException {
        try (OutputStream out = new ByteArrayOutputStream()) {
            OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(key, "test", null, out);
            Files.writeString(file, out.toString());
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    /** Writes what a client knows that has met this server. */
    public Path writeKnownHosts(Path file) throws IOException {
        return writeKnownHosts(hostKey, file);
    }

    /** Writes what a client knows that has met another server in this one's place. */
    public Path writeOtherKnownHosts(Path file) throws IOException, GeneralSecurityException {
        return writeKnownHosts(newKey(), file);
    }

    private Path writeKnownHosts(KeyPair key, Path file) throws IOException {
        return Files.writeString(
                file,
                "[127.0.0.1]:%d %s%n"
                        .formatted(server.getPort(), PublicKeyEntry.toString(key.getPublic())),
                StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        server.stop(true);
    }
}
