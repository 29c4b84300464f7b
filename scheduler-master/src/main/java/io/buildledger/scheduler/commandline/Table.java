package io.buildledger.scheduler.commandline;

import io.buildledger.showing.Printable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows in aligned columns. Control characters are replaced, so that what people wrote into a change
 * can't move the reader's cursor.
 */
final class Table {

    private static final String GAP = "  ";

    /** Below this a cut column says nothing any more, and lines become longer than the terminal. */
    private static final int NARROWEST = 10;

    private final int flexible;
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * @param flexible which column gives way on a narrow terminal, from 0
     */
    Table(int flexible, String... titles) {
        this.flexible = flexible;
        rows.add(List.of(titles));
    }

    void row(String... cells) {
        rows.add(Arrays.stream(cells).map(Printable::of).toList());
    }

    List<String> lines(int columns) {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        int total = Arrays.stream(widths).sum() + GAP.length() * (widths.length - 1);
        if (total > columns) {
            widths[flexible] = Math.max(NARROWEST, widths[flexible] - (total - columns));
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String shown = Printable.cut(row.get(i), widths[i]);
            line.append(shown).repeat(' ', widths[i] - shown.length()).append(GAP);
        }
        return line.toString().stripTrailing();
    }
}
