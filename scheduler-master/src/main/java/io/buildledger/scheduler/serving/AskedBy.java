package io.buildledger.scheduler.serving;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;

/** Who asks for something, and why, as the fields of a command say it. */
record AskedBy(String name, String reason) {

    private static final String REQUESTED_BY = "requestedBy";
    private static final List<String> FIELDS = List.of("reason", REQUESTED_BY);
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_REASON = 500;

    /** Of a command that has no other fields. */
    static AskedBy of(HttpServletRequest request) throws IOException {
        SentFields fields = SentFields.of(request, FIELDS);
        return new AskedBy(name(fields), fields.line("reason", "", LONGEST_REASON));
    }

    /** Of a command that has no reason. */
    static String nameOf(HttpServletRequest request) throws IOException {
        return name(SentFields.of(request, List.of(REQUESTED_BY)));
    }

    /** A form sends a name also where none was entered. */
    private static String name(SentFields fields) {
        String name = fields.line(REQUESTED_BY, "", LONGEST_NAME).strip();
        return name.isEmpty() ? "somebody" : name;
    }
}
