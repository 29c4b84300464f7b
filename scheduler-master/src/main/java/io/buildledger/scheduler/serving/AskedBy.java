package io.buildledger.scheduler.serving;

import io.buildledger.scheduler.admitting.Asker.Permit;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;

/** Who asks for something that they may, and why, as the fields of a command say it. */
record AskedBy(String name, String reason) {

    static final String REQUESTED_BY = "requestedBy";
    private static final String REASON = "reason";
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_REASON = 500;

    /** Of a command that has no other fields. */
    static AskedBy of(HttpServletRequest request, Permit permit) throws IOException {
        return of(SentFields.of(request, List.of(REASON, REQUESTED_BY)), permit);
    }

    /** Of a command that has more fields. */
    static AskedBy of(SentFields fields, Permit permit) {
        return new AskedBy(nameIn(fields, permit), fields.line(REASON, "", LONGEST_REASON));
    }

    /** Of a command that has no reason. */
    static String nameOf(HttpServletRequest request, Permit permit) throws IOException {
        return nameIn(SentFields.of(request, List.of(REQUESTED_BY)), permit);
    }

    /** A form sends a name also where none was entered. */
    static String nameIn(SentFields fields, Permit permit) {
        String name = fields.line(REQUESTED_BY, "", LONGEST_NAME).strip();
        return permit.nameOr(name.isEmpty() ? "somebody" : name);
    }
}
