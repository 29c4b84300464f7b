package io.buildledger.builder.uploading;

import io.buildledger.artifacts.ArtifactPath;
import io.buildledger.artifacts.Incoming;
import io.buildledger.artifacts.UnfitArtifactException;
import io.buildledger.builder.working.Interruption;
import io.buildledger.showing.Printable;
import io.buildledger.stepping.StepAbortedException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The tar of a directory, which a worker has sent, and which nobody vouches for. Nothing of it
 * touches a file system by a name that it gives, and memory is bounded whatever it says.
 */
final class DirectoryTar {

    static final int MOST_ENTRIES = 10_000;

    /** Room for the names and attributes of one entry. */
    static final int LARGEST_HEADER = 1024 * 1024;

    private static final int BUFFER = 64 * 1024;

    /**
     * A link to what may come later.
     *
     * @param target as a path of the tar, which may be any text
     */
    private record Link(ArtifactPath path, String name, String target) {}

    private final String directory;
    private final @Nullable Long maxSize;
    private final Incoming incoming;
    private final Interruption interruption;
    private final Consumer<String> notes;
    private final List<Link> links = new ArrayList<>();
    private final byte[] buffer = new byte[BUFFER];
    private int entries;
    private long size;

    /**
     * @param directory below what the files are among the artifacts
     * @param maxSize of all files together, in bytes, or null for any
     */
    DirectoryTar(
            String directory,
            @Nullable Long maxSize,
            Incoming incoming,
            Interruption interruption,
            Consumer<String> notes) {
        this.directory = directory;
        this.maxSize = maxSize;
        this.incoming = incoming;
        this.interruption = interruption;
        this.notes = notes;
    }

    /**
     * Writes the files to the incoming ones.
     *
     * @throws UnfitArtifactException if anything in it is not what a directory of files has
     */
    void unpack(Path tar, boolean compressed)
            throws IOException, UnfitArtifactException, StepAbortedException {
        try (InputStream file = new BufferedInputStream(Files.newInputStream(tar), BUFFER);
                Allowance allowance = new Allowance(compressed ? uncompressed(file) : file);
                TarArchiveInputStream unpacked = new TarArchiveInputStream(allowance, "UTF-8")) {
            TarArchiveEntry entry = next(unpacked, allowance);
            while (entry != null) {
                take(entry, unpacked, allowance);
                entry = next(unpacked, allowance);
            }
        }
        for (Link link : links) {
            follow(link);
        }
    }

    private static InputStream uncompressed(InputStream file) throws UnfitArtifactException {
        try {
            return new GZIPInputStream(file, BUFFER);
        } catch (IOException e) {
            throw noTar(e);
        }
    }

    private static @Nullable TarArchiveEntry next(TarArchiveInputStream tar, Allowance allowance)
            throws UnfitArtifactException {
        allowance.allow(LARGEST_HEADER);
        try {
            return tar.getNextEntry();
        } catch (IOException | IllegalArgumentException e) {
            throw noTar(e);
        }
    }

    private static UnfitArtifactException noTar(Exception failure) {
        return new UnfitArtifactException(
                "what the worker sent is no tar: "
                        + Printable.cut(Printable.of(String.valueOf(failure.getMessage())), 100));
    }

    private void take(TarArchiveEntry entry, TarArchiveInputStream tar, Allowance allowance)
            throws IOException, UnfitArtifactException, StepAbortedException {
        if (++entries > MOST_ENTRIES) {
            throw new UnfitArtifactException(
                    "there are more than %d files: pack them, and upload the one file"
                            .formatted(MOST_ENTRIES));
        }
        String name = entry.getName();
        // Before anything else, for what it is called may lead out.
        if (entry.isDirectory()) {
            if (!isTop(name)) {
                ArtifactPath _ = ArtifactPath.under(directory, name);
            }
        } else if (entry.isSymbolicLink()) {
            ArtifactPath path = ArtifactPath.under(directory, name);
            links.add(new Link(path, name, beside(name, entry.getLinkName())));
        } else if (entry.isLink()) {
            ArtifactPath path = ArtifactPath.under(directory, name);
            links.add(new Link(path, name, entry.getLinkName()));
        } else if (entry.isFile() && !isSpecial(entry)) {
            ArtifactPath path = ArtifactPath.under(directory, name);
            allowance.allowAll();
            try (OutputStream to = incoming.write(path)) {
                copy(tar, to);
            }
        } else {
            throw new UnfitArtifactException(
                    "'%s' is neither a file, nor a directory, nor a link".formatted(shown(name)));
        }
    }

    private static boolean isSpecial(TarArchiveEntry entry) {
        return entry.isBlockDevice() || entry.isCharacterDevice() || entry.isFIFO();
    }

    /** As a worker calls it whose tarfile adds a slash to no name at all. */
    private static boolean isTop(String name) {
        return name.isEmpty() || name.equals("/") || name.equals(".") || name.equals("./");
    }

    /** What a symbolic link means, from the top of the tar. */
    private static String beside(String name, String target) {
        String above = name.substring(0, name.lastIndexOf('/') + 1);
        return target.startsWith("/") ? target : above + target;
    }

    private void follow(Link link)
            throws IOException, UnfitArtifactException, StepAbortedException {
        String target = withoutDots(link);
        ArtifactPath path = target.isEmpty() ? link.path() : ArtifactPath.under(directory, target);
        if (target.isEmpty() || !incoming.has(path)) {
            notes.accept(
                    "%s is a link to %s, which is no file of the directory: left out"
                            .formatted(shown(link.name()), shown(link.target())));
            return;
        }
        try (InputStream from = incoming.read(path);
                OutputStream to = incoming.write(link.path())) {
            copy(from, to);
        }
    }

    /** The target with each {@code ..} resolved; empty for the top. */
    private static String withoutDots(Link link) throws UnfitArtifactException {
        List<String> names = new ArrayList<>();
        boolean leadsOut = link.target().startsWith("/");
        for (String name : link.target().split("/", -1)) {
            if (name.equals("..")) {
                leadsOut |= names.isEmpty();
                if (!names.isEmpty()) {
                    names.removeLast();
                }
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        if (leadsOut) {
            throw new UnfitArtifactException(
                    "the link '%s' leads out of the directory".formatted(shown(link.name())));
        }
        return String.join("/", names);
    }

    private void copy(InputStream from, OutputStream to)
            throws IOException, UnfitArtifactException, StepAbortedException {
        for (int some = read(from); some >= 0; some = read(from)) {
            String reason = interruption.reason();
            if (reason != null) {
                throw StepAbortedException.interrupted(reason);
            }
            size += some;
            if (maxSize != null && size > maxSize) {
                throw new UnfitArtifactException(
                        "the files have more than %d bytes together".formatted(maxSize));
            }
            to.write(buffer, 0, some);
        }
    }

    private int read(InputStream from) throws UnfitArtifactException {
        try {
            return from.read(buffer);
        } catch (IOException e) {
            throw noTar(e);
        }
    }

    private static String shown(String name) {
        return Printable.cut(Printable.of(name), 80);
    }
}
