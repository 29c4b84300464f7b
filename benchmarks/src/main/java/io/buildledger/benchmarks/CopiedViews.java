package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import io.buildledger.viewing.ViewTable;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The rows of the views written once more by the server alone, from table to table: what writing
 * them takes at least, with no client that makes them.
 */
final class CopiedViews {

    private CopiedViews() {}

    static void of(Database database) {
        try (Connection connection =
                        DriverManager.getConnection(
                                database.url(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            for (ViewTable view : ViewTable.values()) {
                String copy = view.tableName() + "_copy";
                statement.execute("CREATE TABLE %s LIKE %s".formatted(copy, view.tableName()));
                statement.execute(
                        "INSERT INTO %s SELECT * FROM %s".formatted(copy, view.tableName()));
                statement.execute("DROP TABLE " + copy);
            }
        } catch (SQLException e) {
            throw new RunFailedException("the views can't be copied: " + e.getMessage(), e);
        }
    }
}
