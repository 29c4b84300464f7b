package io.buildledger.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/**
 * The limit: one thread that writes the rows of so many builds at a time, in as few statements as
 * there can be, and runs nothing in between. Claims, starts and ends are a transaction each, as
 * they have to be where something happens between them.
 */
final class DrainByPlainJdbc {

    /**
     * @param statementsPerBuild by the server's count
     */
    record Run(
            int buildsPerTransaction,
            int builds,
            double buildsPerSecond,
            double statementsPerBuild) {}

    private record Offer(
            long request, long buildset, String builder, Timestamp submittedAt, int number) {}

    private static final String TAKE =
            """
            SELECT request_id, buildset_id, builder, submitted_at
              FROM build_request_queue FORCE INDEX (build_request_offer)
             WHERE builder = ?
             ORDER BY builder, priority DESC, submitted_at, request_id
             LIMIT ?
               FOR UPDATE SKIP LOCKED
            """;

    private static final String APPEND =
            "INSERT INTO event (stream, sequence_number, type, revision, payload, metadata) VALUES (?, ?, ?, ?, ?, ?)";

    private static final String REMOVE = "DELETE FROM build_request_queue WHERE request_id IN ";

    private static final String HOLD =
            """
            INSERT INTO claim
                   (request_id, buildset_id, builder, priority, submitted_at, attempt, build_number, master, epoch)
            VALUES (?, ?, ?, 0, ?, 1, ?, 'bench', 1)
            """;

    private static final String LET_GO = "DELETE FROM claim WHERE request_id IN ";

    private static final String CLOSE = "DELETE FROM buildset_progress WHERE buildset_id IN ";

    private final Bench bench;
    private final EventTemplates templates;
    private final int builders;

    DrainByPlainJdbc(Bench bench, EventTemplates templates, int builders) {
        this.bench = bench;
        this.templates = templates;
        this.builders = builders;
    }

    Run run(int requests, int atATime) {
        Database database = bench.fresh();
        try (Product product = new Product(database)) {
            PendingRequests.submit(product, requests, builders);
        }
        try (Observer observer = new Observer(database);
                HikariDataSource pool = database.pool("plain", 1);
                Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            StatementCount before = observer.statements();
            long began = System.nanoTime();
            int built = 0;
            for (int builder = 1; builder <= builders; builder++) {
                int some;
                do {
                    some = build(connection, ClusterFile.builder(builder), atATime, built);
                    built += some;
                } while (some == atATime);
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            if (built != requests) {
                throw new RunFailedException(
                        "plain JDBC found %,d of %,d requests".formatted(built, requests));
            }
            return new Run(
                    atATime,
                    requests,
                    requests / seconds,
                    observer.statements().since(before).per(requests).total());
        } catch (SQLException e) {
            throw new RunFailedException("plain JDBC failed: " + e.getMessage(), e);
        } finally {
            bench.drop(database);
        }
    }

    private int build(Connection connection, String builder, int limit, int firstNumber)
            throws SQLException {
        List<Offer> offers = take(connection, builder, limit, firstNumber);
        if (!offers.isEmpty()) {
            append(connection, "build-request-claimed", 1, offers, DrainByPlainJdbc::request);
            deleteAll(connection, REMOVE, offers.stream().map(Offer::request).toList());
            hold(connection, offers);
            connection.commit();
            append(connection, "build-started", 2, offers, DrainByPlainJdbc::request);
            connection.commit();
            append(connection, "build-request-completed", 3, offers, DrainByPlainJdbc::request);
            append(connection, "buildset-completed", 1, offers, id -> "buildset/" + id);
            deleteAll(connection, LET_GO, offers.stream().map(Offer::request).toList());
            deleteAll(connection, CLOSE, offers.stream().map(Offer::buildset).toList());
            connection.commit();
        }
        return offers.size();
    }

    private static String request(long id) {
        return "build-request/" + id;
    }

    private static List<Offer> take(
            Connection connection, String builder, int limit, int firstNumber) throws SQLException {
        List<Offer> offers = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(TAKE)) {
            statement.setString(1, builder);
            statement.setInt(2, limit);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    offers.add(
                            new Offer(
                                    row.getLong(1),
                                    row.getLong(2),
                                    row.getString(3),
                                    row.getTimestamp(4),
                                    firstNumber + offers.size() + 1));
                }
            }
        }
        return offers;
    }

    private void append(
            Connection connection,
            String type,
            long sequence,
            List<Offer> offers,
            LongFunction<String> stream)
            throws SQLException {
        EventTemplates.Row template = templates.row(type);
        try (PreparedStatement statement = connection.prepareStatement(APPEND)) {
            for (Offer offer : offers) {
                boolean ofBuildset = type.startsWith("buildset");
                statement.setString(
                        1, stream.apply(ofBuildset ? offer.buildset() : offer.request()));
                statement.setLong(2, sequence);
                statement.setString(3, type);
                statement.setString(4, template.revision());
                statement.setString(5, template.payload());
                statement.setString(6, template.metadata());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static void hold(Connection connection, List<Offer> offers) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(HOLD)) {
            for (Offer offer : offers) {
                statement.setLong(1, offer.request());
                statement.setLong(2, offer.buildset());
                statement.setString(3, offer.builder());
                statement.setTimestamp(4, offer.submittedAt());
                statement.setLong(5, offer.number());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static void deleteAll(Connection connection, String delete, List<Long> ids)
            throws SQLException {
        String places = "(?" + ", ?".repeat(ids.size() - 1) + ")";
        try (PreparedStatement statement = connection.prepareStatement(delete + places)) {
            for (int i = 0; i < ids.size(); i++) {
                statement.setLong(i + 1, ids.get(i));
            }
            statement.executeUpdate();
        }
    }
}
