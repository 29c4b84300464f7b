package io.buildledger.secrets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Who may vouch for a server: those whose certificates are in a file of PEM, and nobody else. */
record TrustedCertificates(@Nullable Path file) {

    /** Those that come with Java. */
    static final TrustedCertificates OF_JAVA = new TrustedCertificates(null);

    /**
     * Read once: a changed file counts from the next reload on.
     *
     * @throws IOException if the file can't be read
     * @throws GeneralSecurityException if it has no certificates
     */
    SSLContext context() throws IOException, GeneralSecurityException {
        if (file == null) {
            return SSLContext.getDefault();
        }
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream pem = Files.newInputStream(file)) {
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                trusted.setCertificateEntry(Integer.toString(trusted.size()), certificate);
            }
        }
        if (trusted.size() == 0) {
            throw new GeneralSecurityException("no certificate");
        }
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** What keeps them from being used now. */
    List<String> problems() {
        try {
            context();
            return List.of();
        } catch (NoSuchFileException _) {
            return List.of(
                    "there is no file %s: write the certificates to it, in PEM".formatted(file));
        } catch (IOException _) {
            return List.of("%s can't be read: allow it to this user".formatted(file));
        } catch (GeneralSecurityException _) {
            return List.of(file + " holds no certificates in PEM");
        }
    }
}
