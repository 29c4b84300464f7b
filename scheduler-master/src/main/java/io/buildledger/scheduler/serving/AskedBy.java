package io.buildledger.scheduler.serving;

import io.buildledger.scheduler.admitting.Asker.Permit;
import io.buildledger.scheduler.serving.Sent.Fields;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;

/** Who asks for something that they may, and why, as the fields of a command say it. */
record AskedBy(String name, String reason) {

    /** Of a command that has no other fields. */
    static AskedBy of(HttpServletRequest request, Permit permit) throws IOException {
        return of(SentFields.of(request, Sent.WHY), permit);
    }

    /** Of a command that has more fields. */
    static AskedBy of(SentFields fields, Permit permit) {
        return new AskedBy(nameIn(fields, permit), fields.line(Fields.REASON));
    }

    /** Of a command that has no reason. */
    static String nameOf(HttpServletRequest request, Permit permit) throws IOException {
        return nameIn(SentFields.of(request, Sent.WHO), permit);
    }

    /** A form sends a name also where none was entered. */
    static String nameIn(SentFields fields, Permit permit) {
        String name = fields.line(Fields.REQUESTED_BY).strip();
        return permit.nameOr(name.isEmpty() ? "somebody" : name);
    }
}
