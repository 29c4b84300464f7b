package io.buildledger.secrets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * A file of text that only its owner and its group may use, as in Buildbot. A link counts as what
 * it leads to.
 */
public final class PrivateFile {

    private static final Set<PosixFilePermission> OF_OTHERS =
            Set.of(
                    PosixFilePermission.OTHERS_READ,
                    PosixFilePermission.OTHERS_WRITE,
                    PosixFilePermission.OTHERS_EXECUTE);

    private PrivateFile() {}

    /**
     * Its text without the newlines at its end.
     *
     * @throws NoSuchFileException if there is none
     * @throws RefusedException if it is there and can't be used
     */
    public static String read(Path file) throws NoSuchFileException, RefusedException {
        requirePrivate(file);
        byte[] bytes;
        try (InputStream stream = Files.newInputStream(file)) {
            bytes = stream.readNBytes(Secrets.LONGEST + 1);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw refusal(file, e);
        }
        if (bytes.length > Secrets.LONGEST) {
            throw new RefusedException(
                    "%s has more than %d bytes".formatted(file, Secrets.LONGEST));
        }
        try {
            return withoutLastNewlines(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException _) {
            throw new RefusedException(file + " is not UTF-8 text");
        }
    }

    private static String withoutLastNewlines(String text) {
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
            end--;
        }
        return text.substring(0, end);
    }

    /**
     * Looks who may use a file.
     *
     * @throws NoSuchFileException if there is none
     * @throws RefusedException if others may use it, or if it is no file
     */
    public static void requirePrivate(Path file) throws NoSuchFileException, RefusedException {
        PosixFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, PosixFileAttributes.class);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw refusal(file, e);
        }
        // What is no file could keep its reader waiting for ever.
        if (!attributes.isRegularFile()) {
            throw new RefusedException(file + " is not a file");
        }
        if (attributes.permissions().stream().anyMatch(OF_OTHERS::contains)) {
            throw new RefusedException(
                    "others than its owner and group may use %s: chmod o= it".formatted(file));
        }
    }

    private static RefusedException refusal(Path file, IOException failure) {
        if (failure instanceof AccessDeniedException) {
            return new RefusedException("this user may not read %s: allow it".formatted(file));
        }
        String reason =
                failure instanceof FileSystemException ofFile && ofFile.getReason() != null
                        ? ofFile.getReason()
                        : failure.getClass().getSimpleName();
        return new RefusedException("%s can't be read: %s".formatted(file, reason));
    }

    /** A file can't be used. The message says why, and nothing of what it holds. */
    public static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        RefusedException(String why) {
            super(why);
        }

        /** In one line. */
        public String why() {
            return String.valueOf(getMessage());
        }
    }
}
