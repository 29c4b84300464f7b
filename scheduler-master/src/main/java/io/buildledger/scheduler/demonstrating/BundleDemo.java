package io.buildledger.scheduler.demonstrating;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.bundling.BadBundleException;
import io.buildledger.bundling.BundleFile.Manifest;
import io.buildledger.bundling.Bundles;
import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.log.Numbered;
import io.buildledger.log.WholeLog;
import io.buildledger.showing.Printable;
import io.buildledger.starting.Leftovers;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;

/**
 * Shows what a bundle has, in a log of its own. The one master that runs has neither schedulers nor
 * change sources nor builders, so it serves pages and decides nothing; that it was started and
 * stopped follows on the events of the bundle.
 */
final class BundleDemo {

    /** Hardly anybody's. */
    private static final String VIEWER = "bundle-viewer";

    private final DemoDirectory directory;
    private final Database database;
    private final int port;
    private final PrintStream out;
    private final DemoWatch watch;
    private final DemoMasters masters;

    BundleDemo(DemoDirectory directory, Database database, int port, PrintStream out) {
        this.directory = directory;
        this.database = database;
        this.port = port;
        this.out = out;
        this.masters = new DemoMasters(directory);
        this.watch = new DemoWatch(masters, VIEWER, List.of(), out);
    }

    /**
     * Loads a bundle, starts the pages, and goes through it.
     *
     * @param to the event up to which it goes without being asked
     */
    void show(Path bundle, long to, Leftovers leftovers) throws BadBundleException {
        Manifest manifest;
        try (HikariDataSource dataSource = database.open("bundle", 2)) {
            manifest = Bundles.load(bundle, dataSource);
        }
        // Before the viewer adds its own.
        long last = head();
        directory.write("db-password", database.password());
        directory.write(
                directory.configuration().getFileName().toString(),
                DemoConfiguration.ofBundle(database, port));
        leftovers.add("stop the master", masters::stopAll);
        masters.start("scheduler-master", VIEWER);
        watch.awaitStart(port);
        String web = DemoCommand.web(port);
        out.println();
        out.println(
                Printable.of(
                        "  bundle           %s, of %s, made by %s at %s%s"
                                .formatted(
                                        bundle,
                                        manifest.of(),
                                        manifest.program(),
                                        manifest.made(),
                                        manifest.pseudonyms() ? ", with pseudonyms" : "")));
        out.println("  pages            " + web + "/ (as of its last event)");
        out.println("  state            " + web + "/api/state?event=N (as of event N)");
        out.println("  Ctrl-C stops everything and leaves nothing behind.");
        out.println();
        Narrator narrator = new Narrator(out, web, DemoCommand.command(web), _ -> {});
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (ReadingConnection connection = database.connectToRead()) {
            WholeLog log = new WholeLog(connection);
            new BundleSteps(() -> new Pages(log, last), narrator, in, out).run(to);
        }
    }

    private long head() {
        try (ReadingConnection connection = database.connectToRead()) {
            return new WholeLog(connection).head();
        }
    }

    /** The events up to one, of which some are kept at a time. */
    private static final class Pages implements Iterator<Numbered> {

        private static final int EVENTS = 1_000;

        private final WholeLog log;
        private final long last;
        private final Queue<Numbered> page = new ArrayDeque<>();
        private long read = -1;

        Pages(WholeLog log, long last) {
            this.log = log;
            this.last = last;
        }

        @Override
        public boolean hasNext() {
            if (page.isEmpty()) {
                log.readStored(
                        read,
                        last,
                        stored -> {
                            page.add(stored.event());
                            read = stored.event().index();
                            return page.size() < EVENTS;
                        });
            }
            return !page.isEmpty();
        }

        @Override
        public Numbered next() {
            if (!hasNext()) {
                throw new NoSuchElementException("there is no event after " + read);
            }
            return page.remove();
        }
    }

    int untilStopped() {
        return watch.untilStopped();
    }
}
