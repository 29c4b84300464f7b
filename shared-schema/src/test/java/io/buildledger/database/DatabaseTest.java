package io.buildledger.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.testing.TestDatabase;
import io.buildledger.testing.TestLog;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DatabaseTest {

    @Test
    void a_wrong_password_is_told_by_the_keys_to_mend() {
        Database database = TestDatabase.fresh();
        Database wrong = new Database(database.url(), "nobody", "wrong");

        assertThatThrownBy(() -> wrong.open("test", 1))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("db_user, db_password")
                .hasMessageContaining("'nobody'");
        TestDatabase.drop(database);
    }

    @Test
    void an_unreachable_server_is_told_with_its_address() {
        Database nowhere = new Database("jdbc:mysql://127.0.0.1:1/x", "u", "p");

        assertThatThrownBy(() -> nowhere.open("test", 1))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("can't connect to jdbc:mysql://127.0.0.1:1/x")
                .hasMessageContaining("Connection refused");
    }

    /** The same database, and before it a server that does not answer. */
    private static Database withADeadServer(Database database) {
        return at(database.url().replaceFirst("//", "//127.0.0.1:1,"), database);
    }

    private static Database at(String url, Database of) {
        return new Database(url, of.user(), of.password());
    }

    @Test
    void of_several_servers_the_one_that_answers_is_used() throws SQLException {
        Database database = TestDatabase.fresh();
        Database replicated = withADeadServer(database);

        try (HikariDataSource pool = replicated.open("test", 1);
                Connection connection = pool.getConnection()) {
            assertThat(connection.isValid(5)).isTrue();
        }
        TestDatabase.drop(database);
    }

    @Test
    void of_several_servers_one_that_its_group_does_not_have_is_passed_over_though_it_takes_writes()
            throws SQLException {
        Database database = TestDatabase.fresh();
        Database replicated = withADeadServer(database);
        try (HikariDataSource pool = database.open("test", 1);
                Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            boolean hasGroups = !isMariaDb(statement);
            if (hasGroups) {
                statement.execute("INSTALL PLUGIN group_replication SONAME 'group_replication.so'");
            }
            try {
                if (hasGroups) {
                    statement.execute(
                            "SET GLOBAL group_replication_group_name = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa'");
                    assertThatThrownBy(() -> replicated.open("test", 1))
                            .isInstanceOf(UnusableDatabaseException.class)
                            .hasMessageContaining("is not the primary of its group");
                    statement.execute("CREATE USER limited IDENTIFIED BY 'limited'");
                    statement.execute(
                            "GRANT ALL ON %s.* TO limited".formatted(connection.getCatalog()));
                    Database limited = new Database(replicated.url(), "limited", "limited");
                    assertThatThrownBy(() -> limited.open("test", 1))
                            .isInstanceOf(UnusableDatabaseException.class)
                            .hasMessageContaining(
                                    "GRANT SELECT ON performance_schema.replication_group_members");
                } else {
                    replicated.open("test", 1).close();
                }
            } finally {
                if (hasGroups) {
                    statement.execute("DROP USER IF EXISTS limited");
                    statement.execute("UNINSTALL PLUGIN group_replication");
                }
            }
        }
        TestDatabase.drop(database);
    }

    @Test
    void when_one_pool_learns_that_its_server_is_no_primary_the_other_connects_anew()
            throws SQLException {
        Database database = TestDatabase.fresh();
        try (HikariDataSource pool = database.open("test", 1);
                HikariDataSource other = database.poolBeside(pool, "test-short", 1)) {
            long before = connectionId(pool);
            assertThat(connectionId(pool)).isEqualTo(before);

            try (Connection connection = other.getConnection();
                    Statement statement = connection.createStatement()) {
                // What a demoted server answers to a write.
                assertThatThrownBy(() ->
                                statement.execute(
                                        "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1290, MESSAGE_TEXT = 'read-only'"))
                        .isInstanceOf(SQLException.class);
            }

            assertThat(connectionId(pool)).isNotEqualTo(before);
        }
        TestDatabase.drop(database);
    }

    private static boolean isMariaDb(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT VERSION()")) {
            return row.next() && row.getString(1).contains("MariaDB");
        }
    }

    private static long connectionId(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT CONNECTION_ID()")) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void who_asks_rarely_keeps_no_connection_that_the_server_could_end() {
        Database database = TestDatabase.fresh();
        try {
            JdbcClient jdbc = database.askingRarely();
            String connection = "SELECT CONNECTION_ID()";

            assertThat(jdbc.sql(connection).query(Long.class).single())
                    .isNotEqualTo(jdbc.sql(connection).query(Long.class).single());
        } finally {
            TestDatabase.drop(database);
        }
    }

    @Test
    void a_wait_for_a_lock_that_ran_out_is_no_deadlock() {
        SQLException deadlock = new SQLException("Deadlock found", "40001", 1213);
        SQLException wait = new SQLException("Lock wait timeout exceeded", "40001", 1205);

        assertThat(DatabaseTrouble.isDeadlock(new IllegalStateException(deadlock))).isTrue();
        assertThat(DatabaseTrouble.isDeadlock(new IllegalStateException(wait))).isFalse();
        assertThat(DatabaseTrouble.isTransient(wait)).isTrue();
    }

    @Test
    void of_several_servers_that_do_not_answer_what_each_said_is_told() {
        Database nowhere = new Database("jdbc:mysql://127.0.0.1:1,127.0.0.1:2/x", "u", "p");

        assertThatThrownBy(() -> nowhere.open("test", 1))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("none of the servers takes writes")
                .hasMessageContaining("Connection refused");
    }

    @Test
    void a_database_that_does_not_exist_is_told_with_the_remedy() {
        Database database = TestDatabase.fresh();
        TestDatabase.drop(database);

        assertThatThrownBy(() -> database.open("test", 1))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("CREATE DATABASE");
    }

    @Test
    void an_address_without_options_is_enough_and_encrypted_on_mysql() throws SQLException {
        Database database = TestDatabase.fresh();
        Database bare = at(database.url().replaceFirst("\\?.*$", ""), database);

        try (HikariDataSource opened = bare.open("test", 1);
                Connection connection = opened.getConnection();
                Statement statement = connection.createStatement()) {
            boolean isMySql;
            try (ResultSet version = statement.executeQuery("SELECT @@version")) {
                version.next();
                isMySql = !version.getString(1).contains("MariaDB");
            }
            try (ResultSet cipher =
                    statement.executeQuery("SHOW SESSION STATUS LIKE 'Ssl_cipher'")) {
                cipher.next();
                if (isMySql) {
                    assertThat(cipher.getString(2)).isNotEmpty();
                }
            }
        }
        TestDatabase.drop(database);
    }

    @Test
    void an_address_without_a_database_is_told() {
        Database database = TestDatabase.fresh();
        Database nameless = at(database.url().replaceFirst("/[^/?]*(\\?.*)?$", "/$1"), database);

        assertThatThrownBy(() -> nameless.open("test", 1))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("names no database: write jdbc:mysql://HOST/DATABASE");
        TestDatabase.drop(database);
    }

    @Test
    void a_database_of_something_else_is_left_alone() throws SQLException {
        Database database = TestDatabase.fresh();
        try (Connection connection =
                        DriverManager.getConnection(
                                database.url(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE other (id INT)");
        }

        assertThatThrownBy(() -> database.open("test", 1))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("holds tables of something else");
        TestDatabase.drop(database);
    }

    @Test
    void a_schema_newer_than_the_program_is_refused() {
        try (TestLog test = new TestLog()) {
            test.jdbc
                    .sql(
                            """
                            INSERT INTO flyway_schema_history
                                   (installed_rank, version, description, type, script, checksum, installed_by,
                                    execution_time, success)
                            VALUES (1000, '1000', 'from the future', 'SQL', 'V1000__x.sql', 1, 'x', 1, TRUE)
                            """)
                    .update();

            assertThatThrownBy(() -> test.database.open("test", 1))
                    .isInstanceOf(UnusableDatabaseException.class)
                    .hasMessageContaining("version 1000")
                    .hasMessageContaining("newer than this program");
        }
    }

    /** A database refuses a program in which a migration that it has had is another. */
    @Test
    void migrations_stay_as_they_were_released() {
        try (TestLog test = new TestLog()) {
            assertThat(
                            test.jdbc
                                    .sql(
                                            "SELECT CONCAT('V', version, ' ', checksum) FROM flyway_schema_history ORDER BY installed_rank")
                                    .query(String.class)
                                    .list())
                    .containsExactly(
                            "V1 -2102670860",
                            "V2 1726149979",
                            "V3 972146833",
                            "V4 -1575600298",
                            "V5 409538992",
                            "V6 1080615133",
                            "V7 -1039113421",
                            "V8 1553909190",
                            "V9 -1159360598",
                            "V10 819734156",
                            "V11 759675594",
                            "V12 499114145",
                            "V13 575279536",
                            "V14 14181980",
                            "V15 1430271009",
                            "V16 829438353",
                            "V17 526365285",
                            "V18 1017620227",
                            "V19 873636955",
                            "V20 1787594347",
                            "V21 1447587116",
                            "V22 424233860",
                            "V23 -325123287",
                            "V24 2127538035");
        }
    }
}
