package io.buildledger.scheduler.admitting;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A file that is asked for again and again, and is read anew only once it is another or may be:
 * each time its stamp is looked at, so that a change counts at once.
 */
final class KeptFile<T> {

    /**
     * Times of files have steps, on some file systems long ones: what is written twice within one
     * has the same stamp. Only what was read later than that is kept.
     */
    static final Duration LONGEST_STEP = Duration.ofSeconds(2);

    /** What another file, or another use of it, has another of; nobody can set the last one. */
    private static final String STAMP = "unix:dev,ino,size,mode,uid,gid,lastModifiedTime,ctime";

    /**
     * @param since when the stamp was first seen
     * @param isLasting whether all that is written from now on gives another stamp
     */
    private record Reading<T>(Map<String, Object> stamp, long since, boolean isLasting, T what) {}

    private final Path file;
    private final Function<Path, T> reader;
    private final LongSupplier nanoTime;
    private volatile @Nullable Reading<T> last;

    /**
     * @param reader of what never changes by itself
     */
    KeptFile(Path file, Function<Path, T> reader, LongSupplier nanoTime) {
        this.file = file;
        this.reader = reader;
        this.nanoTime = nanoTime;
    }

    /**
     * What is in the file now.
     *
     * @throws UnusableAccessException if the file can't be used
     */
    T get() {
        long before = nanoTime.getAsLong();
        Map<String, Object> stamp = stamp();
        Reading<T> known = last;
        if (known == null || stamp.isEmpty() || !known.stamp().equals(stamp)) {
            return keep(new Reading<>(stamp, nanoTime.getAsLong(), false, reader.apply(file)));
        }
        if (known.isLasting()) {
            return known.what();
        }
        boolean isLasting = before - known.since() > LONGEST_STEP.toNanos();
        return keep(new Reading<>(stamp, known.since(), isLasting, reader.apply(file)));
    }

    private T keep(Reading<T> reading) {
        last = reading;
        return reading.what();
    }

    /** Of one that can't be looked at the reader says why. */
    private Map<String, Object> stamp() {
        if (!Files.isRegularFile(file)) {
            return Map.of();
        }
        // Opened, since NFS asks its server only then whether it is still the same.
        try (FileChannel _ = FileChannel.open(file, StandardOpenOption.READ)) {
            return Files.readAttributes(file, STAMP);
        } catch (IOException _) {
            return Map.of();
        }
    }
}
