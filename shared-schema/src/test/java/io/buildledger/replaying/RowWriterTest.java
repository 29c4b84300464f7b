package io.buildledger.replaying;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.testing.TestLog;
import io.buildledger.viewing.ViewTable;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcTemplate;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RowWriterTest {

    private static final ViewTable VIEW = ViewTable.BUILDSETS;
    private static final String TABLE = VIEW.tableName();

    @TempDir private Path directory;

    private final TestLog test = new TestLog();
    private HikariDataSource dataSource;
    private JdbcTemplate jdbc;
    private boolean isLoadingTaken;

    @BeforeEach
    void open() {
        dataSource = test.database.poolToLoad("rows", 1, directory);
        jdbc = new JdbcTemplate(dataSource);
        isLoadingTaken =
                test.jdbc.sql("SELECT @@GLOBAL.local_infile").query(Boolean.class).single();
    }

    @AfterEach
    void close() {
        takeLoading(isLoadingTaken);
        dataSource.close();
        test.close();
    }

    private void takeLoading(boolean isTaken) {
        test.jdbc.sql("SET GLOBAL local_infile = " + (isTaken ? "ON" : "OFF")).update();
    }

    private RowWriter writer(boolean isLoading) {
        takeLoading(true);
        return isLoading ? new LoadedRows(jdbc, directory) : new InsertedRows(jdbc);
    }

    private static @Nullable Object[] buildset(long id, String reason, @Nullable Instant end) {
        return new @Nullable Object[] {
            id,
            "nightly",
            reason,
            "/srv/git/app",
            "",
            "NULL",
            "\\N",
            Instant.parse("2026-02-03T04:05:06.000007Z"),
            end == null ? null : "SUCCESS",
            end
        };
    }

    private List<@Nullable Object[]> written() {
        ReplayedTable table = ReplayedTable.of(VIEW);
        return test.jdbc
                .sql(table.select() + " ORDER BY buildset_id")
                .query((row, _) -> table.read(row))
                .list();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rows_are_written_as_they_are(boolean isLoading) {
        List<@Nullable Object[]> rows =
                List.of(
                        buildset(1, "a\tb\nc\r\nd\\e\\N'\"`\0\b\u001A%_;--", null),
                        buildset(2, "ünïcode 日本 😀", Instant.parse("2026-11-30T23:59:59.999999Z")),
                        buildset(3, "\\", Instant.parse("2026-11-30T00:00:00Z")),
                        buildset(Long.MAX_VALUE, "", null));

        writer(isLoading).write(TABLE, VIEW, rows);

        assertThat(written()).usingRecursiveComparison().isEqualTo(rows);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_row_that_can_t_be_written_as_it_is_is_refused(boolean isLoading) {
        RowWriter writer = writer(isLoading);
        writer.write(TABLE, VIEW, List.<@Nullable Object[]>of(buildset(1, "", null)));

        assertThatThrownBy(() ->
                        writer.write(
                                TABLE,
                                VIEW,
                                List.of(buildset(2, "", null), buildset(1, "again", null))))
                .isInstanceOf(DataIntegrityViolationException.class)
                .hasMessageContaining("Duplicate entry '1'");
        assertThatThrownBy(() ->
                        writer.write(
                                TABLE,
                                VIEW,
                                List.<@Nullable Object[]>of(buildset(3, "x".repeat(2000), null))))
                .isInstanceOf(DataIntegrityViolationException.class)
                .hasMessageContaining("'reason'");
    }

    @Test
    void loading_is_tried_before_it_is_counted_on() {
        takeLoading(true);

        assertThat(LoadedRows.areTaken(jdbc, directory, TABLE, VIEW)).isTrue();
        // Of connections that offer no files the server wants none.
        assertThat(LoadedRows.areTaken(new JdbcTemplate(test.dataSource), directory, TABLE, VIEW))
                .isFalse();
        assertThat(written()).isEmpty();
    }
}
