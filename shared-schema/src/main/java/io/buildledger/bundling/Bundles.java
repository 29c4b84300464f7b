package io.buildledger.bundling;

import io.buildledger.bundling.BundleFile.Events;
import io.buildledger.bundling.BundleFile.Manifest;
import io.buildledger.database.ReadingConnection;
import io.buildledger.log.EventImport;
import io.buildledger.log.EventImport.Row;
import io.buildledger.log.LogSlice;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Takes slices of a log to a file, and puts them into a log of their own. */
public final class Bundles {

    private static final int KEY_BYTES = 32;
    private static final int ROWS_AT_ONCE = 500;

    private Bundles() {}

    /**
     * Writes a slice of a log to a file. The log is only read.
     *
     * @param program that this is
     * @param pseudonyms whether names are to be others
     * @return how many events it has
     */
    public static long write(
            ReadingConnection connection,
            Slice slice,
            Path file,
            String program,
            Instant now,
            boolean pseudonyms)
            throws IOException {
        LogSlice log = new LogSlice(connection);
        Events events = log.events(slice.streams(), slice.last())::forEach;
        Manifest manifest = new Manifest(program, slice.of(), now, pseudonyms);
        if (!pseudonyms) {
            return BundleFile.write(file, manifest, events);
        }
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        Pseudonyms names = new Pseudonyms(key);
        // Also of those that are named in a text alone.
        log.streamsOf("master").forEach(names::learnStream);
        log.streamsOf("worker").forEach(names::learnStream);
        events.forEach(names::learn);
        return BundleFile.write(
                file, manifest, taker -> events.forEach(row -> taker.accept(names.replace(row))));
    }

    /**
     * Puts the events of a bundle into a log that has none, with their numbers and their times.
     *
     * @throws BadBundleException if it is none, is damaged, or of a newer program; the log is of no
     *     use then
     */
    public static Manifest load(Path file, DataSource dataSource) throws BadBundleException {
        EventImport log = new EventImport(dataSource);
        List<Row> some = new ArrayList<>();
        Manifest manifest =
                BundleFile.read(
                        file,
                        row -> {
                            some.add(row);
                            if (some.size() == ROWS_AT_ONCE) {
                                log.write(some);
                                some.clear();
                            }
                        });
        if (!some.isEmpty()) {
            log.write(some);
        }
        return manifest;
    }
}
