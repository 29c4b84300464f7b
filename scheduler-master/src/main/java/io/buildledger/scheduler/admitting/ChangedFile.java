package io.buildledger.scheduler.admitting;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.buildledger.secrets.PrivateFile;
import io.buildledger.secrets.PrivateFile.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Changes files of lines. Whoever reads one meanwhile sees all of it as it was or as it is then,
 * and of two who change it at once the second one begins with what the first one has made. It stays
 * its owner's, and a link stays one.
 */
final class ChangedFile {

    private ChangedFile() {}

    /**
     * Makes it if there is none, for this user alone.
     *
     * @param change of all lines; what it throws leaves the file as it was
     * @throws UnusableAccessException if it can't be written, or others than its owner and group
     *     may use it
     */
    static synchronized void change(Path named, UnaryOperator<List<String>> change) {
        try {
            create(named);
            PrivateFile.requirePrivate(named);
            Path file = named.toRealPath();
            boolean done;
            do {
                done = changeOnce(file, change);
            } while (!done);
        } catch (RefusedException e) {
            throw new UnusableAccessException(e.why());
        } catch (IOException e) {
            throw new UnusableAccessException(
                    "%s: can't be written (%s)".formatted(named, e.getMessage()));
        }
    }

    private static void create(Path file) throws IOException {
        try {
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException _) {
            // As it mostly is.
        }
    }

    /**
     * @return false if another file was in its place before it was this one's turn
     */
    private static boolean changeOnce(Path file, UnaryOperator<List<String>> change)
            throws IOException {
        Object before = key(file);
        try (FileChannel channel = FileChannel.open(file, READ, WRITE);
                FileLock _ = channel.lock()) {
            if (!Objects.equals(before, key(file))) {
                return false;
            }
            replace(file, change.apply(lines(channel)));
            return true;
        }
    }

    /** Through the channel that is locked: to close another one would end the lock. */
    private static List<String> lines(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
        return new ArrayList<>(
                StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(bytes.flip())
                        .toString()
                        .lines()
                        .toList());
    }

    private static @Nullable Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    private static void replace(Path file, List<String> lines) throws IOException {
        Path next = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".new");
        try {
            write(next, lines);
            keepOwner(Files.readAttributes(file, PosixFileAttributes.class), next);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(next);
        }
    }

    private static void write(Path file, List<String> lines) throws IOException {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line).append('\n'));
        try (FileChannel channel = FileChannel.open(file, WRITE)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text.toString());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /** A master that runs as another user than who changes the file must be able to read it on. */
    private static void keepOwner(PosixFileAttributes former, Path next) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(
                        next, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        PosixFileAttributes made = view.readAttributes();
        if (!made.owner().equals(former.owner())) {
            view.setOwner(former.owner());
        }
        if (!made.group().equals(former.group())) {
            view.setGroup(former.group());
        }
        view.setPermissions(former.permissions());
    }
}
