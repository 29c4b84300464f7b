package io.buildledger.scheduler.serving;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;

/** Who asks for something, and why, as the fields of a command say it. */
record AskedBy(String name, String reason) {

    private static final List<String> FIELDS = List.of("reason", "requestedBy");
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_REASON = 500;

    /** Of a command that has no other fields. */
    static AskedBy of(HttpServletRequest request) throws IOException {
        SentFields fields = SentFields.of(request, FIELDS);
        return new AskedBy(
                fields.line("requestedBy", "somebody", LONGEST_NAME),
                fields.line("reason", "", LONGEST_REASON));
    }
}
