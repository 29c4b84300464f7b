package io.buildledger.builder.processes;

import io.buildledger.builder.logging.LogsOfStep;
import io.buildledger.builder.working.Interruption;
import io.buildledger.domain.changing.PathGlob;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.FileStatus;
import io.buildledger.stepping.FileStatus.Kind;
import io.buildledger.stepping.Invocation;
import io.buildledger.stepping.OutputTap;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.Worker;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/** The machine of the builder master itself. */
record LocalWorker(
        String name,
        BuilderDirectory directory,
        Map<String, String> inherited,
        CommandRunner runner,
        RunningMark mark,
        LogsOfStep logs,
        Interruption interruption)
        implements Worker {

    private static final int BUFFER = 64 * 1024;

    @Override
    public boolean isWindows() {
        return File.separatorChar == '\\';
    }

    @Override
    public Optional<String> environment(String variable) {
        return Optional.ofNullable(inherited.get(variable));
    }

    @Override
    public Optional<Object> info(String key) {
        return switch (key) {
            case "system" -> Optional.of(isWindows() ? "nt" : "posix");
            case "basedir" -> Optional.ofNullable(directory.path().getParent()).map(Path::toString);
            case "numcpus" -> Optional.of(Runtime.getRuntime().availableProcessors());
            default -> Optional.empty();
        };
    }

    @Override
    public String absolute(String path) throws StepAbortedException {
        return directory.inside(path).toString();
    }

    @Override
    public Ending run(Invocation invocation, OutputTap tap)
            throws IOException, StepAbortedException {
        LocalCommand command =
                LocalCommand.of(invocation, directory.workdir(invocation.workdir()), inherited);
        try (FollowedFiles _ =
                FollowedFiles.follow(command.directory(), invocation.logFiles(), logs)) {
            return runner.run(command, logs.log(invocation.log()), tap, mark, interruption);
        }
    }

    @Override
    public Optional<FileStatus> stat(String path) throws IOException, StepAbortedException {
        requireNotInterrupted();
        try {
            BasicFileAttributes found =
                    Files.readAttributes(directory.inside(path), BasicFileAttributes.class);
            Kind kind =
                    found.isDirectory()
                            ? Kind.DIRECTORY
                            : found.isRegularFile() ? Kind.FILE : Kind.OTHER;
            return Optional.of(new FileStatus(kind, found.size()));
        } catch (AccessDeniedException e) {
            throw StepAbortedException.failed("can't look at %s: %s".formatted(path, reason(e)));
        } catch (FileSystemException e) {
            // A file on the way is no directory, or there is none.
            return Optional.empty();
        }
    }

    @Override
    public List<String> list(String path) throws IOException, StepAbortedException {
        requireNotInterrupted();
        try (Stream<Path> entries = Files.list(directory.inside(path))) {
            return entries.map(it -> it.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            throw StepAbortedException.failed("there is no directory " + path);
        }
    }

    @Override
    public List<String> glob(String pattern) throws IOException, StepAbortedException {
        requireNotInterrupted();
        int wildcard = pattern.split("[*?\\[]", 2)[0].lastIndexOf('/');
        Path root = directory.inside(pattern.substring(0, Math.max(0, wildcard)));
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        PathGlob glob = new PathGlob(pattern);
        boolean takesHidden = pattern.indexOf("/.", Math.max(0, wildcard)) >= 0;
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(it -> takesHidden || !isHidden(root.relativize(it)))
                    .map(it -> directory.path().relativize(it).toString().replace('\\', '/'))
                    .filter(glob::matches)
                    .sorted()
                    .toList();
        }
    }

    private static boolean isHidden(Path below) {
        for (Path name : below) {
            if (name.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void makeDirectory(String path) throws IOException, StepAbortedException {
        requireNotInterrupted();
        try {
            Files.createDirectories(directory.inside(path));
        } catch (FileSystemException e) {
            throw StepAbortedException.failed("can't make %s: %s".formatted(path, reason(e)));
        }
    }

    @Override
    public void remove(String path) throws IOException, StepAbortedException {
        requireNotInterrupted();
        removeInAnyCase(path);
    }

    @Override
    public void removeInAnyCase(String path) throws IOException, StepAbortedException {
        try {
            boolean _ = FileSystemUtils.deleteRecursively(directory.inside(path));
        } catch (FileSystemException e) {
            throw StepAbortedException.failed("can't remove %s: %s".formatted(path, reason(e)));
        }
    }

    @Override
    public void removeFile(String path) throws IOException, StepAbortedException {
        requireNotInterrupted();
        try {
            Files.delete(directory.inside(path));
        } catch (FileSystemException e) {
            throw StepAbortedException.failed("can't remove %s: %s".formatted(path, reason(e)));
        }
    }

    @Override
    public void copyDirectory(String from, String to) throws IOException, StepAbortedException {
        requireNotInterrupted();
        Path source = directory.inside(from);
        Path target = directory.inside(to);
        if (!Files.isDirectory(source)) {
            throw StepAbortedException.failed("there is no directory " + from);
        }
        if (target.startsWith(source)) {
            throw StepAbortedException.failed("%s is within %s".formatted(to, from));
        }
        Files.walkFileTree(
                source,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path entered, BasicFileAttributes attributes) throws IOException {
                        Files.createDirectories(target.resolve(source.relativize(entered)));
                        return goOn();
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.copy(
                                file,
                                target.resolve(source.relativize(file)),
                                StandardCopyOption.REPLACE_EXISTING,
                                StandardCopyOption.COPY_ATTRIBUTES,
                                LinkOption.NOFOLLOW_LINKS);
                        return goOn();
                    }
                });
        requireNotInterrupted();
    }

    private FileVisitResult goOn() {
        return interruption.reason() == null ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
    }

    @Override
    public long upload(String path, OutputStream to, @Nullable Long maxSize)
            throws IOException, StepAbortedException {
        try (InputStream file = Files.newInputStream(directory.inside(path))) {
            return transfer(path, file, to, maxSize);
        } catch (FileSystemException e) {
            throw StepAbortedException.failed("can't read %s: %s".formatted(path, reason(e)));
        }
    }

    private long transfer(String path, InputStream from, OutputStream to, @Nullable Long maxSize)
            throws IOException, StepAbortedException {
        byte[] buffer = new byte[BUFFER];
        long count = 0;
        for (int some = from.read(buffer); some >= 0; some = from.read(buffer)) {
            requireNotInterrupted();
            count += some;
            if (maxSize != null && count > maxSize) {
                throw StepAbortedException.failed(
                        "%s has more than %d bytes".formatted(path, maxSize));
            }
            to.write(buffer, 0, some);
        }
        return count;
    }

    @Override
    public void uploadDirectory(
            String path, OutputStream to, @Nullable Long maxSize, boolean compress)
            throws IOException, StepAbortedException {
        Path root = directory.inside(path);
        if (!Files.isDirectory(root)) {
            throw StepAbortedException.failed("there is no directory " + path);
        }
        OutputStream bounded = new BoundedOutput(path, to, maxSize);
        OutputStream packed = compress ? new GZIPOutputStream(bounded) : bounded;
        TarArchiveOutputStream tar = new TarArchiveOutputStream(packed);
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files.filter(it -> !it.equals(root))::iterator) {
                requireNotInterrupted();
                pack(tar, root, file);
            }
        } catch (BoundedOutput.FullException e) {
            throw StepAbortedException.failed(e.why());
        }
        tar.finish();
        if (packed instanceof GZIPOutputStream gzip) {
            gzip.finish();
        }
    }

    private static void pack(TarArchiveOutputStream tar, Path root, Path file) throws IOException {
        TarArchiveEntry entry = entry(file, root.relativize(file).toString());
        tar.putArchiveEntry(entry);
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            Files.copy(file, tar);
        }
        tar.closeArchiveEntry();
    }

    /** The library takes links, and whatever is no file, for files. */
    private static TarArchiveEntry entry(Path file, String name) throws IOException {
        BasicFileAttributes found =
                Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (found.isSymbolicLink()) {
            TarArchiveEntry link = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
            link.setLinkName(Files.readSymbolicLink(file).toString());
            return link;
        }
        return found.isOther()
                ? new TarArchiveEntry(name, TarConstants.LF_FIFO)
                : new TarArchiveEntry(file, name, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public void download(InputStream from, String path, @Nullable Integer mode)
            throws IOException, StepAbortedException {
        Path target = directory.inside(path);
        try {
            Files.createDirectories(target.getParent());
            try (OutputStream file = open(target, mode)) {
                transfer(path, from, file, null);
            }
        } catch (FileSystemException e) {
            throw StepAbortedException.failed("can't write %s: %s".formatted(path, reason(e)));
        }
    }

    /** With its permissions before there is anything in it that somebody else could read. */
    private static OutputStream open(Path file, @Nullable Integer mode) throws IOException {
        if (mode == null
                || Files.getFileAttributeView(file, PosixFileAttributeView.class) == null) {
            return Files.newOutputStream(file);
        }
        Set<PosixFilePermission> permissions = permissions(mode);
        OutputStream opened =
                Channels.newOutputStream(
                        Files.newByteChannel(
                                file,
                                Set.of(
                                        StandardOpenOption.CREATE,
                                        StandardOpenOption.TRUNCATE_EXISTING,
                                        StandardOpenOption.WRITE),
                                PosixFilePermissions.asFileAttribute(permissions)));
        try {
            // It may have been there before, and a new one lacks what the umask takes away.
            Files.setPosixFilePermissions(file, permissions);
            return opened;
        } catch (IOException e) {
            try (opened) {
                throw e;
            }
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        PosixFilePermission[] all = PosixFilePermission.values();
        Set<PosixFilePermission> permissions = new HashSet<>();
        for (int i = 0; i < all.length; i++) {
            if ((mode & (1 << (all.length - 1 - i))) != 0) {
                permissions.add(all[i]);
            }
        }
        return permissions;
    }

    private void requireNotInterrupted() throws StepAbortedException {
        String reason = interruption.reason();
        if (reason != null) {
            throw StepAbortedException.interrupted(reason);
        }
    }

    private static String reason(FileSystemException failure) {
        String reason = failure.getReason();
        return reason == null ? failure.getClass().getSimpleName() : reason;
    }
}
