package io.buildledger.auditing;

import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.SequenceWriter;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/**
 * Rows as CSV (RFC 4180): a header, commas, CRLF, and nothing in a cell that is null.
 *
 * <p>What people and programs wrote into the log may end in a spreadsheet, which takes a text that
 * begins with {@code =}, {@code +}, {@code -}, {@code @}, a tab or a return for a formula. Such a
 * text gets an apostrophe before it, as OWASP advises; whoever needs the bytes as they are takes
 * JSON.
 */
public final class Sheet implements AutoCloseable {

    private static final Pattern FORMULA = Pattern.compile("(?s)[=+\\-@\t\r].*");

    private static final CsvMapper CSV = new CsvMapper();

    private final List<String> columns;
    private final SequenceWriter rows;

    /**
     * @param to stays open; what cannot be written to it is a {@link
     *     tools.jackson.core.exc.JacksonIOException}
     */
    public Sheet(Writer to, List<String> columns) {
        this.columns = columns;
        CsvSchema.Builder schema = CsvSchema.builder().setLineSeparator("\r\n").setUseHeader(true);
        columns.forEach(schema::addColumn);
        this.rows =
                CSV.writer(schema.build())
                        .without(StreamWriteFeature.AUTO_CLOSE_TARGET)
                        .writeValues(to);
    }

    /**
     * @param cells as many as there are columns; texts, numbers and nulls
     */
    public void row(@Nullable Object... cells) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        for (int i = 0; i < cells.length; i++) {
            row.put(columns.get(i), cells[i] instanceof Number ? cells[i] : safe(cells[i]));
        }
        rows.write(row);
    }

    private static @Nullable String safe(@Nullable Object cell) {
        String text = cell == null ? null : cell.toString();
        return text != null && FORMULA.matcher(text).matches() ? "'" + text : text;
    }

    /** Writes what has not been written yet. */
    @Override
    public void close() {
        rows.close();
    }
}
